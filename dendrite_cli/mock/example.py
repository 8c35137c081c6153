"""The synapse that `dendrite demo` sends and every mock axon serves."""

from typing import ClassVar

from pydantic import Field

from dendrite_cli.synapse.model import Synapse


class Echo(Synapse):
    """Say something, and hear it again."""

    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)

    text: str = Field(description="what to say")
    loud: bool = Field(default=False, description="whether to say it loudly")
    times: int = Field(default=1, ge=1, le=10, description="how often")
