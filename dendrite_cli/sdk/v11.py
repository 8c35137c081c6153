"""Bittensor 11: its RpcSubstrate, without the client that would ask for every subnet's symbol first.

No fallback endpoints: whoever names a node is told of that one.
"""

import asyncio

from bittensor import ChainError, RpcConnectionError, RpcSubstrate

from dendrite_cli.sdk.columns import INDICES, Answer
from dendrite_cli.sdk.trouble import CutError, NodeError

LOOK = 0.5
"""Seconds between two looks at a question that is open."""


def ask(url: str, netuid: int) -> tuple[Answer | None, str | None]:
    """Return a subnet's columns, None if there is no such subnet, and the chain's genesis hash."""
    # not asyncio.run, which would wait for the SDK's tear-down: that can hang for ever
    return asyncio.new_event_loop().run_until_complete(_ask(url, netuid))


async def _ask(url: str, netuid: int) -> tuple[Answer | None, str | None]:
    """Ask, and see that somebody is left to answer: after a proper close the SDK waits without a task that could."""
    asking = asyncio.ensure_future(_answer(url, netuid))
    while not (await asyncio.wait({asking}, timeout=LOOK))[0]:
        if asyncio.all_tasks() == {asyncio.current_task(), asking}:
            raise CutError("it was closed while a question was open")
    return asking.result()


async def _answer(url: str, netuid: int) -> tuple[Answer | None, str | None]:
    chain = RpcSubstrate(url)
    try:
        await chain.connect()
        found = await chain.runtime_call(
            "SubnetInfoRuntimeApi", "get_selective_metagraph", [netuid, list(INDICES.values())]
        )
        return found, await chain.raw.genesis_hash()
    except RpcConnectionError as problem:
        raise CutError(str(problem)) from problem
    except ChainError as problem:
        raise NodeError(str(problem)) from problem
