"""A kept run, asked again: through the same wiring as its own command, signed anew."""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from dendrite_cli.axons import reach
from dendrite_cli.cli import streams, wiring
from dendrite_cli.cli.asking import Asked
from dendrite_cli.cli.fanout import Rounds
from dendrite_cli.cli.groups import (
    Bounds,
    Comparing,
    Identity,
    Instead,
    Kept,
    Knowing,
    Pacing,
    Replayed,
    Shown,
    Speaking,
    StreamBounds,
    Streaming,
    Subnet,
)
from dendrite_cli.cli.keeping import Keeping
from dendrite_cli.cli.options import Layer, Only
from dendrite_cli.cli.protocol_options import Proto
from dendrite_cli.cli.reviewing import kept_runs
from dendrite_cli.cli.selecting import Chosen
from dendrite_cli.cli.stream_options import Decode
from dendrite_cli.cli.subnets import Found, find
from dendrite_cli.errors import ExitCode, TargetError, UsageError
from dendrite_cli.history import search
from dendrite_cli.history.kept import REDACTED, exact
from dendrite_cli.history.replay import Again, again
from dendrite_cli.history.trouble import decoding
from dendrite_cli.model import Axon
from dendrite_cli.output.streams import Layout
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.synapse import items
from dendrite_cli.synapse.body import JsonText

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBNET = ("network", "snapshot", "offline", "refresh", "allow_private", "chain_timeout")
"""Options of a subnet that a replay has, too."""
_PATHS = frozenset({"wallet_path", "password_file", "snapshot", "ca"})
_COMMANDS = ("ping", "query", "stream")

_ENUMS: Mapping[str, Callable[[str], object]] = {"layout": Layout, "decode": Decode, "proto": Proto}

Kind = TypeVar("Kind")
Group = TypeVar("Group", Identity, Bounds, StreamBounds, Pacing, Speaking, Streaming, Subnet)


@dataclass(frozen=True, slots=True)
class Overrides:
    """How it is asked otherwise than the run did."""

    given: frozenset[str]
    """Names of the options that are on the command line; what the others say does not matter."""
    identity: Identity
    bounds: Bounds
    pacing: Pacing
    speaking: Speaking
    subnet: Mapping[str, object]

    def over(self, group: Group, kept: Mapping[str, Any], given: Mapping[str, object] | None = None) -> Group:
        """Return a group of options: as it is given, else as the run had it, else its defaults."""
        names = {field.name for field in fields(group)}
        with decoding():
            told = {name: _value(name, value) for name, value in kept.items() if name in names}
        now = given if given is not None else {name: getattr(group, name) for name in names}
        fresh = {name: value for name, value in now.items() if name in self.given}
        # another kind of signer replaces the run's own kind
        if isinstance(group, Identity) and fresh.keys() & {"unsigned", "ephemeral", "wallet", "wallet_hotkey"}:
            told = {name: value for name, value in told.items() if name not in {"unsigned", "ephemeral"}}
        return _group(type(group), told | fresh)


