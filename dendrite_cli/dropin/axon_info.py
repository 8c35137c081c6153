"""Where an axon is and whose it is, as bittensor 10's metagraph says it; without an SDK."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any, Self

_log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class AxonInfo:
    """An axon's endpoint as it is announced on the chain, with the names and in the order of bittensor 10's."""

    version: int
    """bittensor's version as major * 10^6 + minor * 10^3 + patch."""
    ip: str
    port: int
    ip_type: int
    """4 or 6."""
    hotkey: str
    """ss58 address."""
    coldkey: str
    protocol: int = 4
    placeholder1: int = 0
    placeholder2: int = 0

    @property
    def is_serving(self) -> bool:
        """Whether any address was announced."""
        return self.ip != "0.0.0.0"  # noqa: S104 - nobody binds

    def ip_str(self) -> str:
        """Return `/ipv4/HOST:PORT`."""
        return f"/ipv{self.ip_type}/{self.ip}:{self.port}"

    def __eq__(self, other: object) -> bool:
        """Whether version, endpoint and keys are the same."""
        return isinstance(other, AxonInfo) and self._key() == other._key()

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __str__(self) -> str:
        return f"AxonInfo( {self.ip_str()}, {self.hotkey}, {self.coldkey}, {self.version} )"

    __repr__ = __str__

    def to_string(self) -> str:
        """Return it as JSON; that of an empty one, logged, where a field is none that JSON has."""
        try:
            return json.dumps(asdict(self))
        except (TypeError, ValueError) as problem:
            _log.error("Error converting AxonInfo to string: %s", problem)
            return _nobody().to_string()

    @classmethod
    def from_string(cls, json_string: str) -> "AxonInfo":
        """Return what `to_string` wrote; an empty one, logged, for anything else."""
        try:
            return cls(**json.loads(json_string))
        except (TypeError, ValueError) as problem:
            _log.error("Error decoding JSON: %s", problem)
            return _nobody()

    @classmethod
    def from_dict(cls, decoded: Mapping[str, Any]) -> Self:
        """Return it from the chain's own fields, `ip` as a number; raise ValueError where one is missing."""
        try:
            return cls(**{name: decoded[name] for name in cls.__dataclass_fields__} | {"ip": _address(decoded["ip"])})
        except KeyError as missing:
            raise ValueError(f"The {cls} structure is missing {missing} from the chain.") from None

    @classmethod
    def list_from_dicts(cls, any_list: Iterable[Mapping[str, Any]]) -> list[Self]:
        """Return several."""
        return [cls.from_dict(decoded) for decoded in any_list]

    @classmethod
    def from_neuron_info(cls, neuron_info: Mapping[str, Any]) -> Self:
        """Return it from a neuron's fields, with those of the chain under `axon_info`."""
        axon = neuron_info["axon_info"]
        return cls(
            version=axon["version"],
            ip=_address(int(axon["ip"])),
            port=axon["port"],
            ip_type=axon["ip_type"],
            hotkey=neuron_info["hotkey"],
            coldkey=neuron_info["coldkey"],
        )

    def to_parameter_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return self.__dict__

    @classmethod
    def from_parameter_dict(cls, parameter_dict: Mapping[str, Any]) -> Self:
        """Return it from its fields by name."""
        return cls(**dict(parameter_dict))

    def _key(self) -> tuple[object, ...]:
        return self.version, self.ip, self.port, self.ip_type, self.coldkey, self.hotkey


def _nobody() -> AxonInfo:
    return AxonInfo(0, "", 0, 0, "", "")


def _address(ip: int | str) -> str:
    return str(ip_address(ip))
