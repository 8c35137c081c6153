"""From the options of a command to a run: everything is understood and checked before anything is sent."""

import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from ssl import CERT_NONE, SSLContext, SSLError, create_default_context

from dendrite_cli.cli import identity as who
from dendrite_cli.cli import stdin, unsent
from dendrite_cli.cli.asking import Asked, Understood, understood
from dendrite_cli.cli.display import Display, Watching
from dendrite_cli.cli.fanout import Rounds
from dendrite_cli.cli.finding import finding
from dendrite_cli.cli.groups import Bounds, Comparing, Identity, Instead, Knowing, Pacing, Shown, Speaking, Subnet
from dendrite_cli.cli.keeping import Keeping
from dendrite_cli.cli.knowing import check, knowing_who
from dendrite_cli.cli.options import Layer
from dendrite_cli.cli.selecting import Chosen, choose
from dendrite_cli.cli.sending import Sender, by_http, by_tcp, send
from dendrite_cli.cli.sizes import size_of
from dendrite_cli.cli.speaking import Layered, Said, Wires
from dendrite_cli.cli.unsent import Unsent
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.proxy import route
from dendrite_cli.engine.run import idle_room
from dendrite_cli.engine.way import Way
from dendrite_cli.errors import ExitCode, TargetError, UsageError
from dendrite_cli.model import Axon, Verdict
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.protocol.btauth import SCHEMES, BtauthWire, scheme_of
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import Synapse
from dendrite_cli.synapse.request import prepare


def ping(
    targets: Sequence[str],
    subnet: Subnet,
    layer: Layer | None,
    rounds: Rounds,
    speaking: Speaking,
    identity: Identity,
    bounds: Bounds,
    pacing: Pacing,
    shown: Shown,
    instead: Instead = Instead(),
    keeping: Keeping = Keeping(),
    knowing: Knowing = Knowing(),
) -> ExitCode:
    """Ping every target: at `layer`, or as deep as what is known of it allows."""
    who.check(identity)
    unsent.check(instead, shown, layer)
    check(knowing, layer)
    limits, way, schedule = limits_of(bounds), way_of(bounds), schedule_of(pacing)
    if layer is Layer.TCP and bounds.proxy:
        raise UsageError(
            "--layer tcp knocks at the axon itself; a proxy would answer in its place", help="leave out --proxy"
        )
    display = Display.of(shown, until=pacing.until, watching=Watching.of(rounds))
    undecided = knowing.discover_hotkey
    terminal = display.terminal
    chosen = keeping.again(terminal) if keeping.again else choose(targets, subnet, terminal, undecided=undecided)
    axons = chosen.axons
    display.check_raw(len(axons) * rounds.count)
    if layer is Layer.SYNAPSE:
        check_receivers(chosen, identity)
    synapse = prepare(Loaded("Synapse", Synapse), {}, limits.total)
    plain = Wires(Said(synapse), speaking)
    wires = Layered(plain, layer)
    if layer is not Layer.TCP:
        wires.check(axons)
    deep = [axon for axon in axons if wires.is_signed(axon)]
    sender = who.sender(identity) if deep or (undecided and chosen.found) else Sender()
    if layer is None and len(deep) < len(axons) and not undecided:
        terminal.note(wires.shallow_note(axons))
    note_scheme(wires, deep, sender, terminal)
    if layer is Layer.TCP:
        connect = by_tcp(limits, way)
    else:
        way = secured(way, bounds, chosen, terminal)
        if instead:
            plain.check_unsent([axon for axon in axons if wires.is_signed(axon)])
            return Unsent(chosen, wires, sender, limits, display, rounds.count).show(instead)
        if rounds.several:
            way = replace(way, keep=idle_room(schedule, len(axons)))
        connect = finding(by_http(wires, sender, limits, way), plain, wires, limits, way)
        connect = knowing_who(connect, knowing, chosen, limits, way)
    keeping = keeping.with_options(
        subnet, speaking, knowing, identity, bounds, pacing, rounds, layer=layer, require=shown.require
    )
    return send(
        "ping", chosen, connect, sender=sender, schedule=schedule, display=display, rounds=rounds, keeping=keeping
    )


