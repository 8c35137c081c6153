"""What would be sent, shown instead: the same messages, made by the same wires and signer, and no network."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from dendrite_cli import records
from dendrite_cli.cli.display import Display
from dendrite_cli.cli.groups import Instead, Shown
from dendrite_cli.cli.options import Format, Layer
from dendrite_cli.cli.selecting import Chosen
from dendrite_cli.cli.sending import Sender
from dendrite_cli.engine.address import host_of, is_numeric, source_for
from dendrite_cli.engine.http import ALWAYS
from dendrite_cli.engine.limits import Limits
from dendrite_cli.errors import ExitCode, UsageError
from dendrite_cli.model import Axon, Draft, Verdict
from dendrite_cli.output import curl, listing, request
from dendrite_cli.protocol import Message, Stamp, Wire
from dendrite_cli.protocol.secrets import shown as without_secrets
from dendrite_cli.protocol.signing import elide
from dendrite_cli.protocol.synapse import SynapseWire

_AGENT = {"User-Agent": ALWAYS["User-Agent"]}


def check(instead: Instead, shown: Shown, layer: Layer | None = None) -> None:
    """Raise UsageError for options that make no sense when nothing is sent."""
    if not instead:
        return
    name = "--curl" if instead.curl else "--dry-run"
    if instead.curl and instead.dry_run:
        raise UsageError("--dry-run and --curl both say what is shown instead of sending", help="give one of them")
    if layer is Layer.TCP:
        raise UsageError(
            f"--layer tcp only connects; there is no request that {name} could show",
            help="use --layer http or --layer synapse",
        )
    if shown.only or shown.sort:
        raise UsageError(
            f"{'--only' if shown.only else '--sort'} is for what axons answer, and with {name} none is asked",
            help="leave it out",
        )
    if instead.curl and shown.output is not Format.AUTO:
        raise UsageError(
            f"--curl writes lines for a shell, and -o {shown.output.value} something else",
            help="leave -o out, or write -o auto where a setting has chosen it; --dry-run writes records",
        )
    if shown.output is Format.RAW:
        raise UsageError("-o raw is for an axon's answer, and none is asked", help="use -o json or -o ndjson")


@dataclass(frozen=True, slots=True)
class Unsent:
    """A run that is ready to be sent, and is not."""

    chosen: Chosen
    choose: Callable[[Axon], Wire]
    sender: Sender
    limits: Limits
    display: Display
    rounds: int = 1

    def show(self, instead: Instead) -> ExitCode:
        """Write a line of curl or the request for every axon."""
        if self.rounds > 1:
            self.display.terminal.note(f"all {self.rounds} rounds ask alike; one is shown")
        if self.display.view.columns:
            self.display.terminal.note("--columns are of what axons answer; a request is shown whole")
        if self.chosen.barred:
            self.display.terminal.note(_not_dialled(self.chosen.barred.values()))
        if instead.curl:
            self._write_lines()
        else:
            self._write_drafts()
        return ExitCode.OK

    def _write_lines(self) -> None:
        """Write each line as soon as it is signed: its signature ages from then on."""
        if self.sender.signer:
            lives = min((self.choose(axon).lifetime for _, axon in self.chosen.dialled), default=0.0)
            self.display.terminal.note(
                f"a signature lives {lives:g} s and is taken once; "
                "until then, whoever has the line can send it in your name"
            )
        for _, axon in self.chosen.dialled:
            message = self._message(self.choose(axon), axon)
            line = curl.line(
                message.method,
                message.url(axon),
                _not_in(message, _AGENT) | dict(message.headers),
                message.content,
                total=self.limits.total,
                connect=self.limits.connect,
            )
            self.display.terminal.write(line + b"\n")

    def _write_drafts(self) -> None:
        terminal = self.display.terminal
        if self.display.format is Format.TABLE:
            self._write_text()
        elif self.display.format is Format.CSV:
            rows = [_flat(records.request(draft)) for draft in self._drafts()]
            if rows:
                listing.write_csv(terminal, rows, rows[0])
        elif self.display.format is Format.NDJSON:
            for draft in self._drafts():
                listing.write_records(terminal, [records.request(draft)], lines=True)
        else:
            rows = [records.request(draft) for draft in self._drafts()]
            listing.write_records(terminal, rows, lines=False)
        self._say_what_is_missing()
        terminal.note("dry run: nothing was sent")

    def _say_what_is_missing(self) -> None:
        """Name the hosts that a real run would look up, where their addresses are part of the request."""
        names = [
            axon.endpoint
            for _, axon in self.chosen.dialled
            if self.choose(axon).name == SynapseWire.name and not is_numeric(axon.host)
        ]
        if names:
            who = f"{names[0]} is" if len(names) == 1 else f"{len(names)} host names are"
            self.display.terminal.note(f"{who} not looked up; a real request names the axon's address and ours")

    def _write_text(self) -> None:
        terminal = self.display.terminal
        largest = 0
        for number, draft in enumerate(self._drafts()):
            text, cut = request.text(draft, ellipsis=terminal.symbols.ellipsis)
            terminal.write_text(text if number == 0 else f"\n{text}")
            largest = max(largest, len(draft.body) if cut else 0)
        if largest:
            terminal.note(f"cut: a body has {largest:,} bytes; -o json shows all of it")

    def _drafts(self) -> Iterator[Draft]:
        """Yield what would be sent to every axon, without our signature and other secrets."""
        for index, axon in self.chosen.dialled:
            wire = self.choose(axon)
            message = self._message(wire, axon)
            yield Draft(
                index,
                axon,
                wire.name,
                wire.route,
                message.method,
                message.url(axon),
                _shown_headers(axon, message),
                _without_signature(message),
                message.size,
            )

    def _message(self, wire: Wire, axon: Axon) -> Message:
        source = source_for(axon.host) if is_numeric(axon.host) else None
        return wire.message(axon, Stamp(time.time_ns(), str(uuid4()), source), self.sender.signer)


def _not_dialled(verdicts: Iterable[Verdict]) -> str:
    reasons = ", ".join(f"{count} {verdict.value}" for verdict, count in Counter(verdicts).items())
    return f"left out, because they are not dialled: {reasons}"


def _flat(record: Mapping[str, object]) -> dict[str, object]:
    """Return a request's record with its axon's keys beside its own."""
    axon = record["axon"]
    spread = {f"axon.{key}": value for key, value in axon.items()} if isinstance(axon, dict) else {}
    return {key: value for key, value in record.items() if key not in {"schema", "type", "axon"}} | spread


def _without_signature(message: Message) -> bytes:
    if message.signature is None:
        return message.content
    # byte for character: the body need not be text
    return str(elide(message.content.decode("latin-1"), message.signature)).encode("latin-1")


def _shown_headers(axon: Axon, message: Message) -> dict[str, str]:
    told = _whole(axon, message)
    for signature in message.signatures or (None,):
        told = without_secrets(told, signature)
    return told


def _whole(axon: Axon, message: Message) -> dict[str, str]:
    """Return the message's headers after those that every request of ours has."""
    length = {"Content-Length": str(len(message.content))} if message.content else {}
    return _not_in(message, {"Host": host_of(axon)} | ALWAYS | length) | dict(message.headers)


def _not_in(message: Message, ours: Mapping[str, str]) -> dict[str, str]:
    """Return those of our headers that the message has none of its own for."""
    given = {name.lower() for name in message.headers}
    return {name: value for name, value in ours.items() if name.lower() not in given}
