"""What hostile axons cost: every fault of the test suite by itself, and five hundred of them among a thousand axons.

    python benchmarks/hostile.py                 # both tables
    python benchmarks/hostile.py --axons 100

The faults are those of tests/ground/faults.py, served by a program of its own on every address of 127.0.0.0/8; the
healthy axons are another program's, and take 100 ms. The engine runs in this process, with the limits that it has by
default but for the time-out. Peak memory is this process's resident memory above what it was before, the garbage of
earlier rows given back.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bittensor_wallet import Keypair

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.run import idle_room, run
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Outcome, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.summary import percentiles
from dendrite_cli.synapse.answer import reader

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_TESTS = Path(__file__).parent.parent / "tests"
_HOTKEY = Keypair.create_from_uri("//axon").ss58_address
_SIGNER = Keypair.create_from_uri("//dendrite")
_DELAY = 0.1
_ROUNDS = 3


class Collected:
    """An observer that keeps outcomes without their answers, as a table of pings does."""

    def __init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is known yet."""

    def finished(self, outcome: Outcome) -> None:
        """Keep what a table shows."""
        self.outcomes[outcome.index] = replace(outcome, content=None, body=None)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axons", type=int, default=1000, help="of which every other one is hostile")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds per axon")
    parser.add_argument("--serve", choices=["faults", "healthy"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve(options.serve))
        return
    with served("faults") as faults, served("healthy") as healthy:
        _each(faults, options.timeout)
        _crowd(faults, next(iter(healthy.values())), options.axons, options.timeout)


def _each(faults: dict[str, int], timeout: float) -> None:
    print("| case | outcome | seconds | peak memory, MB |\n| --- | --- | --- | --- |")
    for name, port in faults.items():
        base = _reset_peak()
        began = time.perf_counter()
        (outcome,) = asyncio.run(ask([Axon("127.0.0.1", port, _HOTKEY)], timeout))
        took = time.perf_counter() - began
        print(f"| {name} | {outcome.verdict} | {took:.2f} | {max(_peak() - base, 0) / 1e3:.1f} |", flush=True)


def _crowd(faults: dict[str, int], healthy: int, number: int, timeout: float) -> None:
    ports = list(faults.values())

    clean = axons([healthy] * number)
    mixed = axons([ports[place // 2 % len(ports)] if place % 2 else healthy for place in range(number)])
    print(f"\n| {number} axons | healthy, ok | p50 ms | p99 ms | wall s | peak memory, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    ratios, base = [], _reset_peak()
    for _ in range(_ROUNDS):
        found = {}
        for label, asked in (("clean", clean), (f"{number // 2} faults", mixed)):
            base = _reset_peak()
            began = time.perf_counter()
            outcomes = asyncio.run(ask(asked, timeout))
            took = time.perf_counter() - began
            peak = max(_peak() - base, 0) / 1e3
            honest = [outcome for outcome in outcomes if outcome.axon.port == healthy]
            ok = [outcome.timing.total for outcome in honest if outcome.verdict is Verdict.OK]
            spread = percentiles([seconds for seconds in ok if seconds is not None])
            found[label] = spread.p99 or 0.0
            share = f"{len(ok)}/{len(honest)}"
            print(
                f"| {label} | {share} | {_ms(spread.p50)} | {_ms(spread.p99)} | {took:.1f} | {peak:.0f} |", flush=True
            )
            del outcomes, honest, ok
        clean_p99, mixed_p99 = found.values()
        ratios.append(mixed_p99 / clean_p99 if clean_p99 else 0.0)
    print(f"\np99 among faults / clean: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f}"


def axons(ports: Sequence[int]) -> list[Axon]:
    """Return an axon for each port, every one at an address of its own."""
    return [
        Axon(f"127.{1 + place // 62_500}.{place // 250 % 250}.{place % 250 + 1}", port, _HOTKEY)
        for place, port in enumerate(ports)
    ]


async def ask(axons: Sequence[Axon], timeout: float) -> list[Outcome]:
    """Ask every axon once; return the outcomes in order."""
    collected = Collected()
    wire = SynapseWire(Request("Echo", reader(None, timeout), b'{"text":"hi"}'))
    way = Way(keep=idle_room(Schedule(), len(axons)))
    async with http_exchange(lambda _: wire, _SIGNER, Limits(total=timeout), way) as exchange:
        await run(axons, exchange, [collected], Schedule())
    return [collected.outcomes[index] for index in sorted(collected.outcomes)]


def _reset_peak() -> int:
    """Forget the peak of resident memory; return what is resident now, in kB."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return status("VmRSS")


def _peak() -> int:
    return status("VmHWM")


def status(name: str) -> int:
    """Return a figure of this process, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


async def _serve(what: str) -> None:
    """Serve on every loopback address; print the ports by their names."""
    sys.path.insert(0, str(_TESTS))
    from ground.faults import FAULTS, answer, saying

    async def healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(_DELAY)
        await saying(answer(b'{"text":"hi"}'))(reader, writer)

    named = {"healthy": healthy} if what == "healthy" else {fault.name: fault.serve for fault in FAULTS}
    servers = {}
    for name, serve in named.items():
        servers[name] = await asyncio.start_server(_quiet(serve), "0.0.0.0", 0, backlog=1024)  # noqa: S104 - 127.0.0.0/8
    print(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in servers.items()}), flush=True)
    await asyncio.sleep(float("inf"))


def _quiet(serve: Serve) -> Serve:
    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return quiet


@contextmanager
def served(what: str) -> Iterator[dict[str, int]]:
    """Run a program that serves `faults` or `healthy` axons; yield its ports by their names."""
    command = [sys.executable, __file__, "--serve", what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        try:
            yield json.loads(program.stdout.readline() if program.stdout else "{}")
        finally:
            program.kill()


if __name__ == "__main__":
    main()
