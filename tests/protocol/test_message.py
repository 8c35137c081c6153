import pytest

from dendrite_cli.model import Axon
from dendrite_cli.protocol import Message

MESSAGE = Message("POST", "/Echo", {"name": "Echo", "timeout": "12.0"}, (b'{"a":1', b',"b":2}'))


@pytest.mark.parametrize(
    ("axon", "url"),
    [
        (Axon("192.0.2.17", 8091), "http://192.0.2.17:8091/Echo"),
        (Axon("2001:db8::1", 8091), "http://[2001:db8::1]:8091/Echo"),
        (Axon("axon.example", 80, address="192.0.2.17"), "http://axon.example:80/Echo"),
    ],
)
def test_a_message_knows_where_it_goes(axon, url):
    assert MESSAGE.url(axon) == url


def test_a_message_knows_its_body_and_size():
    assert MESSAGE.content == b'{"a":1,"b":2}'
    assert MESSAGE.size == len("name: Echo\r\ntimeout: 12.0\r\n") + len(MESSAGE.content)
