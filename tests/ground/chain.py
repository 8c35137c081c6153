"""What a subnet's JSON says, worked out beside the project: the neurons as a metagraph should have them."""

import hashlib
import json
import lzma
from ipaddress import ip_address
from pathlib import Path

from bittensor_wallet import Keypair

RAO, SHARE = 10**9, 65_535
TAO_WEIGHT = 0.18
"""Of a TAO in a stake, on the stand-in node as on finney."""
_ADDRESS = 48


def neurons(path: Path, netuid: int = 1) -> list[dict]:
    """Return one subnet's neurons as its file has them."""
    text = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    document = json.loads(text)
    subnets = document.get("subnets", [document])
    return next(subnet["neurons"] for subnet in subnets if subnet["netuid"] == netuid)


def row(neuron: dict) -> tuple:
    """Return uid, hotkey, coldkey, host, port, stake, incentive, emission, validator permit, active."""
    host, port = (str(ip_address(neuron["ip"])), neuron["port"]) if neuron.get("ip") else ("0.0.0.0", 0)  # noqa: S104 - nobody binds
    incentive = neuron.get("incentive", 0)
    return (
        neuron["uid"],
        _address(neuron["hotkey"]),
        _address(neuron["coldkey"]),
        host,
        port,
        _stake(neuron) / RAO,
        (round(incentive * SHARE) if isinstance(incentive, float) else incentive) / SHARE,
        _rao(neuron, "emission") / RAO,
        neuron.get("validator_permit", False),
        neuron.get("active", True),
    )


def _stake(neuron: dict) -> int:
    if "total_stake_rao" in neuron:
        return neuron["total_stake_rao"]
    alpha = _rao(neuron, "alpha_stake") or _rao(neuron, "stake")
    return alpha + round(_rao(neuron, "tao_stake") * TAO_WEIGHT)


def _rao(neuron: dict, name: str) -> int:
    return neuron.get(f"{name}_rao", round(neuron.get(name, 0) * RAO))


def _address(label: str) -> str:
    """Return an ss58 address as it is, and that of a key nobody has for any other label."""
    if len(label) == _ADDRESS and label.startswith("5"):
        return label
    return Keypair(public_key=hashlib.blake2b(label.encode(), digest_size=32).hexdigest()).ss58_address