def query(
    targets: Sequence[str],
    subnet: Subnet,
    asked: Asked,
    speaking: Speaking,
    identity: Identity,
    bounds: Bounds,
    pacing: Pacing,
    shown: Shown,
    instead: Instead = Instead(),
    keeping: Keeping = Keeping(),
    comparing: Comparing = Comparing(),
) -> ExitCode:
    """Send one synapse to every target."""
    who.check(identity)
    unsent.check(instead, shown)
    if instead and comparing.likeness():
        raise UsageError("--compare is for what axons answer, and here none is asked", help="leave it out")
    stdin.check_readers(targets, asked.json, asked.data)
    limits, way, schedule = limits_of(bounds), way_of(bounds), schedule_of(pacing)
    display = Display.of(shown, until=pacing.until, comparing=comparing)
    known = understood(asked, limits.total)
    wires = Wires(known.said, speaking)
    chosen = keeping.again(display.terminal) if keeping.again else choose(targets, subnet, display.terminal)
    axons = chosen.axons
    display.check_raw(len(axons))
    check_receivers(chosen, identity)
    wires.check(axons)
    sender = who.sender(identity)
    note_signatures(wires, axons, sender, display.terminal, known)
    way = secured(way, bounds, chosen, display.terminal)
    if instead:
        wires.check_unsent(axons)
        return Unsent(chosen, wires, sender, limits, display).show(instead)
    connect = finding(by_http(wires, sender, limits, way), wires, wires, limits, way)
    keeping = keeping.with_options(subnet, speaking, comparing, identity, bounds, pacing, require=shown.require)
    return send(
        "query",
        chosen,
        connect,
        sender=sender,
        schedule=schedule,
        display=display,
        synapse=known.said.name,
        rounds=Rounds(deadline=bounds.deadline),
        keeping=keeping.with_request(asked, known),
    )


def limits_of(bounds: Bounds) -> Limits:
    """Return the limits of each exchange."""
    size = size_of(bounds.max_bytes, "--max-bytes")
    if size < 1:
        raise UsageError(f"--max-bytes {bounds.max_bytes!r} is nothing at all", help="write 500kB, 16MiB or a number")
    return Limits(
        total=bounds.timeout,
        connect=bounds.connect_timeout,
        first_byte=bounds.first_byte_timeout,
        idle=bounds.idle_timeout,
        max_bytes=size,
    )


def way_of(bounds: Bounds) -> Way:
    """Return by which IP version and through which proxies axons are asked."""
    if bounds.ipv4 and bounds.ipv6:
        raise UsageError("--ipv4 and --ipv6 contradict each other", help="give one of them, or neither for both")
    family = socket.AF_INET if bounds.ipv4 else socket.AF_INET6 if bounds.ipv6 else socket.AF_UNSPEC
    return Way(family, route(bounds.proxy))


def schedule_of(pacing: Pacing) -> Schedule:
    """Return who is asked when."""
    named = [name.strip() for name in (pacing.retry_on or "").split(",") if name.strip()]
    for name in named:
        if not (name in set(Verdict) or re.fullmatch("[1-5][0-9][0-9]", name, re.ASCII)):
            raise UsageError(
                f"--retry-on {name!r} is neither a status nor an outcome",
                help="write numbers such as 408,429, or outcomes such as timeout,rate_limited",
            )
    if named and not pacing.retries:
        raise UsageError("--retry-on says what to retry, and --retries is 0", help="add --retries N")
    if pacing.parallel != "auto" and not re.fullmatch("[1-9][0-9]{0,5}", pacing.parallel, re.ASCII):
        raise UsageError(
            f"--parallel {pacing.parallel!r} is neither auto nor a number", help="write auto, or 1 and more"
        )
    return Schedule(
        parallel=None if pacing.parallel == "auto" else int(pacing.parallel),
        per_host=pacing.per_host,
        rate=pacing.rate,
        until=pacing.until,
        retries=Retries(pacing.retries, frozenset(named)),
    )


