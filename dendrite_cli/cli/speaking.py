"""From what is asked to the wire of each axon: which protocol it is spoken to in, and at which path."""

import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace

from dendrite_cli.cli.groups import Speaking
from dendrite_cli.cli.options import Layer
from dendrite_cli.cli.protocol_options import Proto
from dendrite_cli.engine.finding import key_of
from dendrite_cli.engine.http import ALWAYS
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Answer, Axon, Call, Content, Request
from dendrite_cli.protocol import Wire
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.epistula import EpistulaWire
from dendrite_cli.protocol.http import HttpWire
from dendrite_cli.protocol.secrets import WITHHELD
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.answer import read_any

_PATH = re.compile(r"/[!-~]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]{0,8000}")
_OURS = re.compile(
    r"host|content-length|transfer-encoding|connection|upgrade|expect|te|trailer|proxy-.*|x-bittensor-.*|epistula-.*|"
    r"bt_header_.*|name|timeout|header_size|total_size|computed_body_hash",
    re.IGNORECASE,
)
"""Headers that the protocols or the connection itself speak for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is asked, in the forms that the protocols need."""

    request: Request | None = None
    """As a synapse; None where it cannot be one."""
    body: bytes = b""
    """As plain HTTP has it."""
    kind: str | None = None
    """The media type of that body."""
    name: str | None = None
    """Of the class, or of the bare route."""
    read: Callable[[Content], Answer] = read_any


class Wires:
    """The wire of every axon of a run: one per protocol and path."""

    def __init__(self, said: Said, speaking: Speaking) -> None:
        """Raise UsageError for options that are no path, method or header."""
        self._said = said
        self._path = _checked_path(speaking.path)
        self._method = _checked_method(speaking.method)
        self._headers = headers(speaking.header or ())
        self._proto = speaking.proto
        self._wires: dict[tuple[str, str | None], Wire] = {}
        self.found: MutableMapping[str, str] = {}
        """What axons were found to speak, by hotkey, else by endpoint."""

    @property
    def finds_out(self) -> bool:
        """Whether axons of which nobody said what they speak are to be found out about."""
        return self._proto is Proto.AUTO

    def protocol_of(self, axon: Axon) -> str:
        """Return what an axon is spoken to in: as it says itself, else as the run does."""
        if axon.protocol:
            return axon.protocol
        if self.finds_out and (found := self.found.get(key_of(axon))):
            return found
        if self._proto is not None and self._proto is not Proto.AUTO:
            return self._proto.value
        plain = (self._path or axon.path) and self._said.name is None and not self.finds_out
        return BtauthWire.name if plain else SynapseWire.name

    def is_known(self, axon: Axon) -> bool:
        """Whether it is said or found already what an axon speaks."""
        return axon.protocol is not None or not self.finds_out or key_of(axon) in self.found

    def lacking(self, axon: Axon) -> str | None:
        """Return why an axon cannot be asked this in its protocol; None where it can."""
        try:
            self(axon)
        except UsageError as problem:
            return problem.message
        return None

    def method_of(self, _axon: Axon) -> str:
        """Return the method of a plain request to an axon."""
        return self._method or ("POST" if self._said.body else "GET")

    def path_of(self, axon: Axon) -> str | None:
        """Return the path of a plain request to an axon; None where there is none to be known."""
        return axon.path or self._path or (f"/{self._said.name}" if self._said.name else None)

    def __call__(self, axon: Axon) -> Wire:
        """Return the wire of an axon."""
        return self.named(self.protocol_of(axon), axon)

    def named(self, protocol: str, axon: Axon) -> Wire:
        """Return the wire of a protocol to an axon; raise UsageError where it cannot be spoken."""
        path = None if protocol == SynapseWire.name else self.path_of(axon)
        if (protocol, path) not in self._wires:
            self._wires[protocol, path] = self._made(protocol, path, axon)
        return self._wires[protocol, path]

    def check_unsent(self, axons: Sequence[Axon]) -> None:
        """Raise UsageError where it is not known what would be sent."""
        if not all(map(self.is_known, axons)):
            raise UsageError("--proto auto finds out by asking, and nothing is sent", help="name the protocol")

    def check(self, axons: Sequence[Axon]) -> None:
        """Raise UsageError for an axon that cannot be asked this."""
        for axon in axons:
            if self.is_known(axon):
                self(axon)
        if axons and {SynapseWire.name} == {self.protocol_of(axon) for axon in axons} and not self.finds_out:
            for name, given in (("--path", self._path), ("--method", self._method)):
                if given:
                    raise UsageError(
                        f"{name} is for btauth and epistula, and a synapse has its own",
                        help="add --proto btauth or --proto epistula",
                    )

    def _made(self, protocol: str, path: str | None, axon: Axon) -> Wire:
        said = self._said
        if protocol == SynapseWire.name:
            if said.request is None:
                raise UsageError(
                    f"{axon.endpoint} is to be asked a synapse, and none is named",
                    help="add --synapse CLASS; or --proto btauth or epistula, and --path /PATH",
                )
            return SynapseWire(replace(said.request, headers=tuple(self._headers.items())))
        if path is None:
            raise UsageError(
                f"{axon.endpoint} is to be asked by {protocol}, and no path says for what", help="add --path /PATH"
            )
        method = self._method or ("POST" if protocol == EpistulaWire.name else self.method_of(axon))
        typed = any(name.lower() == "content-type" for name in self._headers)
        kind = {} if typed or said.kind is None else {"Content-Type": said.kind}
        call = Call(
            path,
            said.read,
            method,
            said.body,
            headers=tuple((kind | self._headers).items()),
            name=said.name,
        )
        return BtauthWire(call) if protocol == BtauthWire.name else EpistulaWire(call)


