"""The organisation's identity provider, as its relying party talks to it (OpenID Connect, authorization code flow).

Owns: reading the provider's description and keys, the address a browser is sent to, trading the code for an ID token.
Promises: every call goes through the node's one way out; description and endpoints are the configured issuer's or
nobody's; a key that nobody knows has the keys read again once a minute at most; PKCE (RFC 7636) always; a failure
names its reason to the operator, never to who tries.
Never does: keep a token, ask for anything but who somebody is, or decide who they are here (`staff.signon` does).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote_plus

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import Refusal, Unavailable
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import (
    ID_TOKEN_BYTES_MAX,
    PROVIDER_BYTES_MAX,
    PROVIDER_KEPT_S,
    PROVIDER_KEYS_AGAIN_S,
    PROVIDER_REST_S,
    PROVIDER_TOTAL_S_MAX,
    URL_CHARS_MAX,
)
from beffroi.ground.net import Answer, AnswerUnreadable, Blocked, UnknownOutcome

from . import id_token
from .id_token import Asked, Claimed, Wanted, refused

T = TypeVar("T")
_OK = 200
_WELL_KNOWN = "/.well-known/openid-configuration"
_SCOPE = "openid email"
_METHODS = ("client_secret_basic", "client_secret_post")

Url = Annotated[str, Field(max_length=URL_CHARS_MAX, pattern=r"^https?://[^\s\\]+$")]


class Way(Protocol):
    """`Outbound`, or what has its shape."""

    def get(self, url: str, *, headers: dict[str, str], body_bytes_max: int, total_s: float) -> Answer:
        """GET."""
        ...

    def post(self, url: str, body: bytes, *, headers: dict[str, str], body_bytes_max: int, total_s: float) -> Answer:
        """POST."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What provider and node agreed on, as the operator set it; `returns_to` is the redirect URI, exactly."""

    wanted: Wanted
    client_secret: str = field(repr=False)
    returns_to: str
    called: str
    """What the button calls the provider."""


