import pytest
from bittensor_wallet import Keypair
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.mock.verify import Nonces, UnverifiedError, verify
from dendrite_cli.protocol.signing import signed_text
from dendrite_cli.synapse.model import Synapse

SENDER = Keypair.create_from_uri("//dendrite")
HOTKEY = Keypair.create_from_uri("//axon").ss58_address
NOW = 1_750_000_000_000_000_000
SECOND = 10**9


def request(nonce=NOW, uuid="lane", *, timeout=5.0, version=10_005_000, **changed):
    signature = SENDER.sign(signed_text(nonce, SENDER.ss58_address, HOTKEY, uuid, "hash").encode())
    dendrite = {"nonce": nonce, "uuid": uuid, "version": version, "hotkey": SENDER.ss58_address}
    dendrite |= {"signature": f"0x{signature.hex()}"} | changed
    return Synapse(dendrite=dendrite, timeout=timeout, computed_body_hash="hash")


def test_the_first_nonce_may_be_four_seconds_and_the_timeout_old():
    verify(request(NOW - 9 * SECOND + 1), HOTKEY, Nonces(), NOW)

    with pytest.raises(UnverifiedError, match=r"acceptable delta is 9.00 seconds but request was 9.00 seconds old"):
        verify(request(NOW - 9 * SECOND), HOTKEY, Nonces(), NOW)


def test_a_known_sender_only_has_to_count_upwards():
    nonces = Nonces()
    verify(request(NOW), HOTKEY, nonces, NOW)

    verify(request(NOW + 1), HOTKEY, nonces, NOW + 3600 * SECOND)
    with pytest.raises(UnverifiedError, match="a newer one was last processed"):
        verify(request(NOW + 1), HOTKEY, nonces, NOW)


@pytest.mark.parametrize("version", [None, 7_001_999])
def test_a_sender_before_7_2_has_no_window_but_is_not_replayed_either(version):
    nonces = Nonces()
    verify(request(5, version=version), HOTKEY, nonces, NOW)

    with pytest.raises(UnverifiedError, match="a newer one was last processed"):
        verify(request(5, version=version), HOTKEY, nonces, NOW)


def test_a_signature_for_another_axon_does_not_verify():
    with pytest.raises(UnverifiedError, match="Signature mismatch with"):
        verify(request(), SENDER.ss58_address, Nonces(), NOW)


@given(st.text(max_size=140) | st.binary(max_size=70).map(lambda data: "0x" + data.hex()))
def test_no_signature_but_the_senders_verifies(nonsense):
    with pytest.raises(UnverifiedError):
        verify(request(signature=nonsense), HOTKEY, Nonces(), NOW)


@given(st.text(max_size=70))
def test_no_text_is_taken_for_a_senders_address(nonsense):
    with pytest.raises(UnverifiedError):
        verify(request(hotkey=nonsense), HOTKEY, Nonces(), NOW)


def test_the_memory_is_bounded_and_forgets_who_was_silent_longest():
    nonces = Nonces(most=2)
    for sender in ("a", "b", "a", "c"):
        nonces.accept((sender, "lane"), NOW)

    assert [nonces.last((sender, "lane")) for sender in "abc"] == [NOW, None, NOW]
