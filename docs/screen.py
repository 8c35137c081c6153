"""Draw what the README shows: real runs of the program against mock axons, as SVG.

`PYTHONPATH=tests python docs/screen.py` in a checkout writes `docs/ping.svg` and `docs/compare.svg` anew.
"""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

from bittensor_wallet import Keypair
from ground.terminal import Terminal
from pyte.screens import Char
from rich.console import Console
from rich.text import Text

from dendrite_cli.mock.axon import serve
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.synapse.model import Synapse

COLUMNS, ROWS = 104, 40
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Ask(Synapse):
    """What is asked."""

    prompt: str = ""
    answer: str = "It begins with a small window and doubles it every round trip."


class Other(Ask):
    """What is answered by others."""

    answer: str = "It begins with a small window and adds one segment every round trip."


_NATURES = (
    Behaviour(),
    Behaviour(delay=0.12),
    Behaviour(refuse="Not enough stake"),
    Behaviour(clock=16),
    Behaviour(drop=True),
)
_SERVED = (Ask, Ask, Other, Ask, Ask, Ask, Other, Ask)


async def main(folder: Path) -> None:
    """Write both pictures into a folder."""
    with tempfile.TemporaryDirectory() as home:
        await _draw(folder / "ping.svg", Path(home), [Ask] * len(_NATURES), _NATURES, ["ping", "@axons.txt"])
        asked = ["query", "-a", "@axons.txt", "-s", "Ask", "prompt=Explain TCP slow start", "--compare"]
        await _draw(folder / "compare.svg", Path(home), _SERVED, [Behaviour()] * len(_SERVED), asked)


async def _draw(
    path: Path, home: Path, classes: Sequence[type[Synapse]], natures: Sequence[Behaviour], words: list[str]
) -> None:
    async with AsyncExitStack() as stack:
        axons = [
            await stack.enter_async_context(
                serve(Keypair.create_from_uri(f"//screen-{number}"), synapses={"Ask": cls}, behaviour=nature)
            )
            for number, (cls, nature) in enumerate(zip(classes, natures, strict=True))
        ]
        listed = "".join(f"{axon.hotkey}@{axon.host}:{axon.port}\n" for axon in axons)
        await asyncio.to_thread((home / "axons.txt").write_text, listed)
        printed = await asyncio.to_thread(_run, words, home)
    typed = " ".join(f"'{word}'" if " " in word else word for word in words)
    await asyncio.to_thread(path.write_text, _picture(Text(f"$ dendrite {typed}\n").append_text(printed)))


def _run(words: Sequence[str], home: Path) -> Text:
    """Return what is on a terminal's screen in the end, with its colours."""
    command = [*words, "--ephemeral", "--no-history"]
    with Terminal(*command, env={"HOME": str(home)}, cwd=home, columns=COLUMNS, rows=ROWS) as terminal:
        terminal.wait()
        screen = terminal.screen
        lines = [
            Text.assemble(*((cell.data, _style(cell)) for cell in map(screen.buffer[row].__getitem__, range(COLUMNS))))
            for row in range(ROWS)
        ]
    for line in lines:
        line.rstrip()
    return Text("\n").join(line for line in lines if not line.plain.startswith("note:"))


def _style(cell: Char) -> str:
    color = {"default": "", "brown": "yellow"}.get(cell.fg, cell.fg)
    return f"{'bold ' if cell.bold else ''}{color}".strip()


def _picture(text: Text) -> str:
    console = Console(record=True, file=StringIO(), width=COLUMNS, force_terminal=True, color_system="standard")
    text.rstrip()
    console.print(text)
    # a picture fetches nothing, and not every reader of SVG leaves blanks at a text's beginning alone
    picture = _FONT.sub("", console.export_svg(title="dendrite")).replace("Fira Code", "monospace")
    return picture.replace("<svg ", '<svg xml:space="preserve" ', 1)


if __name__ == "__main__":
    asyncio.run(main(Path(__file__).parent))
