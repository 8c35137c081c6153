"""One measured process: an adapter's engine asks N loopback axons, several times, and one JSON line says what it took.

Repetition 0 is cold (no connection is open, nothing is cached); the later ones are warm (the same engine, with
whatever it keeps). An answer counts if its status is 200 and its field equals what was sent.
"""

import argparse
import asyncio
import ctypes
import gc
import importlib.util
import json
import math
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

HOTKEY = "5H1MpzxG2ZDKaAQ868GC4i6xt5FzP37Yq8gd5WNowZ84HFHL"
"""Of the axon that real_axon.py runs."""
FLOATS = 100_000
TEXTS = {"small": 100, "text10k": 10 * 2**10, "text1m": 2**20, "text16m": 16 * 2**20}
"""Bodies that are one text, in characters."""
_OK = 200


def main() -> None:
    """Measure as the command line says and print the result."""
    args = arguments()
    memory = Memory()
    limit_descriptors(args.nofile)
    begun = time.perf_counter()
    adapter = loaded(args.adapter)
    import_s = time.perf_counter() - begun
    bench = Bench(adapter, args, memory)
    loop_runner(args.loop, adapter, args.n)(bench.measure())
    bench.close()
    result = {
        "adapter": args.adapter.stem,
        "n": args.n,
        "body": args.body,
        "loop": args.loop,
        "options": options(args.option),
        "python": sys.executable,
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "import_s": import_s,
        "reps": bench.repetitions,
        **memory.figures(args.n),
    }
    print(json.dumps(result))


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--port", type=int, required=True, help="where the stub axon listens")
    parser.add_argument("--n", type=int, default=256, help="axons")
    parser.add_argument("--body", default="small", choices=[*TEXTS, "empty", "floats"])
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="the engine's, per axon")
    parser.add_argument("--loop", default="adapter", choices=["asyncio", "uvloop", "adapter"])
    parser.add_argument("--one-ip", action="store_true", help="all axons are 127.0.0.1 (one keep-alive pool)")
    parser.add_argument("--nofile", type=int, metavar="N", help="ulimit -n; else the soft limit is raised to the hard")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="for the adapter")
    parser.add_argument("--gc", default="default", choices=["default", "off"], help="of the interpreter")
    parser.add_argument("--profile", type=Path, help="write a cProfile of the last repetition here")
    return parser.parse_args()


def limit_descriptors(most: int | None) -> None:
    """Allow `most` open files, hard and soft like a shell's `ulimit -n`; without it as many as we may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard) if most is None else (most, most))


def loaded(path: Path) -> ModuleType:
    """Return the adapter; it may import its neighbours."""
    sys.path.insert(0, str(path.parent.resolve()))
    spec = importlib.util.spec_from_file_location("adapter", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path} is no adapter")
    module = importlib.util.module_from_spec(spec)
    sys.modules["adapter"] = module
    spec.loader.exec_module(module)
    return module


def loop_runner(loop: str, adapter: ModuleType, axons: int) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return what runs a coroutine: asyncio, uvloop, or the loop that the engine itself would choose."""

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(coroutine)

    factory = None
    if loop == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    elif loop == "adapter" and hasattr(adapter, "loop_factory"):
        factory = adapter.loop_factory(axons)
    return run


def options(given: Sequence[str]) -> dict[str, str]:
    """Return the adapter's options by name."""
    return dict(option.split("=", 1) for option in given)


def payload(body: str) -> tuple[str, object]:
    """Return the synapse's name and the value of its field."""
    match body:
        case text if text in TEXTS:
            return "BenchText", "x" * TEXTS[text]
        case "floats":
            rng = random.Random(7)  # noqa: S311 - the same numbers for everybody
            return "BenchFloats", [rng.random() for _ in range(FLOATS)]
        case _:
            return "Synapse", None


def addresses(count: int, port: int, *, one_ip: bool) -> list[tuple[str, int, str]]:
    """Return the axons: a loopback address each, as on the network, or all the same."""

    def ip(number: int) -> str:
        return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    return [("127.0.0.1" if one_ip else ip(index + 2), port, HOTKEY) for index in range(count)]


