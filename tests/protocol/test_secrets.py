import pytest

from dendrite_cli.protocol.secrets import shown

SIGNATURE = "ab" * 64


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "proxy-authorization", "COOKIE", "Set-Cookie", "X-Api-Key", "apikey", "X-Auth-Token"),
        *("Client-Secret", "bt_header_input_obj_api_key", "Epistula-Secret-Signature-0", "X-My-Hotkey"),
    ],
)
def test_what_sounds_like_a_secret_is_withheld(name):
    assert shown({name: "hunter2"}, None) == {name: "[withheld]"}


@pytest.mark.parametrize(
    "name", ["bt_header_axon_hotkey", "bt_header_dendrite_hotkey", "X-Bittensor-Hotkey", "Content-Type", "name"]
)
def test_public_addresses_and_other_headers_stay_readable(name):
    assert shown({name: "5F3s"}, SIGNATURE) == {name: "5F3s"}


def test_our_signature_is_elided_wherever_it_stands():
    assert shown({"a": f"0x{SIGNATURE}", "b": f"x {SIGNATURE.upper()}!"}, SIGNATURE) == {
        "a": "[our signature]",
        "b": "x [our signature]!",
    }
