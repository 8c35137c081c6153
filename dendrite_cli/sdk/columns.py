"""A metagraph from the columns in which the chain tells it.

Both SDKs hand over the same integers, in the chain's own units, so that the same node gives the same metagraph.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from dendrite_cli.model import Axon, Metagraph, Standing

INDICES = {
    "block": 7,
    "hotkeys": 52,
    "coldkeys": 53,
    "axons": 55,
    "active": 56,
    "validator_permit": 57,
    "emission": 60,
    "incentives": 62,
    "total_stake": 69,
}
"""What is asked for: the runtime's `SelectiveMetagraphIndex`. `block` is that of the answer itself."""
RAO = 10**9
"""In one TAO, and in one alpha."""
FULL_SHARE = 65_535
NO_AXON: Mapping[str, Any] = {"ip": 0, "port": 0, "ip_type": 0}
UNSERVED = "0.0.0.0"  # noqa: S104 - nobody binds
PORTS = 2**16
_IPV4_END = 2**32
_IPV6 = 6

Answer = Mapping[str, Any]


def metagraph(answer: Answer, *, network: str, netuid: int, genesis: str | None, fetched_at: float) -> Metagraph:
    """Return what the chain answered; raise ValueError when it is not a metagraph.

    A column may be missing or empty, as runtimes do with the ones they give up: its neurons then have nothing of it.
    """
    hotkeys, block = answer.get("hotkeys"), answer.get("block")
    if not isinstance(hotkeys, Sequence) or not isinstance(block, int):
        raise ValueError("the answer lacks hotkeys or its block")  # noqa: TRY004 - the caller's contract
    columns = {name: _column(answer.get(name), name, len(hotkeys)) for name in INDICES if name != "block"}
    try:
        axons = tuple(_axon(columns, uid, netuid, block) for uid in range(len(hotkeys)))
    except (TypeError, KeyError, AttributeError, OverflowError) as problem:
        raise ValueError(f"a column is not what it was: {problem}") from None
    return Metagraph(network, netuid, block, fetched_at, genesis, axons)


def _column(values: object, name: str, number: int) -> Sequence[Any]:
    if not values:
        return [None] * number
    if not isinstance(values, Sequence) or len(values) != number:
        raise ValueError(f"column {name} is not one value for each of {number} neurons")
    return values


def _axon(columns: Mapping[str, Sequence[Any]], uid: int, netuid: int, block: int) -> Axon:
    endpoint = columns["axons"][uid] or NO_AXON
    hotkey, coldkey = columns["hotkeys"][uid], columns["coldkeys"][uid]
    return Axon(
        host=_host(endpoint["ip"], endpoint["ip_type"]),
        port=_port(endpoint["port"]),
        hotkey=_account(hotkey),
        netuid=netuid,
        uid=uid,
        coldkey=None if coldkey is None else _account(coldkey),
        block=block,
        source="metagraph",
        standing=Standing(
            stake=(columns["total_stake"][uid] or 0) / RAO,
            incentive=(columns["incentives"][uid] or 0) / FULL_SHARE,
            emission=(columns["emission"][uid] or 0) / RAO,
            validator_permit=bool(columns["validator_permit"][uid]),
            active=bool(columns["active"][uid]),
        ),
    )


def _account(value: Any) -> str:  # noqa: ANN401 - a node's metadata say what it is
    """Return an ss58 address; whether it is a valid one the SDK has seen to, that it can stand in a header we do."""
    if not isinstance(value, str) or not (value.isascii() and value.isalnum()):
        raise ValueError("an account is no ss58 address")
    return value


def _port(value: Any) -> int:  # noqa: ANN401 - a node's metadata say what it is
    if not 0 <= value < PORTS:
        raise ValueError("a port is none")
    return int(value)


def _host(ip: int, kind: int) -> str:
    """Return the address; `ip_type` decides, because ::1 is as small a number as 0.0.0.1."""
    if ip == 0:
        return UNSERVED
    if kind == _IPV6 or ip >= _IPV4_END:
        return str(IPv6Address(ip))
    return str(IPv4Address(ip))
