"""`dendrite mock`: a local axon that verifies for real, and misbehaves on request."""

from typing import Annotated

import typer

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import grouped
from dendrite_cli.cli.mock_options import MockKey, MockNature, MockProto, MockStream, Speaks

_SYNAPSES = typer.Option(
    "--synapse",
    "-s",
    metavar="CLASS",
    help="A class to serve: pkg.mod:Class, ./file.py:Class, or a bare route name. Repeatable.",
    show_default=False,
)


@grouped
def mock(
    *,
    synapse: Annotated[list[str] | None, _SYNAPSES] = None,
    pythonpath: o.PythonPath = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="PORT", min=0, max=65_535, help="Where to listen; 0: a free one.")
    ] = 0,
    proto: MockProto = Speaks.SYNAPSE,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    nature: MockNature,
    stream: MockStream,
    key: MockKey,
) -> int:
    """Run a local axon that answers as bittensor 10's does: signature, nonce and body hash are really verified.

    It echoes the classes it serves, and says how to address it on stdout. Ctrl-C ends it. In btauth and epistula it
    says back whatever a verified request to any path holds.
    """
    from dendrite_cli.cli.mocking import run

    return run(synapse or (), pythonpath or (), (host, port), nature, stream, key, proto)