class Described(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as we use it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: Url
    token_endpoint: Url
    jwks_uri: Url
    userinfo_endpoint: Url | None = None
    end_session_endpoint: Url | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Token(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id_token: Annotated[str, Field(max_length=ID_TOKEN_BYTES_MAX)]
    access_token: Annotated[str, Field(max_length=ID_TOKEN_BYTES_MAX, pattern=r"^[\x21-\x7e]*$")] = ""


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    sub: str
    email: Any = None
    email_verified: Any = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something read from the provider, and when (monotonic seconds)."""

    what: Any
    at: float


class Provider:
    """One identity provider; thread-safe. Nothing is asked of it before somebody wants to sign in."""

    def __init__(self, terms: Terms, way: Way, clock: Clock) -> None:
        """`way` is the node's way out."""
        self.terms = terms
        self._way, self._clock = way, clock
        self._kept: dict[str, _Kept] = {}
        self._turn = threading.Lock()

    def address(self, asked: Asked) -> str:
        """Where the browser goes to show who its user is.

        Raises:
            Unavailable: the provider cannot be reached, or is not the one that was configured.

        """
        again = {"prompt": "login", "max_age": "0"} if asked.again else {}
        acr = {"acr_values": self.terms.wanted.acr} if self.terms.wanted.acr else {}
        return str(
            prepare_grant_uri(
                self._described().authorization_endpoint,
                self.terms.wanted.client_id,
                "code",
                redirect_uri=self.terms.returns_to,
                scope=_SCOPE,
                state=asked.state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
                **again,
                **acr,
            )
        )

    def leaving(self) -> str | None:
        """Where the browser ends its session with the provider as well (RP-Initiated Logout 1.0); None: nowhere."""
        end = self._described().end_session_endpoint
        return None if end is None else f"{end}{'&' if '?' in end else '?'}client_id={quote_plus(self._client_id)}"

    def check_issuer(self, named: str | None) -> None:
        """Whether an answer comes from this provider (RFC 9207), so that another one's code is not sent to it.

        Raises:
            Unauthenticated: it names another, or none where it should.

        """
        is_due = self._described().authorization_response_iss_parameter_supported
        if named != self.terms.wanted.issuer and (named is not None or is_due):
            raise refused("answer-issuer")

    def redeem(self, code: str, asked: Asked, *, with_email: bool = False) -> Claimed:
        """Who stands behind a code that the browser brought back; `with_email`: and where they read their mail.

        A provider may keep the address out of the token, and give it to who asks with the access token (section 5.4).

        Raises:
            Unauthenticated: the provider does not take the code, or its token does not hold.
            Unavailable: it did not answer, or not in a way that can be read.

        """
        said = self._traded(code, asked.verifier)
        key = self._key_of(said.id_token)
        claimed = id_token.read(said.id_token, key, self.terms.wanted, asked, self._clock.now(), said.access_token)
        if claimed.email or not with_email:
            return claimed
        return replace(claimed, email=self._asked_email(said.access_token, claimed.subject))

    @property
    def _client_id(self) -> str:
        return self.terms.wanted.client_id

    def _traded(self, code: str, verifier: str) -> _Token:
        found = self._described()
        body = prepare_token_request(
            "authorization_code", "", redirect_uri=self.terms.returns_to, code=code, code_verifier=verifier
        )
        # RFC 6749, section 2.3.1: both are form-encoded before they are joined by a colon; Authlib leaves that to us.
        method = self._method(found)
        plain = method != "client_secret_basic"
        secret = self.terms.client_secret
        auth = ClientAuth(
            self._client_id if plain else quote_plus(self._client_id), secret if plain else quote_plus(secret), method
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        _, headers, body = auth.prepare("POST", found.token_endpoint, headers, body)
        answer = _reached(
            lambda: self._way.post(
                found.token_endpoint,
                body.encode(),
                headers=headers,
                body_bytes_max=PROVIDER_BYTES_MAX,
                total_s=PROVIDER_TOTAL_S_MAX,
            )
        )
        if answer.status >= 500:  # noqa: PLR2004 (HTTP's own number)
            raise _no_provider("token-endpoint-failed")
        if answer.status != _OK:
            raise refused("code-refused")
        return _modelled(_Token, answer.body, "token-answer-unreadable")

    def _asked_email(self, access_token: str, subject: str) -> str:
        """The address that the provider verified, of the one whom the token is about; empty if it tells none."""
        endpoint = self._described().userinfo_endpoint
        if endpoint is None or not access_token:
            return ""
        body = self._got(endpoint, {"Authorization": f"Bearer {access_token}"})
        told = _modelled(_Told, body, "userinfo-unreadable")
        if told.sub != subject:  # section 5.3.2: otherwise it is somebody else's address
            raise refused("userinfo-of-another")
        return id_token.verified_email(told.email, told.email_verified)

    def _method(self, found: Described) -> str:
        """How this node shows the provider that it is the client; a public client shows PKCE alone."""
        if not self.terms.client_secret:
            return "none"
        offered = found.token_endpoint_auth_methods_supported
        method = next((method for method in _METHODS if method in offered), None)
        if method is None:
            raise _no_provider("no-common-client-authentication")
        return method

    def _key_of(self, token: str) -> Key:
        """The one key that may have signed it.

        An unknown name has the keys read again: providers replace them without notice.
        """
        kid, algorithm = id_token.key_id(token), self.terms.wanted.algorithm
        fitting = id_token.fitting(self._keys(PROVIDER_KEPT_S), kid, algorithm)
        if not fitting:
            fitting = id_token.fitting(self._keys(PROVIDER_KEYS_AGAIN_S), kid, algorithm)
        if len(fitting) != 1:
            raise refused("token-key")
        return fitting[0]

    def _described(self) -> Described:
        found: Described = self._read("description", PROVIDER_KEPT_S, self._describe)
        return found

    def _describe(self) -> Described:
        issuer = self.terms.wanted.issuer
        found = _modelled(Described, self._got(issuer.rstrip("/") + _WELL_KNOWN), "description-unreadable")
        if found.issuer != issuer:
            raise _no_provider("description-of-another-issuer")
        if issuer.startswith("https://") and not all(url.startswith("https://") for url in _endpoints(found)):
            raise _no_provider("endpoint-without-tls")
        return found

    def _keys(self, age_s_max: float) -> list[Key]:
        found: list[Key] = self._read("keys", age_s_max, self._read_keys)
        return found

    def _read_keys(self) -> list[Key]:
        body = self._got(self._described().jwks_uri)
        try:
            listed = parse(body, size_max=PROVIDER_BYTES_MAX)["keys"]
            return [key for each in listed if (key := _key(each)) is not None]
        except (Refusal, KeyError, TypeError):
            raise _no_provider("keys-unreadable") from None

    def _got(self, url: str, headers: dict[str, str] | None = None) -> bytes:
        sent = {"Accept": "application/json"} | (headers or {})
        answer = _reached(
            lambda: self._way.get(url, headers=sent, body_bytes_max=PROVIDER_BYTES_MAX, total_s=PROVIDER_TOTAL_S_MAX)
        )
        if answer.status != _OK:
            raise _no_provider(f"answered-{answer.status}")
        return answer.body

    def _read(self, name: str, age_s_max: float, read: Callable[[], T]) -> T:
        """What was read less than `age_s_max` ago, or is read now.

        A failure is remembered for a few seconds, so that a provider that hangs does not hold every thread of the door.
        """
        with self._turn:
            kept = self._kept.get(name)
        age_s = float("inf") if kept is None else self._clock.monotonic() - kept.at
        if kept is None or age_s >= (PROVIDER_REST_S if isinstance(kept.what, Unavailable) else age_s_max):
            kept = _Kept(_or_failure(read), self._clock.monotonic())
            with self._turn:
                self._kept[name] = kept
        if isinstance(kept.what, Unavailable):
            raise kept.what
        what: T = kept.what
        return what


def _endpoints(found: Described) -> tuple[str, ...]:
    always = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    return always + tuple(url for url in (found.userinfo_endpoint, found.end_session_endpoint) if url is not None)


def _key(listed: Any) -> Key | None:
    """One key of a set; None for those that we cannot read: RFC 7517, section 5, has us ignore them."""
    try:
        return JWKRegistry.import_key(listed) if isinstance(listed, dict) else None
    except (JoseError, ValueError, TypeError):
        return None


def _or_failure(read: Callable[[], T]) -> T | Unavailable:
    try:
        return read()
    except Unavailable as failure:
        return failure


def _reached(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except (Blocked, UnknownOutcome, AnswerUnreadable, Unavailable) as error:
        raise _no_provider(error.code) from error


M = TypeVar("M", bound=BaseModel)


def _modelled(model: type[M], body: bytes, reason: str) -> M:
    try:
        return model.model_validate(parse(body, size_max=PROVIDER_BYTES_MAX))
    except (ValidationError, Refusal):
        raise _no_provider(reason) from None


def _no_provider(reason: str) -> Unavailable:
    return Unavailable("no-identity-provider", "the identity provider did not answer as it should", reason=reason)
