"""What went wrong at an axon, in plain language, and what to do next about it.

Pure: read off an outcome alone, so that tables, records and history give the same advice.
"""

import re

from dendrite_cli.model import Axon, Outcome, Verdict

_MAX_ROUTES = 12
_NOT_READY = frozenset({502, 503, 504})
_PINGED = "Synapse"
"""The class of a ping, which has no fields."""
_SS58 = r"5[1-9A-HJ-NP-Za-km-z]{46,47}"

_HINTS = {
    Verdict.CONNECT_REFUSED: "nobody listens there; check that the axon runs and that this is its port",
    Verdict.CONNECT_TIMEOUT: "nothing came back: a firewall, a wrong address or port, or the host is down",
    Verdict.FIRST_BYTE_TIMEOUT: "connected, but no answer began in time; raise --first-byte-timeout",
    Verdict.IDLE_TIMEOUT: "the answer stopped midway; raise --idle-timeout",
    Verdict.UNREACHABLE: "no route to that address; check the address and this machine's network",
    Verdict.DNS: "no address for that name; check its spelling",
    Verdict.TLS: "not asked: it did not prove by TLS who it is; --ca FILE trusts other certificates, http:// uses none",
    Verdict.REDIRECT: "redirects are not followed: a signed request goes only to the axon you named",
    Verdict.IDENTITY_MISMATCH: "another key answered there; do not trust this endpoint",
    Verdict.NOT_SERVING: "the chain knows no endpoint for it; its miner has to serve an axon",
    Verdict.PRIVATE_ADDR: "it announces a private address; --allow-private dials it all the same",
    Verdict.UNSUPPORTED_PROTOCOL: "say what is asked in its terms: --synapse, or --path for btauth and epistula",
}

_NO_TLS = re.compile("wrong version number|record layer failure|packet length|unknown protocol|http request")
"""What OpenSSL says of an answer that is no TLS."""
_REFUSED_FOR = (
    (re.compile("stake", re.IGNORECASE), "it seems to ask for more stake than the hotkey that signs has"),
    (re.compile("permit|validator", re.IGNORECASE), "it seems to answer validators with a permit only"),
    (
        re.compile("regist|metagraph|recogni[sz]ed", re.IGNORECASE),
        "the hotkey that signs seems not to be registered on its subnet",
    ),
)
_WRAPPINGS = ("Forbidden. Key is blacklisted: ", "Not Verified with error: ")
_VARYING = re.compile(r"(Signature mismatch) with .*|(Nonce is too old): .*|(Internal Server Error) #.*", re.DOTALL)
_ROUTES = re.compile(r"Available synapses \[(.*)", re.DOTALL)
_EXPECTED = re.compile(rf"Signature mismatch with \d+\.[^.\s]+\.({_SS58})\.")
_STALE = re.compile(r"nonce is older than the (\d{1,6})s freshness window|\b(?:too )?stale\b", re.IGNORECASE)
"""As bittensor 11's `http_auth` says it, and Epistula's servers."""
_SPOKEN = re.compile(r"missing .*(?:(X-Bittensor-)|Epistula-)", re.IGNORECASE)
_EARLY = re.compile(r"nonce is more than (\d{1,6})s in the future")
_OLD = re.compile(r"request was (\d{1,12}(?:\.\d{1,9})?) seconds old")


def hint(outcome: Outcome) -> str | None:
    """Return what to do next about a failed outcome, in plain language; None if there is nothing to do."""
    if outcome.verdict is Verdict.OK:
        return None
    special = {
        Verdict.UNAUTHORIZED: _unauthorized,
        Verdict.FORBIDDEN: _forbidden,
        Verdict.NOT_FOUND: _not_found,
        Verdict.RATE_LIMITED: _rate_limited,
        Verdict.TIMEOUT: _timeout,
        Verdict.RESET: _reset,
        Verdict.TLS: _tls,
        Verdict.TOO_LARGE: _too_large,
        Verdict.CLIENT_ERROR: _client_error,
        Verdict.SERVER_ERROR: _server_error,
        Verdict.BAD_RESPONSE: _bad_response,
        Verdict.INTERNAL: _internal,
    }
    if outcome.verdict in special:
        return special[outcome.verdict](outcome)
    return _HINTS.get(outcome.verdict)


def reason(message: str | None) -> str | None:
    """Return the axon's own words of a status message: without bittensor's wrapping, and alike for like causes."""
    said = (message or "").strip()
    for wrapping in _WRAPPINGS:
        if said.startswith(wrapping):
            said = said.removeprefix(wrapping).removesuffix(".")
    if varying := _VARYING.fullmatch(said):
        said = next(filter(None, varying.groups()))
    return said or None


def _unauthorized(outcome: Outcome) -> str:
    said = outcome.status_message or ""
    if not outcome.trust.request_signed:
        return "the request was not signed; send it without --unsigned"
    if "a newer one was last processed" in said:
        return "another request overtook this one; send it again"
    if old := _OLD.search(said):
        return _clock(outcome, float(old[1]))
    if expected := expected_hotkey(said):
        return _another_hotkey(outcome.axon, expected)
    if (spoken := _SPOKEN.search(said)) and outcome.protocol == "synapse":
        protocol = "btauth" if spoken[1] else "epistula"
        return f"it seems to speak {protocol}; add --proto {protocol}, or --proto auto"
    return _untimely(outcome, said) or "it does not accept the signature; check that this is its hotkey"


