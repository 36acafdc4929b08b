"""Codes of the telephone (RFC 6238).

Owns: TOTP secrets, their address for the QR code, checking a code.
Promises: a code works once: what is returned is its counter, and a counter not above the last one is refused.
Never does: store anything; read a clock.
"""

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp

from beffroi.ground.kernel.limits import TOTP_STEPS_OFF_MAX

_STEP_S = 30
_DIGITS = 6
_SECRET_BYTES = 20


def derived(pepper: bytes, occasion: str) -> bytes:
    """The secret offered on one occasion (a link, a session): the same each time the page is loaded.

    It needs no storage before the first code has proved that the telephone has it, and whoever only sees the
    occasion (a link in a mailbox) cannot compute it without the node's `pepper`.
    """
    return hmac.digest(pepper, f"totp|{occasion}".encode(), hashlib.sha256)[:_SECRET_BYTES]


def spelled(secret: bytes) -> str:
    """Base 32, as people type it into a telephone that cannot read the QR code."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, email: str, node: str) -> str:
    """The `otpauth://` address for the QR code."""
    return pyotp.TOTP(spelled(secret)).provisioning_uri(name=email, issuer_name=node)


def counter(secret: bytes, code: str, now: datetime, last: int) -> int | None:
    """The counter that `code` was made for, if it is near `now` and above `last`; None if it does not hold."""
    typed = code.replace(" ", "")
    if len(typed) != _DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    made = pyotp.HOTP(spelled(secret))
    present = int(now.timestamp()) // _STEP_S
    near = range(present - TOTP_STEPS_OFF_MAX, present + TOTP_STEPS_OFF_MAX + 1)
    found = [at for at in near if hmac.compare_digest(made.at(at), typed)]
    return next((at for at in found if at > last), None)


def code(secret: bytes, at: datetime) -> str:
    """The code that a telephone shows; for the demo, which prints it, and for tests."""
    return pyotp.HOTP(spelled(secret)).at(int(at.timestamp()) // _STEP_S)
