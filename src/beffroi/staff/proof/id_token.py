"""ID tokens (OpenID Connect Core 1.0, section 3.1.3.7): what the identity provider says of somebody, checked whole.

Owns: `Asked`, what this node asked for in one sign-on; `Claimed`, what may be believed of the answer; the checks.
Promises: one algorithm, set by the operator and never negotiated; a key only of the kind that the algorithm needs, so
that neither `none` nor a public key used as a shared secret passes; every check of the section, each with a name.
Never does: call out, look up a person, or read roles, groups or names: those are none of the provider's business here.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

from authlib.oidc.core.util import create_half_hash
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from beffroi.ground.kernel.clock import EPOCH
from beffroi.ground.kernel.errors import Refusal, Unauthenticated
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import (
    EMAIL_CHARS_MAX,
    ID_TOKEN_BYTES_MAX,
    ID_TOKEN_LEEWAY_S,
    SIGN_ON_S_MAX,
    SUBJECT_CHARS_MAX,
)

Algorithm = Literal["RS256", "PS256", "ES256"]
_KINDS: dict[Algorithm, str] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
_LEEWAY = timedelta(seconds=ID_TOKEN_LEEWAY_S)
_SECOND_LAST = 250_000_000_000
"""In the year 9892: later ones no date can hold with the leeway added."""

Text = Annotated[str, Field(strict=True)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=_SECOND_LAST)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one sign-on asked for. `again`: they must have shown who they are since `since`, not only some time."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    """RFC 7636, section 4.1: 43 characters."""
    since: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who the provider says it is. `email` is empty unless the provider has verified the address."""

    issuer: str
    subject: str = field(repr=False)
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a token must come from and be for. `acr`: how they must have been authenticated; empty: as it likes."""

    issuer: str
    client_id: str
    algorithm: Algorithm
    acr: str = ""


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    iss: Text
    sub: Annotated[str, Field(strict=True, min_length=1, max_length=SUBJECT_CHARS_MAX, pattern=r"^[\x20-\x7e]+$")]
    aud: Text | list[Text]
    exp: Seconds
    iat: Seconds
    nbf: Seconds = 0
    nonce: Text = ""
    azp: Text | None = None
    auth_time: Seconds | None = None
    acr: Text = ""
    at_hash: Text | None = None
    email: Any = None
    email_verified: Any = None


class _Registry(jws.JWSRegistry):
    """How headers are read: what we do not know is ignored (RFC 7515, section 4), unless it says it is critical.

    Providers put whole certificate chains there, which nobody here looks at.
    """

    max_header_length = ID_TOKEN_BYTES_MAX

    def __init__(self, algorithms: Collection[str] | None = None) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)


def derived(challenge: bytes, since: datetime, *, again: bool) -> Asked:
    """State, nonce and PKCE verifier of the sign-on whose secret `challenge` is: nothing else need be kept of them."""

    def part(of: str) -> str:
        return urlsafe_b64encode(hmac.digest(challenge, of.encode(), sha256)).decode().rstrip("=")

    return Asked(part("state"), part("nonce"), part("code verifier"), since, again)


def refused(reason: str) -> Unauthenticated:
    """It does not hold. `reason` is for the operator's log; who tried is not told."""
    return Unauthenticated("sign-on-failed", "that did not work; start again", reason=reason)


def key_id(token: str) -> str | None:
    """Which key the token says it is signed with; believed by nobody.

    Raises:
        Unauthenticated: it is not a signed token.

    """
    if len(token) > ID_TOKEN_BYTES_MAX:
        raise refused("token-too-large")
    try:
        header = jws.extract_compact(token.encode("ascii"), registry=_Registry()).headers()
    except (JoseError, ValueError, TypeError, AttributeError):
        raise refused("token-malformed") from None
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise refused("token-malformed")
    return kid


def fitting(keys: Iterable[Key], kid: str | None, algorithm: Algorithm) -> list[Key]:
    """The keys that may have signed: of the kind that `algorithm` needs, for signatures, and named so."""
    return [
        key
        for key in keys
        if key.key_type == _KINDS[algorithm]
        and key.get("use") in {None, "sig"}
        and key.get("alg") in {None, algorithm}
        and (kid is None or key.get("kid") == kid)
    ]


def read(token: str, key: Key, wanted: Wanted, asked: Asked, now: datetime, access_token: str = "") -> Claimed:
    """What a token says, once everything about it holds.

    Raises:
        Unauthenticated: `reason` names the first thing that does not.

    """
    claims = _signed(token, key, wanted.algorithm)
    for reason, holds in _checks(claims, wanted, asked, now, access_token).items():
        if not holds:
            raise refused(reason)
    return Claimed(claims.iss, claims.sub, verified_email(claims.email, claims.email_verified))


def verified_email(email: object, is_verified: object) -> str:
    """The address if the provider says, by a truth value and by no word, that it has verified it; else nothing."""
    return email if is_verified is True and isinstance(email, str) and len(email) <= EMAIL_CHARS_MAX else ""


def _signed(token: str, key: Key, algorithm: Algorithm) -> _Claims:
    try:
        signed = jws.deserialize_compact(token.encode("ascii"), key, registry=_Registry(algorithms=[algorithm]))
    except (JoseError, ValueError, TypeError):
        raise refused("token-signature") from None
    if signed.headers().get("alg") != algorithm:
        raise refused("token-algorithm")
    try:
        return _Claims.model_validate(parse(signed.payload or b"", size_max=ID_TOKEN_BYTES_MAX))
    except (ValidationError, Refusal):
        raise refused("token-claims") from None


def _checks(claims: _Claims, wanted: Wanted, asked: Asked, now: datetime, access_token: str) -> Mapping[str, bool]:
    """Each demand of section 3.1.3.7 (and 3.1.3.8 for `at_hash`), in its order."""
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    auth_time = None if claims.auth_time is None else _instant(claims.auth_time)
    return {
        "token-issuer": claims.iss == wanted.issuer,
        "token-audience": wanted.client_id in audience and (len(audience) == 1 or claims.azp is not None),
        "token-authorised-party": claims.azp in {None, wanted.client_id},
        "token-expired": now < _instant(claims.exp) + _LEEWAY,
        "token-from-the-future": max(_instant(claims.iat), _instant(claims.nbf)) <= now + _LEEWAY,
        "token-old": now - _instant(claims.iat) <= timedelta(seconds=SIGN_ON_S_MAX) + _LEEWAY,
        "token-nonce": hmac.compare_digest(claims.nonce.encode(), asked.nonce.encode()),
        "token-acr": not wanted.acr or claims.acr == wanted.acr,
        "token-not-again": not asked.again or (auth_time is not None and auth_time >= asked.since - _LEEWAY),
        "token-access-hash": claims.at_hash is None or _fits(claims.at_hash, access_token, wanted.algorithm),
    }


def _fits(at_hash: str, access_token: str, algorithm: Algorithm) -> bool:
    made: bytes | None = create_half_hash(access_token, algorithm)
    return made is not None and hmac.compare_digest(made, at_hash.encode())


def _instant(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)