def given(context: typer.Context) -> frozenset[str]:
    """Return the names of the options that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE")


def replay(
    name: str,
    fresh: Sequence[str],
    only: Only | None,
    overrides: Overrides,
    instead: Instead,
    shown: Replayed,
    kept: Kept,
    *,
    same_endpoint: bool,
) -> ExitCode:
    """Ask again what a run has asked; raise HistoryError, TargetError or UsageError where that cannot be."""
    with kept_runs() as db:
        run = again(db, search.find(db, name))
    if run.command not in _COMMANDS:
        raise UsageError(f"a run of {run.command} cannot be asked again")
    if fresh and run.request is None:
        raise UsageError("a ping has no fields", help="leave the items out")
    subnet = overrides.over(Subnet(), run.options.get("subnet", {}), overrides.subnet)
    if "network" in overrides.given:
        subnet = replace(subnet, snapshot=None if "snapshot" not in overrides.given else subnet.snapshot)
    resolving = _Resolving(run, subnet, only, same_endpoint)
    keeping = Keeping(kept, origin=run.id, again=resolving.choose)
    identity = overrides.over(overrides.identity, run.options.get("identity", {}))
    pacing = overrides.over(overrides.pacing, run.options.get("pacing", {}))
    how = {field.name: getattr(shown, field.name) for field in fields(shown)}
    show = Shown(**(how | {"require": shown.require or run.options.get("require")}))
    speaking = overrides.over(overrides.speaking, run.options.get("speaking", {}))
    if run.request is None:
        with decoding():
            layer = Layer(run.options["layer"]) if run.options.get("layer") else None
        bounds = overrides.over(overrides.bounds, run.options.get("bounds", {}))
        rounds = replace(_group(Rounds, run.options.get("rounds", {})), deadline=bounds.deadline)
        return wiring.ping(
            (),
            subnet,
            layer,
            rounds,
            speaking,
            identity,
            bounds,
            pacing,
            show,
            instead,
            keeping,
            _group(Knowing, run.options.get("knowing", {})),
        )
    with decoding():
        asked = _asked(run, fresh)
    if run.command == "stream":
        streaming = overrides.over(Streaming(), run.options.get("streaming", {}), {})
        lasting = overrides.over(StreamBounds(), run.options.get("streambounds", {}), asdict(overrides.bounds))
        return streams.stream((), subnet, asked, speaking, streaming, identity, lasting, pacing, show, instead, keeping)
    bounds = overrides.over(overrides.bounds, run.options.get("bounds", {}))
    comparing = Comparing() if instead else _group(Comparing, run.options.get("comparing", {}))
    return wiring.query((), subnet, asked, speaking, identity, bounds, pacing, show, instead, keeping, comparing)


@dataclass(frozen=True, slots=True)
class _Resolving:
    """Whom a replay asks."""

    run: Again
    subnet: Subnet
    only: Only | None
    same_endpoint: bool

    def choose(self, terminal: Terminal) -> Chosen:
        """Return the run's axons, those of a metagraph where they are now."""
        axons = self.run.only(self.only.value if self.only else None)
        if not axons:
            raise TargetError(f"of run {self.run.id} no axon is {self.only}")
        moving = [axon for axon in axons if axon.source == "metagraph" and axon.hotkey]
        known = self.subnet.netuid is not None or self.subnet.snapshot is not None
        found = find(self.subnet, terminal) if moving and known and not self.same_endpoint else None
        chosen = tuple(axons if found is None else self._where_they_are(axons, found, terminal))
        local = found.is_local if found else bool(self.run.options.get("local"))
        verdicts = (
            reach.verdict(axon, allow_private=self.subnet.allow_private, local_network=local) for axon in chosen
        )
        barred = {index: verdict for index, verdict in enumerate(verdicts) if verdict}
        selection = {"run": self.run.id, "only": self.only.value if self.only else None}
        return Chosen(chosen, bool(self.run.options.get("named", True)), barred, found, selection)

    def _where_they_are(self, axons: Sequence[Axon], found: Found, terminal: Terminal) -> "Iterator[Axon]":
        by_hotkey = {neuron.hotkey: neuron for neuron in found.metagraph.axons}
        now = [by_hotkey.get(axon.hotkey) if axon.source == "metagraph" else axon for axon in axons]
        gone = [axon for axon, neuron in zip(axons, now, strict=True) if neuron is None]
        if len(gone) == len(axons):
            raise TargetError(
                f"none of these hotkeys is registered on netuid {found.metagraph.netuid} any more",
                help="--same-endpoint asks where they were",
            )
        if gone:
            terminal.note(f"not registered any more, and not asked: {_listed(gone)}")
        moved = [
            neuron
            for axon, neuron in zip(axons, now, strict=True)
            if neuron is not None and (neuron.host, neuron.port) != (axon.host, axon.port)
        ]
        if moved:
            terminal.note(f"somewhere else now, and asked there: {_listed(moved)}")
        return (neuron for neuron in now if neuron is not None)


def _asked(run: Again, fresh: Sequence[str]) -> Asked:
    """Return what the run asked, with items over its fields; raise UsageError for fields that were not kept."""
    request = run.request or {}
    if request.get("data") is not None:
        return Asked(items=tuple(fresh), data=b64decode(request["data"]))
    kept = request["fields"]
    fields_ = items.merge(kept or {}, fresh) if fresh or isinstance(kept, dict) else kept
    body_ = None if fields_ is None else JsonText(exact(fields_), "the run")
    missing = sorted(set(_missing(fields_, frozenset(run.redacted))))
    if missing:
        raise UsageError(
            f"the run did not keep {', '.join(missing)}",
            help=f"give it again, as an item: {missing[0]}=...",
        )
    folder = request["folder"]
    if request["synapse"] is None:
        return Asked(json=body_)
    synapse = str(request["synapse"])
    place, colon, name = synapse.rpartition(":")
    if colon and folder and (place.endswith(".py") or "/" in place):
        synapse = f"{Path(folder, Path(place).expanduser())}:{name}"
    paths = tuple(Path(path) for path in request["pythonpath"])
    return Asked(synapse, body_, (), (*paths, *([Path(folder)] if colon and folder else [])))


def _group(kind: type[Kind], options: Mapping[str, Any]) -> Kind:
    """Return a group of options; raise HistoryError where they are not what such a group has."""
    from pydantic import TypeAdapter

    with decoding():
        return TypeAdapter(kind).validate_python(dict(options))


def _missing(value: object, names: frozenset[str]) -> "Iterator[str]":
    if isinstance(value, dict):
        for key, item in value.items():
            if key in names and item == REDACTED:
                yield key
            else:
                yield from _missing(item, names)
    elif isinstance(value, list):
        for item in value:
            yield from _missing(item, names)


def _listed(axons: Sequence[Axon]) -> str:
    first = f"uid {axons[0].uid}"
    return first if len(axons) == 1 else f"{first} and {len(axons) - 1} more"


def _value(name: str, value: object) -> object:
    if name in _PATHS and isinstance(value, str):
        return Path(value)
    return _ENUMS[name](value) if name in _ENUMS and isinstance(value, str) else value
