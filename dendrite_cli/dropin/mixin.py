"""bittensor 10's DendriteMixin by its names and signatures, over our engine.

What a program may find different is in docs/differences.md; in short: one axon's failure is never another's, an axon
cannot change who we are or whom we asked, and nothing is shared, followed, looked up or kept without bound.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from pydantic import BaseModel

from dendrite_cli.dropin.asking import Asking, Sender, Sending
from dendrite_cli.dropin.fanning import ask_all
from dendrite_cli.dropin.filling import ends_of, put, put_ends, take_fields
from dendrite_cli.dropin.history import remember
from dendrite_cli.dropin.keys import signer_of
from dendrite_cli.dropin.links import Links, event_loop_is_running
from dendrite_cli.dropin.question import TIMEOUT, Patience, Question, question_of
from dendrite_cli.dropin.status import status_of, status_of_error
from dendrite_cli.dropin.targets import target_of, targets_of
from dendrite_cli.engine.http import fresh_lanes
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.machine import loop_factory
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.stream import Carrier, Read, Stream, open_stream
from dendrite_cli.model import Axon, Outcome
from dendrite_cli.protocol.signing import signed_text
from dendrite_cli.protocol.synapse import VERSION
from dendrite_cli.synapse.answer import make
from dendrite_cli.synapse.copies import copy_of
from dendrite_cli.synapse.model import Synapse

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_log = logging.getLogger(__name__)
_SUCCESS = 200


class DendriteMixin:
    """Asks axons: one or many, for a whole answer or for a stream, from a coroutine or without an event loop.

    Every axon has exactly one result, in the order of the axons: the synapse with what the axon answered. Whether it
    did, `synapse.is_success` and `synapse.dendrite.status_code` say; a failure is never raised. A UsageError is raised,
    before anything is sent, for a synapse that cannot be sent, and a TypeError for what is no axon.
    """

    def __init__(
        self,
        wallet: Any = None,
        *,
        external_ip: str | None = None,
        timeout: float | None = None,
        limits: Limits | None = None,
        max_history: int = 1000,
    ) -> None:
        """Sign with a wallet's hotkey, a keypair, or the default wallet's hotkey; raise WalletError without one.

        `external_ip`: what axons are told, and an address that is dialled as 127.0.0.1; it is never looked up.
        `timeout`: seconds for calls that name none. `limits`: others beside it, and the most bytes of an answer.
        `max_history`: how many exchanges `synapse_history` remembers; the oldest are forgotten.
        """
        super().__init__()
        self.uuid = str(uuid4())
        """Of `preprocess_synapse_for_request`; the engine has several per axon, so that no two requests race."""
        self.external_ip = external_ip
        self.keypair = signer_of(wallet)
        self.synapse_history: list[Synapse] = []
        """The latest exchanges without their content, oldest first."""
        self._max_history = max_history
        self._patience = Patience.of(timeout, limits)
        self._links = Links()
        self._lanes = fresh_lanes()

    @property
    async def session(self) -> "ClientSession":
        """A session of aiohttp's for requests of the program's own; await it. It is closed with the dendrite."""
        return self._session or (await self._links.here()).session()

    def close_session(self, using_new_loop: bool = False) -> None:
        """Close all connections; the event loops that they were on, too, if `using_new_loop`.

        Raises RuntimeError inside a running loop, where `aclose_session` does it.
        """
        self._links.close_all(and_loops=using_new_loop)

    async def aclose_session(self) -> None:
        """Close all connections of the running event loop."""
        await self._links.close_here()

    def log_exception(self, exception: Exception) -> None:
        """Log an exception under an id of its own: failed connections and time-outs for debugging, others as errors."""
        level = logging.DEBUG if isinstance(exception, (OSError, TimeoutError)) else logging.ERROR
        _log.log(level, "%s#%s: %r", type(exception).__name__, uuid4(), str(exception))

    def process_error_message(self, synapse: Any, request_name: str, exception: Exception) -> Any:
        """Set the status code and message that stand for `exception`, and return the same synapse."""
        self.log_exception(exception)
        axon = Axon(synapse.axon.ip or "", synapse.axon.port or 0)
        code, text = status_of_error(exception, axon, request_name, synapse.timeout)
        synapse.dendrite.status_code, synapse.dendrite.status_message = code, text
        return synapse

    async def aquery(self, *args: Any, **kwargs: Any) -> Any:
        """Do what `forward` does, and close the connections."""
        try:
            return await self.forward(*args, **kwargs)
        finally:
            await self.aclose_session()

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """Do what `forward` does without an event loop, on one of its own; raise RuntimeError inside a running one."""
        if event_loop_is_running():
            raise RuntimeError("query() would block the running event loop: use 'await dendrite.forward(...)'")
        axons, _ = targets_of(args[0] if args else kwargs.get("axons", []))
        # with a factory, the program's own event loop stays the current one
        factory = loop_factory(len(axons)) or asyncio.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(self.aquery(*args, **kwargs))

    async def forward(
        self,
        axons: Any,
        synapse: Any = None,
        timeout: float = TIMEOUT,
        deserialize: bool = True,
        run_async: bool = True,
        streaming: bool = False,
    ) -> Any:
        """Ask one axon or several, each for a copy of `synapse`; return its result, or a list in the axons' order.

        `timeout` is in seconds and for each axon; waiting for a turn is no part of it. `run_async=False` asks one after
        another. Results are what `synapse.deserialize()` returns, or synapses. A streaming synapse gives an async
        generator per axon, as `call_stream` does.
        """
        synapse = Synapse() if synapse is None else synapse
        targets, are_several = targets_of(axons)
        for target in targets:
            target_of(target)
        can_stream = callable(getattr(type(synapse), "process_streaming_response", None))
        if streaming != can_stream:
            is_what = "can be streamed" if can_stream else "cannot be streamed"
            _log.warning("streaming is %s, and a %s %s", streaming, type(synapse).__name__, is_what)
        results: list[Any]
        if streaming or can_stream:
            results = [self.call_stream(target, copy_of(synapse), timeout, deserialize) for target in targets]
        elif not are_several or type(self).call is not DendriteMixin.call:
            # a subclass may have a `call` of its own
            asked = (self.call(target, copy_of(synapse), timeout, deserialize) for target in targets)
            results = await asyncio.gather(*asked) if run_async else [await one for one in asked]
        else:
            results = await self._ask_all([target_of(target) for target in targets], synapse, timeout, run_async)
            results = [_deserialized(result) for result in results] if deserialize else results
        return results if are_several else results[0]

    async def call(
        self, target_axon: Any, synapse: Any = None, timeout: float = TIMEOUT, deserialize: bool = True
    ) -> Any:
        """Ask one axon; fill in `synapse` itself, and return it or what it deserializes to."""
        synapse = Synapse() if synapse is None else synapse
        axon = target_of(target_axon)
        question = question_of(synapse, self._patience, timeout)
        asking = Asking((await self._links.here()).pool, self._sender, question.wire, question.limits)
        outcome = await asking(Slot(0, axon, 1, 0.0))
        self._settle(synapse, question, asking.sendings[0], outcome)
        return synapse.deserialize() if deserialize else synapse

    async def call_stream(
        self, target_axon: Any, synapse: Any = None, timeout: float = TIMEOUT, deserialize: bool = True
    ) -> AsyncGenerator[Any, None]:
        """Ask one axon for a stream: yield what the synapse makes of it piece by piece, and the filled synapse last.

        Of an axon that refuses or cannot be reached, only the synapse comes. It may be left at any moment.
        """
        synapse = Synapse() if synapse is None else synapse
        axon = target_of(target_axon)
        if not axon.is_serving:
            yield await self.call(axon, synapse, timeout, deserialize)  # which says so, and dials nobody
            return
        question = question_of(synapse, self._patience, timeout, streaming=True)
        sending = Sending(question.wire, axon, self.external_ip)
        carrier = Carrier((await self._links.here()).pool, self._lanes, self.keypair, question.limits)
        stream = await open_stream(carrier, sending, Slot(0, self._sender.dialled(axon), 1, 0.0))
        try:
            async with aclosing(stream.pieces(_reader(synapse))) as pieces:
                async for piece in pieces:
                    yield piece
            outcome = self._extracted(stream, synapse)
        finally:
            await stream.close()
        self._settle(synapse, question, sending, outcome)
        yield synapse.deserialize() if deserialize else synapse

    def preprocess_synapse_for_request(self, target_axon_info: Any, synapse: Any, timeout: float = TIMEOUT) -> Any:
        """Address and sign `synapse` for one axon, for a program that sends it itself; return the same synapse."""
        put(synapse, timeout=self._patience.seconds(timeout))
        axon, key = target_of(target_axon_info), self.keypair
        nonce, body_hash = time.time_ns(), synapse.body_hash
        text = signed_text(nonce, key.ss58_address, str(axon.hotkey), self.uuid, body_hash)
        us, them = ends_of(type(synapse))
        signature = f"0x{key.sign(text.encode()).hex()}"
        dendrite = us(
            ip=self.external_ip,
            version=VERSION,
            nonce=nonce,
            uuid=self.uuid,
            hotkey=key.ss58_address,
            signature=signature,
        )
        put(synapse, dendrite=dendrite, axon=them(ip=axon.host, port=axon.port, hotkey=axon.hotkey))
        return synapse

    def process_server_response(
        self, server_response: "ClientResponse", json_response: Any, local_synapse: Any
    ) -> None:
        """Fill `local_synapse` with an answer of aiohttp's; raise ValueError for a 200 that is not of its class."""
        status, headers = server_response.status, server_response.headers
        if status == _SUCCESS:
            take_fields(local_synapse, make(type(local_synapse), json_response, local_synapse.timeout or TIMEOUT))
        said = json_response.get("message") if isinstance(json_response, Mapping) else None
        text = headers.get("bt_header_axon_status_message") or said or server_response.reason
        us, them = ends_of(type(local_synapse))
        ends = {"dendrite": local_synapse.dendrite or us(), "axon": local_synapse.axon or them()}
        for end in ends.values():
            end.status_code, end.status_message = status, text
        for name in ("process_time", "version"):
            with suppress(ValueError):
                setattr(ends["axon"], name, headers.get(f"bt_header_axon_{name}"))
        put(local_synapse, **ends)

    def __str__(self) -> str:
        return f"dendrite({self.keypair.ss58_address})"

    def __repr__(self) -> str:
        return str(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, exc_type: object, exc_value: object, traceback: object) -> None:
        await self.aclose_session()

    def __del__(self) -> None:
        with suppress(Exception):  # a running loop closes what nobody has any more
            self.close_session()

    # what subclasses and programs that send for themselves use of bittensor 10's Dendrite, though it is private there

    @property
    def _session(self) -> "ClientSession | None":
        """The open session, if there is one; a program may set its own."""
        return self._links.session

    @_session.setter
    def _session(self, session: "ClientSession | None") -> None:
        self._links.session = session

    def _get_endpoint_url(self, target_axon: Any, request_name: str) -> str:
        """Return where `target_axon` is asked."""
        return f"http://{self._sender.dialled(target_of(target_axon)).endpoint}/{request_name}"

    def _log_outgoing_request(self, synapse: Any) -> None:
        """Log a request for debugging."""
        _log.debug("--> | %s | %s | %s:%s", synapse.name, synapse.axon.hotkey, synapse.axon.ip, synapse.axon.port)

    def _log_incoming_response(self, synapse: Any) -> None:
        """Log an answer for debugging."""
        us, them = synapse.dendrite, synapse.axon
        status = us.status_code, us.status_message
        _log.debug("<-- | %s | %s | %s:%s | %s | %r", synapse.name, them.hotkey, them.ip, them.port, *status)

    @property
    def _sender(self) -> Sender:
        return Sender(self.keypair, self._lanes, self.external_ip)

    async def _ask_all(self, axons: list[Axon], synapse: Any, timeout: float, run_async: bool) -> list[Any]:
        """Return a filled copy of `synapse` for each axon."""
        template = copy_of(synapse)
        question = question_of(template, self._patience, timeout)
        asking = Asking((await self._links.here()).pool, self._sender, question.wire, question.limits)

        def filled(outcome: Outcome) -> Any:
            copy = copy_of(template)
            self._settle(copy, question, asking.sendings.pop(outcome.index), outcome)
            return copy

        return await ask_all(axons, asking, filled, at_once=run_async)

    def _extracted(self, stream: Stream, synapse: Any) -> Outcome:
        """Let the class take the fields of a stream that has ended; return how it went."""
        outcome = stream.outcome()
        if stream.response is None or not outcome.ok:
            return outcome
        try:
            self.process_server_response(stream.response, synapse.extract_response_json(stream.response), synapse)
        except Exception as problem:  # noqa: BLE001 - code of the user's own
            stream.spoil(problem)
        return stream.outcome()

    def _settle(self, synapse: Any, question: Question, sending: Sending, outcome: Outcome) -> None:
        """Say in `synapse` what the axon did, and remember it."""
        status = status_of(outcome, sending.axon, question.timeout, is_limited=question.is_limited)
        if isinstance(outcome.body, BaseModel):
            take_fields(synapse, outcome.body)
        put(synapse, total_size=question.size)
        put_ends(synapse, sending, self.keypair, outcome, status)
        body_hash = sending.sent.headers["computed_body_hash"] if sending.sent else ""
        remember(self.synapse_history, self._max_history, synapse, body_hash)
        _log.debug("%s | %s | %s | %s | %r", outcome.synapse, sending.axon.hotkey, sending.axon.endpoint, *status)


def _reader(synapse: Any) -> Read:
    def read(response: "ClientResponse") -> AsyncIterator[object]:
        # looked up when there is something to read: of a class that has none, an answer cannot be understood
        made: AsyncIterator[object] = synapse.process_streaming_response(response)
        return made

    return read


def _deserialized(synapse: Any) -> Any:
    """Return what one of several is deserialized to; itself, and that it failed, where its class cannot."""
    try:
        return synapse.deserialize()
    except Exception as problem:  # noqa: BLE001 - code of the user's own, for one axon's answer
        _log.warning("%s.deserialize() failed: %r", type(synapse).__name__, problem)
        if synapse.is_success:
            synapse.dendrite.status_code = 422
            synapse.dendrite.status_message = f"Failed to parse response: {problem}"
        return synapse
