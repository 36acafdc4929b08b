"""Passkeys (W3C Web Authentication, level 2): registering one, and signing in with one.

Owns: the two ceremonies, as the node's half sees them.
Promises: the person was verified by the device (not only present); a counter that does not grow, a foreign origin, an
answer to another challenge, and anything malformed are refused with one answer.
Never does: keep challenges or keys (`store` does); open a transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from beffroi.ground.kernel import json
from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import CHALLENGE_S_MAX, PASSKEY_BYTES_MAX

_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This node, as browsers know it: `id` is its host name (never a bare IP address), `origins` where pages stand."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a device holds for a person; only its public half is here."""

    credential: bytes
    person: PersonId
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, slots=True)
class Registered:
    """What a device answered to an offer."""

    credential: bytes
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, slots=True)
class Asserted:
    """A device proved that it holds the passkey; `sign_count` is its new count, 0 where it does not count."""

    credential: bytes
    sign_count: int


def offer(
    party: RelyingParty, challenge: bytes, person: PersonId, email: str, name: str, existing: Iterable[bytes]
) -> str:
    """The options for `navigator.credentials.create`, as JSON. The user handle is the person's id, not their name."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=person.encode(),
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=CHALLENGE_S_MAX * 1000,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in existing],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
    )
    return webauthn.options_to_json(options)


def registered(party: RelyingParty, challenge: bytes, answer: bytes) -> Registered:
    """Check a browser's answer to `offer` (the JSON of `PublicKeyCredential.toJSON`).

    Raises:
        Invalid: it does not answer this offer, or the device did not verify its user.

    """
    try:
        verified = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001  the library raises more than it documents on hostile bytes
        raise Invalid("passkey-refused", "the passkey could not be added", cause=type(error).__name__) from None
    return Registered(verified.credential_id, verified.credential_public_key, verified.sign_count)


def challenge_options(party: RelyingParty, challenge: bytes) -> str:
    """The options for `navigator.credentials.get`, as JSON: they name no account, so they tell of none."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=CHALLENGE_S_MAX * 1000, user_verification=_VERIFIED
    )
    return webauthn.options_to_json(options)


def credential_named(answer: bytes) -> bytes:
    """The credential that an answer says it is of; not proved yet.

    Raises:
        Unauthenticated: it is no such answer.

    """
    try:
        return base64url_to_bytes(str(_parsed(answer)["id"]))
    except Exception:  # noqa: BLE001  hostile bytes
        raise _refused() from None


def asserted(party: RelyingParty, challenge: bytes, passkey: Passkey, answer: bytes) -> Asserted:
    """Check a browser's answer to `challenge_options`.

    Raises:
        Unauthenticated: anything about it does not hold.

    """
    try:
        parsed = _parsed(answer)
        handle = base64url_to_bytes(parsed["response"]["userHandle"])
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  the library raises more than it documents on hostile bytes
        raise _refused() from None
    if handle != passkey.person.encode():  # level 2, section 7.2, step 6: nobody was named beforehand
        raise _refused()
    return Asserted(passkey.credential, verified.new_sign_count)


def _parsed(answer: bytes) -> dict[str, Any]:
    parsed = json.parse(answer, size_max=PASSKEY_BYTES_MAX)
    if not isinstance(parsed, dict):
        raise Invalid("passkey-refused", "this is not a browser's answer")
    return parsed


def _refused() -> Unauthenticated:
    return Unauthenticated("sign-in-failed", "this passkey did not hold here")
