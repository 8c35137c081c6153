"""The options of streams, as Typer takes them."""

import pytest
import typer
from typer.testing import CliRunner

from dendrite_cli.cli import stream_options as so
from dendrite_cli.output.streams import Layout

app = typer.Typer()


@app.command()
def stream(  # noqa: PLR0913 - they are all there
    *,
    layout: so.LayoutOption = Layout.AUTO,
    focus: so.Focus = None,
    decode: so.DecodeOption = None,
    max_chunks: so.MaxChunks = None,
    stop_on: so.StopOn = None,
    timeout: so.StreamTimeout = so.STREAM_TIMEOUT,
) -> None:
    typer.echo(f"{layout} {focus} {decode} {max_chunks} {stop_on} {timeout}")


def said(*arguments):
    return CliRunner().invoke(app, arguments)


def test_streams_have_defaults():
    assert said().output == "auto None None None None 60.0\n"


def test_streams_can_be_laid_out_decoded_and_left_early():
    chosen = (
        "--layout",
        "prefix",
        "--focus",
        "17",
        "--decode",
        "sse",
        "--max-chunks",
        "3",
        "--stop-on",
        "a|b",
        "-t",
        "5",
    )

    assert said(*chosen).output == "prefix 17 sse 3 a|b 5.0\n"


@pytest.mark.parametrize("wrong", [("--layout", "grid"), ("--decode", "xml"), ("--max-chunks", "0"), ("-t", "0")])
def test_what_cannot_be_is_refused(wrong):
    assert said(*wrong).exit_code == 2
