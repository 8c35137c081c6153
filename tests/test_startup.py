"""What may not be loaded before it is needed: it is what makes a command line slow."""

import socket
import subprocess
import sys

import pytest
from ground.cli import environment

HEAVY = ("aiohttp", "httptools", "uvloop", "asyncio", "sqlite3", "bittensor", "pydantic", "bittensor_wallet", "rich")


def loaded(arguments: list[str], **extra: str) -> set[str]:
    """Run the program in a process of its own; return which heavy modules it had loaded at its end."""
    program = (
        "import sys\n"
        "from dendrite_cli.cli.app import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-P", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(**extra), timeout=30, check=True)
    assert done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments):
    assert loaded(arguments) == set()


def test_help_of_a_command_loads_neither_network_nor_sdk():
    # Typer itself converts options by pydantic and lays them out by Rich
    assert loaded(["ping", "--help"]) <= {"rich", "pydantic"}


@pytest.mark.parametrize(
    "words", [["que"], ["query", "--syn"], ["query", "-s", ""], ["history", "show", ""]], ids=" ".join
)
def test_a_completion_loads_nothing_heavy(words):
    program = (
        "import sys\n"
        "from dendrite_cli.__main__ import main\n"
        "try: main()\n"
        f"finally: print(*[name for name in {(*HEAVY, 'typer')} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-P", "-c", program, "_complete", "words", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=30, check=True)

    assert done.stdout.startswith("plain\t")
    assert set(done.stderr.split()) <= {"sqlite3"}


def test_records_for_programs_are_written_without_what_draws_on_terminals():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        asked = ["ping", f"127.0.0.1:{closed.getsockname()[1]}", "-o", "ndjson"]
        assert "rich" not in loaded(asked)
