"""`Outbound`: get, post and put, and nothing that any of them does behind the caller's back.

Owns: the life of one call: admit the URL, open the gate, send, read within limits, name what went wrong.
Promises: safe to use from many threads; one connection a request, so that nothing leaks from one to the next;
redirects are not followed unless asked, each hop is admitted anew, and what the caller sent along (credentials,
signatures) stays behind where the origin changes. httpcore is used below httpx, because httpx would parse the
checked URL a second time and inflate bodies before anybody can count them.
Never does: retry; see `errors` for what each failure means.
"""

import ssl
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache

import certifi
import httpcore

from ..kernel.clock import Clock, SystemClock
from ..kernel.errors import BeffroiError
from ..kernel.limits import (
    OUTBOUND_BODY_BYTES_MAX,
    OUTBOUND_HEAD_BYTES_MAX,
    OUTBOUND_HEAD_LINES_MAX,
    OUTBOUND_REDIRECTS_MAX,
    OUTBOUND_TOTAL_S_MAX,
)
from .bodies import ACCEPTED, read_body
from .errors import AnswerTooLarge, AnswerUnreadable, Blocked, UnknownOutcome, Unreachable
from .headers import CARRIED, checked
from .lookup import Lookups, Resolver, system
from .policy import Policy, Target, next_target, read_url
from .wire import Deadline, Gate

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, complete."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, in the order received."""
    body: bytes
    url: str
    """Where the answer came from, after redirects."""
    elapsed_s: float

    def header(self, name: str) -> str | None:
        """The first value of `name`, which is in lower case."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes | None
    body_bytes_max: int


class Outbound:
    """The node's HTTP client. `resolver` is replaced only where tests play the name service."""

    def __init__(self, policy: Policy, *, resolver: Resolver = system, clock: Clock | None = None) -> None:
        self._policy = policy
        self._lookups = Lookups(resolver)
        self._clock = clock or SystemClock()
        self._tls = _tls(policy.authorities_pem)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        follow: int = 0,
        body_bytes_max: int = OUTBOUND_BODY_BYTES_MAX,
        total_s: float = OUTBOUND_TOTAL_S_MAX,
    ) -> Answer:
        """GET `url`, through `follow` redirects at most (0: a redirect is an answer like any other).

        With `body_bytes_max=0` the body is left unread, however large: for who wants to know the status alone.

        Raises:
            Blocked: the policy forbids this URL, an address of its host, or a hop; or there are too many hops.
            Unreachable: nothing was sent.
            UnknownOutcome: sent, and no complete answer.
            AnswerUnreadable: the body is over `body_bytes_max` (AnswerTooLarge) or in a coding nobody asked for.

        """
        if not 0 <= follow <= OUTBOUND_REDIRECTS_MAX:
            raise ValueError(f"follow is {follow}, not within 0 to {OUTBOUND_REDIRECTS_MAX}")
        deadline = Deadline(self._clock, total_s)
        call = _Call("GET", self._policy.admit(read_url(url)), checked(headers or {}), None, body_bytes_max)
        answer = self._answered(call, deadline)
        for _ in range(follow):
            location = _location(answer)
            if location is None:
                return answer
            call = _redirected(call, next_target(self._policy, call.target, location))
            answer = self._answered(call, deadline)
        if follow and _location(answer) is not None:
            raise Blocked("redirect-limit", call.target.where)
        return answer

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        body_bytes_max: int = OUTBOUND_BODY_BYTES_MAX,
        total_s: float = OUTBOUND_TOTAL_S_MAX,
    ) -> Answer:
        """POST `body` to `url`, once; a redirect is an answer like any other.

        Raises:
            Blocked, Unreachable, UnknownOutcome, AnswerUnreadable: as `get`.

        """
        return self._send("POST", url, body, headers, body_bytes_max, total_s)

    def put(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        body_bytes_max: int = OUTBOUND_BODY_BYTES_MAX,
        total_s: float = OUTBOUND_TOTAL_S_MAX,
    ) -> Answer:
        """PUT `body` to `url`, once; a redirect is an answer like any other.

        Raises:
            Blocked, Unreachable, UnknownOutcome, AnswerUnreadable: as `get`.

        """
        return self._send("PUT", url, body, headers, body_bytes_max, total_s)

    def _send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None,
        body_bytes_max: int,
        total_s: float,
    ) -> Answer:
        call = _Call(method, self._policy.admit(read_url(url)), checked(headers or {}), body, body_bytes_max)
        return self._answered(call, Deadline(self._clock, total_s))

    def _answered(self, call: _Call, deadline: Deadline) -> Answer:
        """One request, one answer; every failure of the layers below becomes one of ours."""
        gate = Gate(self._policy, call.target, self._lookups, deadline)
        try:
            with closing(gate):
                return self._exchange(call, gate)
        except httpcore.LocalProtocolError:
            raise Blocked("request-malformed", call.target.where) from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise _failure(error, gate, call.target.where) from error

    def _exchange(self, call: _Call, gate: Gate) -> Answer:
        target = call.target
        connection = httpcore.HTTPConnection(
            httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port),
            ssl_context=self._tls,
            network_backend=gate,
        )
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        lines = _request_lines(call)
        with connection, connection.stream(call.method, url, headers=lines, content=call.body) as response:
            headers = _head(response, target.where)
            gate.read_bytes_max = 2 * (OUTBOUND_HEAD_BYTES_MAX + call.body_bytes_max)  # room for chunk framing
            body = _body(response, headers, call)
        return Answer(response.status, headers, body, target.href, gate.deadline.elapsed_s())


