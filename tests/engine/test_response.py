"""A response as the socket cuts it."""

import gzip

import pytest

from dendrite_cli.engine.decompression import TooLargeError, UndecodableError
from dendrite_cli.engine.reserve import Reserve
from dendrite_cli.engine.response import NotHttpError, Response


def fed(*pieces: bytes, limit: int = 1 << 20) -> Response:
    response = Response(limit)
    for piece in pieces:
        response.feed(piece)
    return response


def compressed(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(content) + content


def test_a_reason_that_comes_in_two_reads_is_one():
    response = fed(b"HTTP/1.1 503 Service Una", b"vailable\r\nContent-Length: 0\r\n\r\n")

    assert response.reply().reason == "Service Unavailable"


def test_the_reason_is_that_of_the_last_response_not_of_an_interim_one():
    response = fed(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n")

    assert response.reply().reason == "Fine"


@pytest.mark.parametrize("status", [b"000", b"099"])
def test_a_status_below_100_is_none(status):
    with pytest.raises(NotHttpError, match=f"{status.decode()} is no status"):
        fed(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 2\r\n\r\n{}")


SEVERAL = compressed(gzip.compress(b'{"a":') + gzip.compress(b"") + gzip.compress(b"1}"))


@pytest.mark.parametrize("cut", range(1, len(SEVERAL)))
def test_several_gzips_in_a_row_are_one_body_wherever_they_are_cut(cut):
    assert bytes(fed(SEVERAL[:cut], SEVERAL[cut:]).reply().content) == b'{"a":1}'


def test_several_gzips_that_come_byte_by_byte_are_one_body():
    pieces = [SEVERAL[at : at + 1] for at in range(len(SEVERAL))]

    assert bytes(fed(*pieces).reply().content) == b'{"a":1}'


@pytest.mark.parametrize("garbage", [b"garbage", b"\x1f", b"\x1fgarbage", b"\0" + gzip.compress(b"1")])
def test_garbage_behind_a_gzip_is_nobodys_however_it_is_cut(garbage):
    whole = compressed(gzip.compress(b"{}") + garbage)

    for cut in range(len(whole) - len(garbage), len(whole)):
        assert bytes(fed(whole[:cut], whole[cut:]).reply().content) == b"{}"


def test_more_gzips_than_a_server_has_reason_to_send_are_undecodable():
    with pytest.raises(UndecodableError, match="more than 1,024 gzips"):
        fed(compressed(gzip.compress(b"") * 2000))


@pytest.mark.parametrize(
    ("beginning", "nothing"),
    [
        (gzip.compress(b"{}"), b"garbage" * 1000),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\0\0\0\xff\xff" * 1000),
    ],
    ids=["garbage", "empty blocks"],
)
def test_a_body_that_decodes_to_nothing_is_not_taken_for_ever(beginning, nothing):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"

    with pytest.raises(TooLargeError):
        fed(head + beginning, *[nothing] * 200, limit=10_000)


def test_a_second_gzip_that_is_cut_off_is_undecodable():
    with pytest.raises(UndecodableError):
        fed(compressed(gzip.compress(b"{}") + gzip.compress(b"{}")[:-2]))


def test_thousands_of_gzips_stay_within_the_limit():
    one = gzip.compress(b"x" * 1000)

    response = Response(10_000)
    with pytest.raises(Exception, match="more than 10,000 bytes"):
        response.feed(compressed(one * 1000))


def test_nothing_is_untouched_and_anything_is_not():
    assert fed().is_untouched
    assert not fed(b"H").is_untouched
    assert not fed(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b").is_untouched


def announced(size: int, reserve: Reserve) -> Response:
    response = Response(1 << 24, reserve)
    response.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{" % size)
    response.make_room()
    assert response.is_filling
    return response


def test_lengths_that_are_announced_cost_no_more_than_the_reserve_before_they_arrive():
    reserve = Reserve()
    many = [announced(1 << 24, reserve) for _ in range(40)]

    assert sum(len(response.room()) for response in many) < 80 << 20
    for response in many:
        response.release()
    assert len(announced(1 << 24, reserve).room()) == (1 << 24) - 1


@pytest.mark.parametrize("taken", [0, 64 << 20], ids=["set aside", "as it arrives"])
def test_a_large_body_is_whole_whatever_its_pieces(taken):
    reserve = Reserve()
    assert reserve.take(taken)
    body = b"{" + bytes(range(251)) * 12_000 + b"end"
    response = announced(len(body), reserve)
    at = 1
    while response.is_filling:
        room = response.room()
        size = min(len(room), 70_001, len(body) - at)
        room[:size] = body[at : at + size]
        room.release()
        response.fill(size)
        at += size

    assert (response.complete, response.reusable) == (True, True)
    assert bytes(response.reply().content) == body


def test_half_a_large_body_leaves_a_connection_that_is_of_no_more_use():
    response = fed(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")

    assert (response.complete, response.reusable) == (False, False)
