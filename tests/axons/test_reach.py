import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dendrite_cli.axons.reach import PUBLIC_GENESES, address_of, is_global, is_local, serves, verdict
from dendrite_cli.model import Axon, Verdict

FINNEY = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03"
TEST = "0x8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105"
OWN = "0x" + "5a" * 32

GLOBAL = {
    "an IPv4 address": ["8.8.8.8", "1.0.0.0", "52.95.110.1", "223.255.255.255"],
    "the first before and after 10/8": ["9.255.255.255", "11.0.0.0"],
    "around carrier NAT": ["100.63.255.255", "100.128.0.0"],
    "around loopback": ["126.255.255.255", "128.0.0.0"],
    "around link-local": ["169.253.255.255", "169.255.0.0"],
    "around 172.16/12": ["172.15.255.255", "172.32.0.0"],
    "around 192.0.0/24 and 192.0.2/24": ["191.255.255.255", "192.0.1.0", "192.0.3.0"],
    "around 192.168/16": ["192.167.255.255", "192.169.0.0"],
    "around benchmarks": ["198.17.255.255", "198.20.0.0"],
    "around documentation": ["198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0"],
    "around Azure's host": ["168.63.129.15", "168.63.129.17"],
    "an IPv6 address": ["2606:4700:4700::1111", "2a01:4f8::1", "2001:200::1", "2620:4f:8000::1", "3ffe::1"],
    "around IPv6 documentation": ["2001:db7:ffff::1", "2001:db9::1", "3fff:1000::1", "3ffe:ffff::1"],
    "the ends of 2000::/3": ["2000::1", "3fff:ffff:ffff::1"],
    "IPv4-mapped of a public one": ["::ffff:8.8.8.8", "::ffff:808:808", "0:0:0:0:0:ffff:8.8.8.8"],
    "IPv4-compatible of a public one": ["::8.8.8.8"],
    "NAT64 of a public one": ["64:ff9b::8.8.8.8"],
    "6to4 of a public one": ["2002:808:808::1"],
    "Teredo of a public server and client": ["2001:0:808:808:0:0:f7f7:f7f7"],
}
CLOSED = {
    "this network": ["0.0.0.1", "0.255.255.255"],
    "10/8": ["10.0.0.0", "10.255.255.255"],
    "carrier NAT": ["100.64.0.0", "100.100.100.200", "100.127.255.255"],
    "loopback": ["127.0.0.1", "127.0.0.2", "127.255.255.255", "::1"],
    "Azure's host": ["168.63.129.16"],
    "link-local": ["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1"],
    "172.16/12": ["172.16.0.0", "172.31.255.255"],
    "IETF protocols": [
        "192.0.0.0",
        "192.0.0.9",
        "192.0.0.10",
        "192.0.0.192",
        "192.0.0.255",
        "2001:1::1",
        "2001:1ff::1",
    ],
    "documentation": ["192.0.2.17", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1", "3fff:fff::1"],
    "6to4 relays": ["192.88.99.1"],
    "192.168/16": ["192.168.0.0", "192.168.255.255"],
    "benchmarks": ["198.18.0.0", "198.19.255.255", "2001:2::1"],
    "ORCHID": ["2001:10::1", "2001:20::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.0", "255.255.255.254"],
    "broadcast": ["255.255.255.255"],
    "unique local": ["fc00::1", "fd00:ec2::254"],
    "site-local": ["fec0::1", "feff::1"],
    "discard, and segment identifiers": ["100::1", "100:0:0:1::1", "5f00::1"],
    "never handed out": ["4000::1", "8000::1", "1fff::1", "::ffff:0:8.8.8.8"],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "IPv4-compatible": ["::127.0.0.1", "::10.0.0.1", "::192.168.1.1"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::169.254.169.254"],
    "NAT64 of local use, whatever it ends in": ["64:ff9b:1::10.0.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::1"],
    "6to4": ["2002:7f00:1::1", "2002:a00:1::1", "2002:c0a8:101::", "2002:a9fe:a9fe::1"],
    "Teredo whose client is private": ["2001:0:808:808:0:0:f5ff:fffe"],
    "Teredo whose server is private": ["2001:0:a00:1:0:0:f7f7:f7f7"],
    "a scope, which is a link of ours": ["fe80::1%eth0", "2606:4700::1%eth0", "::ffff:8.8.8.8%1", "::1%lo"],
}
NO_ADDRESS = [
    "localhost", "metadata.google.internal", "axon.example", "127.1", "0x7f.1", "0x7f000001", "2130706433",
    "0177.0.0.1", "127.0.0.01", "017700000001", "127.0.0.1.", " 127.0.0.1", "8.8.8.8 ", "8.8.8", "8.8.8.8:80",
    "[::1]", "[2606:4700::1]", "\u0661\u0662\u0667.0.0.1", "\uff11.1.1.1", "8.8.8.8%eth0", "8.8.8.8/32", "user@8.8.8.8",
]  # fmt: skip
NOT_SERVING = [
    ("0.0.0.0", 0),  # noqa: S104 - an empty entry
    ("0.0.0.0", 8091),  # noqa: S104 - an empty entry
    ("0.0.0.0", 1),  # noqa: S104 - as bittensor 11 clears one
    ("8.8.8.8", 0),
    ("", 8091),
    ("0", 8091),
    ("::", 8091),
    ("0:0:0:0:0:0:0:0", 8091),
    ("::0.0.0.0", 8091),
    ("::ffff:0.0.0.0", 8091),
    ("axon.example", 0),
]


def told(table):
    return [pytest.param(host, id=f"{why}: {host}") for why, hosts in table.items() for host in hosts]


def announced(host: str, port: int = 8091, source: str = "metagraph") -> Axon:
    return Axon(host, port, netuid=1, uid=7, source=source)


def strictly(axon: Axon) -> Verdict | None:
    return verdict(axon, allow_private=False, local_network=False)


@pytest.mark.parametrize("host", told(GLOBAL))
def test_an_announced_address_in_the_internet_is_dialled(host):
    assert strictly(announced(host)) is None


@pytest.mark.parametrize("host", told(CLOSED))
def test_an_announced_address_anywhere_else_is_not_dialled(host):
    assert strictly(announced(host)) is Verdict.PRIVATE_ADDR


@pytest.mark.parametrize("host", NO_ADDRESS)
def test_an_announced_host_that_is_no_plain_address_is_not_dialled(host):
    assert strictly(announced(host)) is Verdict.PRIVATE_ADDR
    assert address_of(host) is None


@pytest.mark.parametrize(("host", "port"), NOT_SERVING)
def test_a_neuron_without_an_axon_is_not_serving_even_where_private_addresses_are_dialled(host, port):
    entry = announced(host, port)

    assert verdict(entry, allow_private=True, local_network=True) is Verdict.NOT_SERVING
    assert strictly(entry) is Verdict.NOT_SERVING
    assert not serves(entry)


@pytest.mark.parametrize("host", [*told(CLOSED), *NO_ADDRESS])
def test_private_addresses_are_dialled_where_that_was_allowed(host):
    assert verdict(announced(host), allow_private=True, local_network=False) is None
    assert verdict(announced(host), allow_private=False, local_network=True) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "localhost", "::1", "0.0.0.0"])  # noqa: S104 - nobody binds
