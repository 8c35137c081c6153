"""An example or more of every command, for its help and its man page. Each of them works as it stands.

HOTKEY stands for an axon's address on the chain, mypkg for the module of a subnet's synapses.
"""

from dataclasses import dataclass

_AXON = "HOTKEY@192.0.2.17:8091"
_CHAT = "-s mypkg:ChatStream prompt=hi"
_MINE = "-s mypkg:MySynapse prompt=hi"


@dataclass(frozen=True, slots=True)
class Example:
    """A line for a shell, and what it is for."""

    purpose: str
    line: str


def of(path: tuple[str, ...]) -> tuple[Example, ...]:
    """Return the examples of a command; of a group those that show it best."""
    return tuple(Example(purpose, f"dendrite {line}") for purpose, line in _EXAMPLES.get(path, ()))


def in_help(path: tuple[str, ...]) -> str | None:
    """Return the examples as Rich's markup, for the end of a help page; None where there are none."""
    shown = [f"[dim]# {_literal(example.purpose)}[/dim]\n{_literal(example.line)}" for example in of(path)]
    return "\n\n".join(["[bold]Examples[/bold]", *shown]) if shown else None


def _literal(text: str) -> str:
    return text.replace("[", r"\[")


_EXAMPLES: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {
    (): (
        ("see it work, with no network and no wallet", "demo"),
        ("is anything there?", "ping 192.0.2.17:8091"),
        ("ask one axon", f"query -a {_AXON} {_MINE}"),
    ),
    ("ping",): (
        ("is anything there?", "ping 192.0.2.17:8091"),
        ("is it who it says it is, and does it let me in?", f"ping {_AXON} -w validator"),
        ("the ten best miners of a subnet", "ping --netuid 1 --top 10 --by incentive"),
        ("ten rounds over the same connections", "ping @axons.txt -c 10 -i 2"),
        ("loss, latency and jitter until Ctrl-C; silent axons hold a round up for 2 s", "ping @axons.txt --watch -t 2"),
        ("three that answer are enough", "ping @axons.txt --until 3 --sort total"),
        ("for a script: the hotkeys of those that answer", "ping @axons.txt --columns hotkey --only ok"),
    ),
    ("query",): (
        ("a class of your subnet, checked before it is sent", f"query -a {_AXON} {_MINE}"),
        (
            "a body from a file, with a field over it",
            "query -a @axons.txt -s mypkg:MySynapse --json body.json 'size:=64'",
        ),
        ("without the class the body goes as given", f"query -a {_AXON} -s MySynapse prompt=hi"),
        ("sixteen miners of a subnet, as records", f"query --netuid 1 --sample 16 {_MINE} -o ndjson"),
        ("who answers otherwise than most?", f"query --netuid 1 --top 10 {_MINE} --compare"),
        ("bittensor 11's signed HTTP", f"query -a btauth://{_AXON}/v1/chat prompt=hi --dry-run"),
        ("what would be sent to whom", f"query -a {_AXON} -s MySynapse prompt=hi --dry-run"),
    ),
    ("stream",): (
        ("three axons side by side", f"stream --netuid 1 -u 5,17,31 {_CHAT}"),
        ("leave after the first sentence", f"stream -a @axons.txt {_CHAT} --stop-on '[.!?]'"),
        ("the text alone, into a file", f"stream -a {_AXON} -s Chat prompt=hi -o raw > answer"),
    ),
    ("history",): (
        ("the latest runs", "history"),
        ("ask again those that failed", "history replay last --only failed"),
    ),
    ("history", "list"): (
        ("who timed out in the last week?", "history list --outcome timeout --since 7d"),
        ("runs that said this, or were told it", "history list --search 'slow start' --limit 5"),
    ),
    ("history", "show"): (
        ("a run as it was, byte for byte", "history show last -o ndjson"),
        ("who failed, and why", "history show last --only failed --columns uid,outcome,note"),
    ),
    ("history", "replay"): (
        ("the same again, signed anew", "history replay last"),
        ("with another field and more time", "history replay last prompt='and now?' -t 30"),
    ),
    ("history", "diff"): (("whose answer is another than before?", "history diff previous last --changed"),),
    ("history", "stats"): (("how often each axon was ok, and how fast", "history stats --by hotkey --since 30d"),),
    ("history", "export"): (
        ("into a spreadsheet", "history export -o csv --tag nightly > nightly.csv"),
        ("all of it, as a SQLite file", "history export -o sqlite --to history-copy.db"),
    ),
    ("history", "prune"): (("keep a month and at least 100 runs", "history prune --older-than 30d --keep 100 --yes"),),
    ("history", "path"): (("how large is it?", "history path"),),
    ("axons",): (
        ("whom would that ask, and why are some not dialled?", "axons --netuid 1 --role validator"),
        ("who shares an endpoint?", "axons --netuid 1 --shared"),
        ("a list for later", "axons --netuid 1 --top 20 -o ndjson > axons.ndjson"),
    ),
    ("synapse",): (("what does it take?", "synapse describe mypkg:MySynapse"),),
    ("synapse", "describe"): (
        ("the fields, and what the signature covers", "synapse describe mypkg:MySynapse"),
        ("of a class in a file", "synapse describe ./protocol.py:MySynapse -o json"),
    ),
    ("synapse", "list"): (("what does it serve?", f"synapse list -a {_AXON}"),),
    ("synapse", "template"): (("a body to start from", "synapse template mypkg:MySynapse > body.json"),),
    ("snapshot",): (("a metagraph for runs that can be repeated", "snapshot save sn1.json.xz --netuid 1"),),
    ("snapshot", "save"): (
        ("a metagraph at a block, compressed", "snapshot save sn1.json.xz --netuid 1"),
        ("the one that is cached, however old", "snapshot save sn1.json --netuid 1 --offline"),
    ),
    ("snapshot", "show"): (("what is in it", "snapshot show sn1.json.xz"),),
    ("config",): (("which settings there are, and where they come from", "config show"),),
    ("config", "show"): (
        ("every setting, its value and where it comes from", "config show"),
        ("the same for programs", "config show -o json"),
    ),
    ("config", "path"): (("the files that are read", "config path"),),
    ("schema",): (("for a program that reads records", "schema result > result.schema.json"),),
    ("mock",): (
        ("an axon that serves your class", "mock -s mypkg:MySynapse --delay 0.5 --port 8091"),
        ("one that refuses everybody", "mock --refuse 'Not enough stake'"),
        ("one that streams, in chunks that cut characters", "mock -s Chat --stream --stream-size 3"),
        ("one that speaks Epistula", "mock --proto epistula"),
    ),
    ("demo",): (("the whole tool in a few seconds", "demo"),),
}
