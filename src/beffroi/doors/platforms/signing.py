"""Standard Webhooks signatures, and the secrets behind them.

Owns: what a secret must be, making a new one, and the three header fields of a signed message.
Promises: with two secrets (one old, one new) both sign, so that a receiver may change over when it likes.
Never does: keep a secret longer than the settings that hold it; nothing here prints one.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import random_bytes
from beffroi.ground.kernel.limits import WEBHOOK_SECRET_BYTES_MAX, WEBHOOK_SECRET_BYTES_MIN

_PREFIX: Final = "whsec_"
_FRESH_BYTES: Final = 32
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""A `webhook-id`: no full stop, which ends the id in the signed text."""


def fresh_secret() -> str:
    """A new secret of 256 bits, `whsec_…`."""
    return _PREFIX + base64.b64encode(random_bytes(_FRESH_BYTES)).decode()


def checked_secret(secret: str) -> str:
    """The same secret, if it is one.

    Raises:
        Invalid: `webhook-secret`; its text is not in the message.

    """
    try:
        size = len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(_PREFIX) or not WEBHOOK_SECRET_BYTES_MIN <= size <= WEBHOOK_SECRET_BYTES_MAX:
        raise Invalid(
            "webhook-secret",
            f"a secret is {_PREFIX} and {WEBHOOK_SECRET_BYTES_MIN} to {WEBHOOK_SECRET_BYTES_MAX} bytes in base64",
        )
    return secret


def signed_headers(secrets: Sequence[str], key: str, at: datetime, body: bytes) -> dict[str, str]:
    """The header fields that make `body` a signed message `key`, sent at `at` (UTC); one signature a secret.

    Raises:
        Invalid: the key could not be told from the rest of the signed text.

    """
    if not _KEY.fullmatch(key):
        raise Invalid("webhook-id", "an idempotency key is 1 to 128 letters, digits, hyphens and underscores")
    text = body.decode("utf-8")
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(key, at, text) for secret in secrets),
    }
