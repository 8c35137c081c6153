"""Print what bittensor 10 has that ours has not, or has in another way; nothing if there is nothing.

In an environment with bittensor 10 and this project.
"""

import inspect
import sys
import warnings

del sys.argv[1:]  # bittensor parses the command line of whoever imports it
warnings.simplefilter("ignore")

from bittensor.core import dendrite as their_dendrite  # noqa: E402
from bittensor.core import stream, synapse  # noqa: E402
from bittensor.core.chain_data import AxonInfo  # noqa: E402
from bittensor.utils import networking  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402

from dendrite_cli import dendrite as our_dendrite  # noqa: E402

networking.get_external_ip = lambda: "192.0.2.10"
OTHERWISE = {"synapse", "dendrite", "axon"}
"""Arguments whose default with us is a fresh one: theirs is one object for all calls."""
KINDS = inspect.Parameter


def report(*words):
    print(*words)  # noqa: T201 - what the test reads


def members(cls):
    return [name for name in dir(cls) if not name.startswith("_")]


def compare(path, ours, theirs):
    """Report where a call or an use of theirs would not do with ours."""
    if isinstance(theirs, property):
        if not isinstance(ours, property):
            report(path, "is no property")
        elif inspect.iscoroutinefunction(theirs.fget) != inspect.iscoroutinefunction(ours.fget):
            report(path, "is awaited in one only")
        return
    for kind in (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isclass, callable):
        if kind(ours) != kind(theirs) and "process_streaming_response" not in path:
            report(path, "differs by", kind.__name__)
    if callable(theirs):
        compare_parameters(path, parameters(ours), parameters(theirs))


def parameters(function):
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def compare_parameters(path, ours, theirs):
    for place, wanted in enumerate(theirs):
        mine = ours[place] if place < len(ours) else None
        if mine is None or (mine.name, mine.kind) != (wanted.name, wanted.kind):
            report(path, "has", mine, "for", wanted)
        elif wanted.default is not KINDS.empty and mine.default != wanted.default and wanted.name not in OTHERWISE:
            report(path, "defaults to", mine.default, "for", wanted)
    for added in ours[len(theirs) :]:
        if added.kind is not KINDS.KEYWORD_ONLY or added.default is KINDS.empty:
            report(path, "wants", added)


PAIRS = [
    (our_dendrite.Dendrite, their_dendrite.Dendrite),
    (our_dendrite.DendriteMixin, their_dendrite.DendriteMixin),
    (our_dendrite.Synapse, synapse.Synapse),
    (our_dendrite.StreamingSynapse, stream.StreamingSynapse),
    (our_dendrite.TerminalInfo, synapse.TerminalInfo),
    (our_dendrite.AxonInfo, AxonInfo),
]
compared = 0
for ours, theirs in PAIRS:
    for name in members(theirs):
        if not hasattr(ours, name):
            report(theirs.__name__, "has", name)
            continue
        found = inspect.getattr_static if isinstance(inspect.getattr_static(theirs, name), property) else getattr
        compare(f"{theirs.__name__}.{name}", found(ours, name), found(theirs, name))
        compared += 1
    compare(theirs.__name__, ours, theirs)
key = Keypair.create_from_uri("//dendrite")
for name in vars(their_dendrite.Dendrite(key)):
    if not name.startswith("_") and not hasattr(our_dendrite.Dendrite(key), name):
        report("a Dendrite has", name)
for name in ("DENDRITE_ERROR_MAPPING", "DENDRITE_DEFAULT_ERROR"):
    if getattr(our_dendrite, name) != getattr(their_dendrite, name):
        report(name, "differs")
compare("event_loop_is_running", our_dendrite.event_loop_is_running, their_dendrite.event_loop_is_running)
print(compared, "compared", file=sys.stderr)  # noqa: T201 - for whoever runs it by hand