class Layered:
    """The wires of a ping: of each axon, as deep as what is known of it allows, or as was asked for."""

    def __init__(self, wires: Wires, layer: Layer | None) -> None:
        self._wires = wires
        self._layer = layer
        self._http: dict[str, HttpWire] = {}

    def is_signed(self, axon: Axon) -> bool:
        """Whether an axon is sent what is signed; None of its layers below is."""
        if self._layer is not None:
            return self._layer is Layer.SYNAPSE
        if axon.hotkey is None or not self._wires.is_known(axon):
            return axon.hotkey is not None
        return self._wires.protocol_of(axon) == SynapseWire.name or self._wires.path_of(axon) is not None

    def __call__(self, axon: Axon) -> Wire:
        """Return the wire of an axon."""
        if self.is_signed(axon):
            return self._wires(axon)
        path = self._wires.path_of(axon) or "/"
        return self._http.setdefault(path, HttpWire(path))

    @property
    def found(self) -> MutableMapping[str, str]:
        """What axons were found to speak."""
        return self._wires.found

    def is_known(self, axon: Axon) -> bool:
        """Whether it is said or found already what an axon speaks, or does not matter."""
        return self._wires.is_known(axon) or not self.is_signed(axon)

    def protocol_of(self, axon: Axon) -> str:
        """Return what an axon is spoken to in."""
        return self._wires.protocol_of(axon) if self.is_signed(axon) else HttpWire.name

    def lacking(self, axon: Axon) -> str | None:
        """Return why an axon cannot be asked in its protocol; None where it can."""
        return self._wires.lacking(axon) if self.is_signed(axon) else None

    def check(self, axons: Sequence[Axon]) -> None:
        """Raise UsageError for an axon that cannot be asked at this layer."""
        self._wires.check([axon for axon in axons if self.is_signed(axon)])

    def shallow_note(self, axons: Sequence[Axon]) -> str:
        """Return what is said of axons that are only asked whether they are there."""
        left = [axon for axon in axons if not self.is_signed(axon)]
        nameless = [axon for axon in left if axon.hotkey is None]
        lacking = "hotkey" if nameless else "path"
        few = nameless or left
        who = few[0].endpoint if len(few) == 1 else f"{len(few)} of {len(axons)} axons"
        return f"no {lacking} for {who}: an unsigned HTTP request tells whether it is reachable, not who it is"


def headers(given: Iterable[str]) -> dict[str, str]:
    """Return the headers of `NAME:VALUE`; raise UsageError that does not repeat a value, which may be a secret."""
    told: dict[str, str] = {}
    for text in given:
        name, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or not _TOKEN.fullmatch(name):
            raise UsageError("--header needs a name, a colon and a value", help="write --header 'NAME: VALUE'")
        if not _VALUE.fullmatch(value):
            raise UsageError(f"the value of --header {name} has a line break or a control character in it")
        if value == WITHHELD:
            raise UsageError(f"the run did not keep the header {name}", help=f"give it again: --header '{name}: ...'")
        if _OURS.fullmatch(name):
            raise UsageError(f"the header {name} is not yours to set: the protocol or the connection says it")
        usual = next((known for known in ALWAYS if known.lower() == name.lower()), name)
        if usual.lower() in {known.lower() for known in told}:
            raise UsageError(f"--header {name} is given twice", help="give it once, with all its values")
        told[usual] = value
    return told


def _checked_path(path: str | None) -> str | None:
    if path is not None and (not _PATH.fullmatch(path) or "#" in path):
        raise UsageError(
            f"--path {path!r} is no path of a URL",
            help="it begins with a slash and is sent as it stands: escape what URLs escape, %20 for a space",
        )
    return path


def _checked_method(method: str | None) -> str | None:
    if method is not None and not re.fullmatch("[A-Za-z]{1,20}", method):
        raise UsageError(f"--method {method!r} is no method of HTTP", help="write GET, POST, PUT, PATCH or DELETE")
    return None if method is None else method.upper()