def check_receivers(chosen: Chosen, identity: Identity) -> None:
    """Raise TargetError for an axon that a signed request could not be addressed to."""
    nameless = [axon for axon in chosen.axons if axon.hotkey is None]
    if nameless and not identity.unsigned:
        endpoint = nameless[0].endpoint
        unknown = f"no neuron of netuid {chosen.found.metagraph.netuid} announces it" if chosen.found else None
        several = f"{len(nameless)} of {len(chosen.axons)} axons have none" if len(nameless) > 1 else None
        look_up = "" if chosen.found else ", add --netuid N to look it up"
        raise TargetError(
            f"{endpoint} has no hotkey; a signed request needs its receiver",
            details=tuple(filter(None, (unknown, several))),
            help=f"write HOTKEY@{endpoint}{look_up}, or send with --unsigned",
        )


def note_signatures(wires: Wires, axons: Sequence[Axon], sender: Sender, terminal: Terminal, known: Understood) -> None:
    """Tell what a signature does not cover, and who does not understand it."""
    if sender.signer and (route := uncovered(wires, axons)):
        why = "is sent without its class" if known.synapse is None else "sets no required_hash_fields"
        terminal.note(f"{route} {why}; your signature does not cover the body")
    note_scheme(wires, axons, sender, terminal)


def note_scheme(wires: Wires | Layered, axons: Sequence[Axon], sender: Sender, terminal: Terminal) -> None:
    """Tell that axons verify sr25519 only, where another key signs; btauth alone names the scheme of a key."""
    if sender.signer is None or (scheme := scheme_of(sender.signer)) == SCHEMES[1]:
        return
    strict = [axon for axon in axons if wires.is_known(axon) and wires.protocol_of(axon) != BtauthWire.name]
    if strict:
        speaks = wires.protocol_of(strict[0])
        terminal.note(f"your hotkey is {scheme}, and axons verify {SCHEMES[1]} alone in {speaks}: expect to be refused")


def uncovered(wires: Wires, axons: Sequence[Axon]) -> str | None:
    """Return the synapse whose body a signature does not cover; None where all bodies are covered."""
    for axon in axons:
        if wires.is_known(axon) and (protocol := wires.protocol_of(axon)) == SynapseWire.name:
            wire = wires.named(protocol, axon)
            return None if wire.body_covered else wire.route
    return None


def secured(way: Way, bounds: Bounds, chosen: Chosen, terminal: Terminal) -> Way:
    """Return the way with what axons prove themselves by, where one is asked by HTTPS; raise UsageError."""
    asked = [axon for _, axon in chosen.dialled if axon.tls]
    if not asked:
        return way
    if any(way.route(axon) for axon in asked):
        raise UsageError(
            f"{asked[0].endpoint} is to be asked by HTTPS, which is not spoken through a proxy",
            help="leave --proxy out, or the https:// axons",
        )
    if bounds.insecure:
        terminal.note(
            "--insecure: nobody checks who answers at https:// axons; whoever is on the way can read and change "
            "what is said"
        )
    return replace(way, tls=trusted(bounds.ca, insecure=bounds.insecure))


def trusted(ca: Path | None, *, insecure: bool) -> SSLContext:
    """Return what HTTPS axons prove themselves by; raise UsageError for a file that holds no certificates."""
    try:
        context = create_default_context(cafile=None if ca is None else str(ca.expanduser()))
    except (SSLError, OSError) as problem:
        why = "it holds no certificates in PEM" if isinstance(problem, SSLError) else (problem.strerror or "").lower()
        raise UsageError(f"cannot use --ca {str(ca)!r}: {why}") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context
