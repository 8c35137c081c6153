"""A program as users of bittensor 10 have written them: a test runs it as it is, and with its import changed.

`program.py AXONS`, where AXONS is JSON by name: good, blacklist, slow (host, port, hotkey) and closed (a port).
"""

import asyncio
import json
import sys

NAMED = json.loads(sys.argv[1])
del sys.argv[1:]  # bittensor parses the command line of whoever imports it

import aiohttp  # noqa: E402
from bittensor import AxonInfo, Dendrite, StreamingSynapse, Synapse  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402


class EchoSynapse(Synapse):
    text: str
    number: int = 0
    reply: str | None = None
    echo_len: int | None = None

    def deserialize(self):
        return {"reply": self.reply, "length": self.echo_len}


class SetsStatus(Synapse):
    want: int = 429
    why: str = "busy"


class NotAttached(Synapse):
    pass


class Crash(Synapse):
    pass


class StreamText(StreamingSynapse):
    text: str = "hello stream"
    completion: str = ""

    async def process_streaming_response(self, response):
        async for chunk in response.content.iter_any():
            self.completion += chunk.decode("utf-8")
            yield chunk.decode("utf-8")

    def deserialize(self):
        return self.completion

    def extract_response_json(self, response):
        headers = {name.decode("utf-8"): value.decode("utf-8") for name, value in response.__dict__["_raw_headers"]}
        return {"name": headers.get("name", ""), "text": self.text, "completion": self.completion}


class SendsItself(Dendrite):
    """Has a `call` of its own over the parts of its parent, private ones among them, as many subnets have."""

    async def call(self, target_axon, synapse=None, timeout=12.0, deserialize=True):  # noqa: ASYNC109 - theirs
        name = type(synapse).__name__
        url = self._get_endpoint_url(target_axon, request_name=name)
        synapse = self.preprocess_synapse_for_request(target_axon, synapse, timeout)
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            self._log_outgoing_request(synapse)
            sending = (await self.session).post(
                url=url, headers=synapse.to_headers(), json=synapse.model_dump(), timeout=limit
            )
            async with sending as response:
                self.process_server_response(response, await response.json(), synapse)
            synapse.dendrite.process_time = "0.5"
        except Exception as problem:  # noqa: BLE001 - as they write it
            synapse = self.process_error_message(synapse, name, problem)
        finally:
            self._log_incoming_response(synapse)
            self.synapse_history.append(Synapse.from_headers(synapse.to_headers()))
        return synapse.deserialize() if deserialize else synapse


def axon(name, hotkey=None):
    known = NAMED[name]
    hotkey = hotkey or known["hotkey"]
    return AxonInfo(version=1, ip="127.0.0.1", port=known["port"], ip_type=4, hotkey=hotkey, coldkey=hotkey)


def show(title, *found):
    print(title, *found, sep=" | ")  # noqa: T201 - what the test compares


def main():
    dendrite = Dendrite(wallet=Keypair.create_from_uri("//dendrite"))
    show("who", dendrite)
    show("sync", dendrite.query(axon("good"), EchoSynapse(text="one"), timeout=10))
    several = dendrite.query([axon("good"), axon("blacklist")], EchoSynapse(text="two"), timeout=10)
    show("sync, several", several)
    asyncio.run(over_a_loop(dendrite))
    asyncio.run(by_itself())


async def over_a_loop(dendrite):
    async with dendrite:
        axons = [axon(name) for name in ("good", "blacklist", "closed", "good")]
        answers = await dendrite(axons, EchoSynapse(text="three", number=3), deserialize=False, timeout=10)
        for answer in answers:
            show("async", answer.text, answer.number, answer.reply, answer.echo_len, *ends(answer))
        for synapse, whom, seconds in questions():
            answer = await dendrite.forward(whom, synapse, timeout=seconds, deserialize=False)
            show(type(synapse).__name__, *ends(answer), *words(answer))
        stream = await dendrite.forward(axon("good"), StreamText(text="a b c"), streaming=True, timeout=10)
        chunks = [chunk async for chunk in stream]
        show("stream", "".join(chunks[:-1]), chunks[-1])
        streams = await dendrite.forward(
            [axon("good")] * 2, StreamText(text="d e"), timeout=10, streaming=True, deserialize=False
        )
        for stream in streams:
            pieces = [piece async for piece in stream]
            show("streams", "".join(pieces[:-1]), pieces[-1].completion, *ends(pieces[-1]))
        in_turn = await dendrite.forward([axon("good")] * 2, EchoSynapse(text="four"), run_async=False, timeout=10)
        show("in turn", in_turn)
        show("ping", *ends(await dendrite.call(axon("good"), deserialize=False)))
        show("closed", (await dendrite.call(axon("closed"), EchoSynapse(text="five"))))


async def by_itself():
    dendrite = SendsItself(Keypair.create_from_uri("//dendrite"))
    axons = [axon(name) for name in ("good", "blacklist", "closed", "slow")]
    answers = await dendrite(axons, EchoSynapse(text="six"), timeout=1, deserialize=False)
    for answer in answers:
        show("by itself", answer.reply, *ends(answer))
    show("remembered", sorted(entry.dendrite.status_code for entry in dendrite.synapse_history))
    opened = dendrite._session
    show("session", opened is await dendrite.session, opened.closed)
    await dendrite.aclose_session()
    show("closed", opened.closed, dendrite._session)
    dendrite._session = given = aiohttp.ClientSession()
    show("given", await dendrite.session is given)
    await dendrite.aclose_session()
    show("closed", given.closed, dendrite._session)


def questions():
    yield SetsStatus(want=429, why="busy"), axon("good"), 10
    yield NotAttached(), axon("good"), 10
    yield Crash(), axon("good"), 10
    yield EchoSynapse(text="late"), axon("slow"), 0.5
    yield EchoSynapse(text="whose"), axon("good", Keypair.create_from_uri("//wrong").ss58_address), 10


def ends(synapse):
    """Return what does not differ from run to run, of both ends."""
    us, them = synapse.dendrite, synapse.axon
    timed = isinstance(us.process_time, float) or us.status_code != 200
    message = (us.status_message or "").split("#")[0].split(" with ")[0].replace(str(them.port), "PORT")
    return us.status_code, message, us.hotkey, us.version, timed, them.ip, them.hotkey, them.status_code


def words(synapse):
    names = ("is_success", "is_failure", "is_timeout", "is_blacklist", "failed_verification")
    return [name for name in names if getattr(synapse, name)]


main()
