import pytest

from dendrite_cli.protocol import Reply
from dendrite_cli.protocol.probe import recognised


@pytest.mark.parametrize(
    ("content", "headers", "spoken"),
    [
        (b"""{"message":"Synapse name '' not found. Available synapses ['Synapse']"}""", {}, "synapse"),
        (b"{}", {"bt_header_axon_hotkey": "5F"}, "synapse"),
        (b'{"detail":[{"loc":["header","Epistula-Signed-For"]}]}', {}, "epistula"),
        (b"missing or unsupported X-Bittensor-Version (expected '1')", {}, "btauth"),
        (b"<h1>It works!</h1>", {}, None),
        (b" " * 5000 + b"epistula", {}, None),
    ],
)
def test_a_refusal_tells_what_is_spoken(content, headers, spoken):
    assert recognised(Reply(401, "Unauthorized", headers, content)) == spoken