def test_what_the_user_typed_is_always_dialled(host):
    assert strictly(announced(host, source="literal")) is None


@pytest.mark.parametrize("source", ["metagraph", "cache", "snapshot", "", "LITERAL"])
def test_every_source_but_the_user_is_held_to_the_rule(source):
    assert strictly(announced("127.0.0.1", source=source)) is Verdict.PRIVATE_ADDR


def test_an_axon_at_port_1_serves():
    assert serves(announced("8.8.8.8", 1))


@given(st.ip_addresses())
def test_we_are_never_laxer_than_python(address):
    wraps = address.version == 6 and (int(address) >> 120 == 0 or address.teredo or address.sixtofour)
    assume(not wraps)

    # Python's versions differ in what they leave out of is_private; none puts too much into it
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_global(str(address))


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_a_closed_address_open(address):
    inner = int(address)
    wrapped = [
        0xFFFF << 32 | inner,
        inner,
        0x64FF9B << 96 | inner,
        0x2002 << 112 | inner << 80 | 1,
        0x2001_0000 << 96 | 0x0808_0808 << 64 | inner ^ 0xFFFF_FFFF,
        0x2001_0000 << 96 | inner << 64 | 0xF7F7_F7F7,
    ]

    assert {is_global(str(ipaddress.IPv6Address(value))) for value in wrapped} == {is_global(str(address))}


@given(st.text(max_size=50))
def test_any_host_gets_a_verdict(host):
    assert strictly(announced(host)) in {None, Verdict.NOT_SERVING, Verdict.PRIVATE_ADDR}


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_address_is_one_address(address):
    spellings = {address.compressed, address.exploded, address.exploded.upper()}

    assert len({address_of(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost", "127.0.0.1", "127.9.8.7", "::1", "[::1]", "::ffff:127.0.0.1"]
)
@pytest.mark.parametrize("genesis", [OWN, OWN.upper(), OWN.removeprefix("0x")])
def test_a_chain_of_ones_own_on_a_loopback_address_is_local(host, genesis):
    assert is_local(host, genesis)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize("genesis", [FINNEY, TEST, FINNEY.upper(), TEST.removeprefix("0x")])
def test_ones_own_node_of_a_public_network_is_not_local(host, genesis):
    assert not is_local(host, genesis)


@pytest.mark.parametrize("genesis", [None, "", "0x", "0x5a", OWN + "5a", " " + OWN, OWN + "\n"])
def test_a_chain_whose_first_block_is_not_known_is_not_local(genesis):
    assert not is_local("127.0.0.1", genesis)


@pytest.mark.parametrize("host", ["", "10.0.0.5", "192.168.1.2", "0.0.0.0", "127.1", "::2"])  # noqa: S104 - nobody binds
def test_a_chain_on_another_machine_is_not_local(host):
    assert not is_local(host, OWN)


@pytest.mark.parametrize("host", ["node.example", "localhost.example", "127.0.0.1.example", "xlocalhost"])
def test_a_chain_behind_a_name_is_not_local(host):
    assert not is_local(host, OWN)


def test_the_public_chains_are_two():
    assert {f"0x{first}" for first in PUBLIC_GENESES} == {FINNEY, TEST}
