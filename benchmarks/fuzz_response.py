"""Random bytes as an axon's answer, for as long as you like: nothing but the documented errors may come of them.

    pip install atheris && python benchmarks/fuzz_response.py -max_total_time=600
    python benchmarks/fuzz_response.py --seconds 60

With atheris the bytes are led by the code they reach (its options: libFuzzer). Without it they are mutated at
random, which finds less. What is found belongs into tests/hostile/test_fuzz.py as a plain test.
"""

import argparse
import random
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bittensor_wallet import Keypair

from dendrite_cli import records
from dendrite_cli.engine.decompression import TooLargeError, UndecodableError
from dendrite_cli.engine.response import CutOffError, NotHttpError, Response
from dendrite_cli.model import Axon, Call, Outcome, Request
from dendrite_cli.protocol import Stamp
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.reflection import ChallengeWire, InquiryWire, RoutesWire
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.answer import read_any, reader

_MOST = 64 * 1024
_PIECE = 97
"""Bytes that are fed at once, so that everything is cut somewhere."""
_OURS = Keypair.create_from_uri("//dendrite")
_AXON = Axon("192.0.2.1", 8091, Keypair.create_from_uri("//axon").ss58_address)
_WIRES = (
    SynapseWire(Request("Echo", reader(None, 12.0))),
    BtauthWire(Call("/x", read_any, body=b"{}")),
    ChallengeWire(lambda *_: True),
    InquiryWire(_OURS.ss58_address, lambda _: True),
    RoutesWire(),
)
_MESSAGES = tuple(wire.message(_AXON, Stamp(10**18, "uuid"), _OURS) for wire in _WIRES)
_SEEDS = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\nbt_header_axon_process_time: 0.1\r\n\r\n{"text":"hi"}',
    b'HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"message":"no."}\r\n0\r\nX: y\r\n\r\n',
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b"HTTP/1.1 404 Not Found\r\nRetry-After: 3\r\n\r\nSynapse name '' not found. Available synapses ['Synapse']",
)


def one(data: bytes) -> None:
    """Take the bytes for an answer, understand it by every protocol, and make records of it."""
    response = Response(_MOST)
    try:
        for at in range(0, len(data), _PIECE):
            response.feed(data[at : at + _PIECE])
        response.end()
    except (NotHttpError, TooLargeError, UndecodableError, CutOffError):
        return
    finally:
        response.release()
    reply = response.reply()
    for wire, message in zip(_WIRES, _MESSAGES, strict=True):
        told = wire.read(message, reply)
        outcome = Outcome(0, _AXON, told.verdict, wire.name, status_message=told.status_message, claimed=told.claimed)
        records.encode(records.result(outcome, "run"))


def main() -> None:
    """Fuzz until libFuzzer or the time ends it; what is found is raised."""
    try:
        import atheris  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        _at_random()
        return
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(_SEEDS):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], one)
        atheris.Fuzz()


def _at_random() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("atheris is not installed: mutating at random")
    chance, tried, until = random.Random(options.seed), 0, time.monotonic() + options.seconds  # noqa: S311 - no secret
    while time.monotonic() < until:
        data = bytearray(chance.choice(_SEEDS))
        for _ in range(chance.randint(1, 12)):
            _mutate(data, chance)
        try:
            one(bytes(data))
        except BaseException:
            print(f"found by {bytes(data)!r}")
            raise
        tried += 1
    print(f"{tried:,} answers, nothing found")


def _mutate(data: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(data))
    with suppress(IndexError):
        match chance.randint(0, 3):
            case 0:
                data[at] = chance.randint(0, 255)
            case 1:
                del data[at : at + chance.randint(1, 20)]
            case 2:
                data[at:at] = chance.choice(_SEEDS)[: chance.randint(1, 60)]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 8))


if __name__ == "__main__":
    main()
