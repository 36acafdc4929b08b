"""The header fields a caller may send along.

Owns: which fields are the connection's business and refused, and which may follow a redirect to another origin.
Promises: no field with a line break or another control character gets as far as the wire.
Never does: add a field of its own.
"""

import re
from collections.abc import Mapping
from typing import Final

from .errors import Blocked

CARRIED: Final = frozenset({"accept", "accept-language", "cache-control", "pragma", "user-agent"})
"""All else (Authorization, Cookie, Signature, webhook-signature, anything unforeseen) stays with its origin."""

_OURS: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 §5.1, token."""
_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")
"""RFC 9110 §5.5, without its obsolete bytes above ASCII."""


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """The same fields with names in lower case.

    Raises:
        Blocked: `header-not-allowed` for a field of the connection, `header-malformed` for one that is none.

    """
    for name, value in headers.items():
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise Blocked("header-malformed")
        if name.lower() in _OURS:
            raise Blocked("header-not-allowed")
    return {name.lower(): value for name, value in headers.items()}
