"""What a dendrite remembers of its exchanges: who, whom and how it went, without what was said."""

from pydantic import BaseModel

from dendrite_cli.synapse.model import Synapse


def remember(history: list[Synapse], most: int, synapse: BaseModel, body_hash: str) -> None:
    """Append an exchange's envelope; the oldest are forgotten, so that there are never more than `most`."""
    if most > 0:
        history.append(_envelope(synapse, body_hash))
    if len(history) > most:
        del history[: len(history) - max(most, 0)]


_BLANK = Synapse()
"""Entries are named as bittensor 10 has them: what is read from headers is named after the class that reads them."""


def _envelope(synapse: BaseModel, body_hash: str) -> Synapse:
    known = {name: synapse.__dict__.get(name) for name in ("timeout", "total_size", "header_size")}
    ends = {name: end.model_copy() for name in ("dendrite", "axon") if (end := synapse.__dict__.get(name))}
    return _BLANK.model_copy(update=known | ends | {"computed_body_hash": body_hash})