@cache
def _tls(authorities_pem: str) -> ssl.SSLContext:
    """Certificates and host names are verified; unlike `create_default_context` no environment variable is read.

    Kept, because reading the authorities takes 25 ms; a process knows one policy, or two.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=certifi.where())
    if authorities_pem:
        context.load_verify_locations(cadata=authorities_pem)
    return context


def _request_lines(call: _Call) -> list[tuple[str, str]]:
    own = [("host", call.target.authority), ("connection", "close"), ("accept-encoding", ACCEPTED)]
    told = {"user-agent": "beffroi", "accept": "*/*"} | dict(call.headers)
    return own + list(told.items())


def _head(response: httpcore.Response, where: str) -> tuple[tuple[str, str], ...]:
    size = sum(len(name) + len(value) for name, value in response.headers)
    if size > OUTBOUND_HEAD_BYTES_MAX or len(response.headers) > OUTBOUND_HEAD_LINES_MAX:
        raise AnswerTooLarge("head-too-large", where, response.status)
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)


def _body(response: httpcore.Response, headers: Iterable[tuple[str, str]], call: _Call) -> bytes:
    """The body; failures get the place and the status, which `bodies` does not know."""
    if call.body_bytes_max == 0:
        return b""
    coding = ",".join(value for name, value in headers if name == "content-encoding")
    try:
        return read_body(response.iter_stream(), coding, call.body_bytes_max)
    except AnswerUnreadable as error:
        raise type(error)(error.reason, call.target.where, response.status) from None


def _location(answer: Answer) -> str | None:
    return answer.header("location") if answer.status in _REDIRECTS else None


def _redirected(call: _Call, target: Target) -> _Call:
    """The next hop's request: the caller's headers go along only within one origin."""
    if target.origin == call.target.origin:
        return replace(call, target=target)
    return replace(call, target=target, headers={name: call.headers[name] for name in call.headers if name in CARRIED})


def _failure(error: Exception, gate: Gate, where: str) -> BeffroiError:
    """The three-way distinction: was anything sent, and what stopped it."""
    if gate.sent:
        return UnknownOutcome(_sent_reason(error), where)
    if isinstance(error.__cause__, ssl.SSLError):
        return Unreachable("tls-failure", where)
    return Unreachable(
        "connection-timeout" if isinstance(error, httpcore.TimeoutException) else "connection-failed", where
    )


def _sent_reason(error: Exception) -> str:
    match error:
        case httpcore.TimeoutException():
            return "answer-timeout"
        case httpcore.ProtocolError():
            return "answer-malformed"
        case _:
            return "answer-cut"