class Memory:
    """What the fan-outs need and what they leave behind, in kB.

    Resident memory says what a run needs at its peak. It says little about what is left, because allocators keep holes
    (after plain aiohttp, too): for that, the bytes are counted that both allocators have handed out. tracemalloc
    counts the same, and slows everything down until engines run into their time-outs.
    """

    def __init__(self) -> None:
        # held open: readable even when the engine has used up every descriptor
        self._status: TextIO = Path("/proc/self/status").open()  # noqa: SIM115
        self._base_rss = 0
        self._base_in_use = 0.0
        self._figures: dict[str, float] = {}

    def base(self) -> None:
        """Start counting here; the kernel's high-water mark is taken back to what is in use."""
        gc.collect()
        self._base_in_use = in_use()
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        self._base_rss = self._read("VmRSS:")

    def peak(self) -> None:
        """Read the most that there was."""
        self._figures["peak_kb"] = self._read("VmHWM:") - self._base_rss

    def left(self, moment: str) -> None:
        """Read what is still there: `closed` while the closed engine is held, `kept` when nobody holds it."""
        gc.collect()
        self._figures[f"{moment}_kb"] = (in_use() - self._base_in_use) / 1024

    def figures(self, axons: int) -> dict[str, float]:
        """Return everything read, per axon, and the resident memory at the start."""
        per_axon = {f"{name}_per_axon": kb / axons for name, kb in self._figures.items()}
        return {"rss_base_kb": self._base_rss, **per_axon}

    def _read(self, key: str) -> int:
        self._status.seek(0)
        return next(int(line.split()[1]) for line in self._status if line.startswith(key))


def in_use() -> float:
    """Return the bytes that Python's small-object allocator and glibc's have handed out and not got back."""
    return _python_bytes() + _glibc_bytes()


def _python_bytes() -> int:
    """Ask the interpreter, which says it on the C library's stderr and nowhere else."""
    saved = os.dup(2)
    with tempfile.TemporaryFile("w+") as said:
        os.dup2(said.fileno(), 2)
        try:
            sys._debugmallocstats()  # noqa: SLF001 - the only way
        finally:
            os.dup2(saved, 2)
            os.close(saved)
        said.seek(0)
        line = next(line for line in said if line.startswith("# bytes in allocated blocks"))
    return int(line.rpartition("=")[2].replace(",", ""))


def _glibc_bytes() -> int:
    """Ask `mallinfo2`, of which `hblkhd` (mapped blocks) and `uordblks` (the others) count."""

    class Mallinfo2(ctypes.Structure):
        _fields_ = tuple(
            (name, ctypes.c_size_t)
            for name in (
                *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
                *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
            )
        )

    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Mallinfo2
    said = mallinfo2()
    return int(said.hblkhd + said.uordblks)


class Bench:
    """The repetitions of one engine and what each of them took."""

    def __init__(self, adapter: ModuleType, args: argparse.Namespace, memory: Memory) -> None:
        self.repetitions: list[dict[str, Any]] = []
        self._adapter = adapter
        self._args = args
        self._memory = memory
        self._kind, self._value = payload(args.body)
        self._engine: Any = None

    async def measure(self) -> None:
        """Open the engine, ask all axons again and again, close it."""
        args = self._args
        axons = addresses(args.n, args.port, one_ip=args.one_ip)
        self._engine = await self._adapter.open(self._kind, self._value, axons, args.timeout, options(args.option))
        self._memory.base()
        if args.gc == "off":
            gc.disable()
        for number in range(args.reps):
            profile = args.profile if number == args.reps - 1 else None
            self.repetitions.append(await self._repetition(profile))
        await self._adapter.close(self._engine)

    def close(self) -> None:
        """Read the memory after the loop has ended."""
        self._memory.peak()
        self._memory.left("closed")
        self._engine = None
        self._memory.left("kept")

    async def _repetition(self, profile: Path | None) -> dict[str, Any]:
        profiler = started_profiler() if profile else None
        cpu, wall = cpu_seconds(), time.perf_counter()
        results = await self._adapter.fanout(self._engine)
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
        if profiler:
            profiler.disable()
            profiler.dump_stats(profile)
        return {"wall_s": wall, "cpu_s": cpu, **self._judged(results)}

    def _judged(self, results: Sequence[Any]) -> dict[str, Any]:
        """Return how many of the answers are right, and what the engine says they took."""
        if len(results) != self._args.n:
            raise SystemExit(f"{len(results)} results for {self._args.n} axons")
        answers = [self._adapter.extract(self._engine, result) for result in results]
        good = [code == _OK and field == self._value for code, field in answers]
        return {
            "ok": sum(good),
            "codes": Counter(str(code) for code, _ in answers),
            **self._reported([result for result, is_good in zip(results, good, strict=True) if is_good]),
        }

    def _reported(self, results: Sequence[Any]) -> dict[str, float]:
        reported = getattr(self._adapter, "reported", None)
        if reported is None or not results:
            return {}
        totals = sorted(float(reported(self._engine, result)) for result in results)
        return {f"reported_p{percent}_s": at_percentile(totals, percent) for percent in (50, 99)}


def at_percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest value that `percent` of all do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def cpu_seconds() -> float:
    """Return what this process used so far, user and system, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def started_profiler() -> Any:
    """Return a running cProfile."""
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    return profiler


if __name__ == "__main__":
    main()
