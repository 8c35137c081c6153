"""A program: taowire's miner on a chain that it makes up, until it is killed; says where it listens.

Registered there: //Bob, who is the miner, and //Alice, a validator.
"""

import asyncio
import json
import socket
import sys
import tempfile
from pathlib import Path

import uvicorn
from pydantic import BaseModel
from taowire import Miner
from taowire.config import MinerSettings
from taowire.testing.fake_chain import FakeChain
from taowire.testing.keys import dev_key
from taowire.testing.metagraph import FakeMetagraphSource


class Ask(BaseModel):
    """What its one route takes."""

    text: str


class Said(BaseModel):
    """What it gives back."""

    result: str


async def main() -> None:
    """Serve `POST /v1/transform`."""
    miner_key, validator = dev_key("bob"), dev_key("alice")
    chain = FakeChain(signer_hotkey=miner_key.ss58)
    chain.add_subnet(1)
    chain.register(1, miner_key.ss58)
    chain.register(1, validator.ss58, validator_permit=True, stake_tao=1000)
    settings = MinerSettings(
        netuid=1,
        wallet_name="miner",
        wallet_path=Path(tempfile.mkdtemp()),
        external_ip="44.1.2.3",
        ntp_servers=(),
    )
    miner = Miner(
        settings=settings,
        gateway=chain,
        metagraph=FakeMetagraphSource(chain, 1),
        hotkey=miner_key.keypair,
        check_sdk=False,
    )

    @miner.route("/v1/transform", request=Ask, response=Said)
    async def transform(ask: Ask, _context: object) -> Said:
        return Said(result=ask.text.upper())

    async with miner.running() as app:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            sys.stdout.write(json.dumps({"port": listening.getsockname()[1], "hotkey": miner_key.ss58}) + "\n")
            sys.stdout.flush()
            server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
            await server.serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(main())
