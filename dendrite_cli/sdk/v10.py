"""Bittensor 10: its chain library alone, because `import bittensor` costs as much again as the question.

async-substrate-interface comes with every bittensor 10 and is what it asks the chain by. Its blocking client leaves
a thread behind that keeps a process from ending: the caller has to end it.
"""

from async_substrate_interface import SubstrateInterface  # type: ignore[import-not-found]  # absent beside 11
from async_substrate_interface.errors import (  # type: ignore[import-not-found]
    MaxRetriesExceeded,
    SubstrateRequestException,
)

from dendrite_cli.sdk.columns import INDICES, Answer
from dendrite_cli.sdk.trouble import CutError, NodeError


def ask(url: str, netuid: int) -> tuple[Answer | None, str | None]:
    """Return a subnet's columns, None if there is no such subnet, and the chain's genesis hash."""
    try:
        # as bittensor itself does: the registry's u128 would be wrong
        chain = SubstrateInterface(
            url, ss58_format=42, type_registry={"types": {"Balance": "u64"}}, chain_name="Bittensor"
        )
        genesis = chain.get_block_hash(0)
        found = chain.runtime_call("SubnetInfoRuntimeApi", "get_selective_metagraph", [netuid, list(INDICES.values())])
    except MaxRetriesExceeded as problem:
        raise CutError(str(problem)) from problem
    except SubstrateRequestException as problem:
        raise NodeError(str(problem)) from problem
    # before async-substrate-interface 2, an object around the value
    return getattr(found, "value", found), genesis