def expected_hotkey(message: str) -> str | None:
    """Return whose an axon says it is, where it refuses a request as one that was signed for somebody else."""
    found = _EXPECTED.search(message)
    return found[1] if found else None


def _clock(outcome: Outcome, age: float) -> str:
    """Explain a nonce that looked `age` seconds old: a slow way, or clocks that disagree."""
    took = outcome.timing.total or 0.0
    if age <= took:
        return f"the request took {age:.1f} s to reach it; raise --timeout"
    skew = outcome.trust.clock_skew
    ahead = age - took / 2 if skew is None else skew
    return f"its clock is {ahead:.0f} s ahead of ours"


def _untimely(outcome: Outcome, said: str) -> str | None:
    """Explain a refusal of what was signed too long ago, or is yet to come; None where it is for something else."""
    if early := _EARLY.search(said):
        return f"its clock is more than {early[1]} s behind ours"
    stale = _STALE.search(said)
    if not stale:
        return None
    took = outcome.timing.total or 0.0
    if stale[1] and took < float(stale[1]):
        return f"its clock is about {stale[1]} s or more ahead of ours"
    return f"its clock is ahead of ours, or the request, which took {took:.1f} s, was too long on its way"


def _another_hotkey(axon: Axon, claimed: str) -> str:
    if claimed == axon.hotkey:
        return "its hotkey is right, but the signature does not verify: a proxy changed it, or your key is not sr25519"
    return f"it says that its hotkey is {claimed}; if you trust that, write {claimed}@{axon.endpoint}"


def _forbidden(outcome: Outcome) -> str:
    if not outcome.trust.request_signed:
        return "the request was not signed; send it without --unsigned"
    said = reason(outcome.status_message) or ""
    return next((text for pattern, text in _REFUSED_FOR if pattern.search(said)), "it refuses the hotkey that signs")


def _not_found(outcome: Outcome) -> str:
    missing = f"no route {outcome.synapse!r}" if outcome.synapse else "no such path"
    listed = _ROUTES.search(outcome.status_message or "")
    routes = re.findall(r"'(\w{1,100})'", listed[1]) if listed else []
    if not routes:
        return f"{missing}; the route is the name of the axon's synapse class"
    more = " and more" if len(routes) > _MAX_ROUTES else ""
    return f"{missing}; it serves {', '.join(routes[:_MAX_ROUTES])}{more}"


def _rate_limited(outcome: Outcome) -> str:
    if outcome.retry_after is None:
        return "it limits how often it is asked; wait, then ask less often"
    return f"it asks to be asked again in {outcome.retry_after:.0f} s; --retries with --retry-on 429 waits for it"


def _timeout(outcome: Outcome) -> str:
    if outcome.http_status != 408:  # noqa: PLR2004 - HTTP's own number
        return "no whole answer in time; raise --timeout"
    return "the axon itself gave up waiting; it is told our --timeout, so raise that"


def _reset(outcome: Outcome) -> str:
    if outcome.http_status is not None:
        return "it closed the connection in the middle of its answer; its miner's log may say why"
    otherwise = "" if outcome.axon.tls else ", or try https://"
    return f"it closed the connection instead of answering; check that this is an axon's port{otherwise}"


def _tls(outcome: Outcome) -> str:
    if _NO_TLS.search(outcome.status_message or ""):
        return "not asked: what answers there speaks no TLS; http:// asks without"
    return _HINTS[Verdict.TLS]


def _too_large(outcome: Outcome) -> str:
    if (outcome.status_message or "").endswith("pieces"):
        return "the stream came in more pieces than are looked at; --max-chunks leaves it earlier"
    if (outcome.status_message or "").endswith("bytes of headers"):
        return "it sends more headers than are read of an answer; its miner has to send fewer"
    return "the answer is larger than allowed; raise --max-bytes"


def _client_error(outcome: Outcome) -> str:
    if outcome.http_status is not None and outcome.http_status < 300:  # noqa: PLR2004 - HTTP's own number
        return "a synapse succeeds with 200 only"
    untimely = _untimely(outcome, outcome.status_message or "")  # 400 for some of Epistula's servers, 401 for others
    return untimely or "the request does not fit what it expects there; compare the body with the axon's class"


def _server_error(outcome: Outcome) -> str:
    if outcome.http_status in _NOT_READY:
        return "it, or what stands before it, is not ready; --retries asks again"
    if outcome.trust.request_signed and not outcome.trust.body_covered and outcome.synapse != _PINGED:
        return (
            "its handler failed, or the axon's class may have required fields or hash fields; "
            "send with the class: --synapse pkg.mod:Class"
        )
    return "its handler failed; its miner's log says why"


def _bad_response(outcome: Outcome) -> str:
    if outcome.http_status is None:
        return "what answers there does not speak HTTP; check the port"
    return "the answer is not what was asked for; -o raw shows it as it came"


def _internal(outcome: Outcome) -> str:
    if "Too many open files" in (outcome.status_message or ""):
        return "too many open files; raise the limit with ulimit -n"
    return "this is a bug in dendrite; please report it"
