"""Secrets that people and machines carry: session tokens, links, API keys, recovery codes.

Owns: how they are made, written, and turned into what may be stored.
Promises: 256 random bits (a recovery code: 80); only hashes are stored, under the node's pepper where the secret is
short or guessable (e-mail addresses, recovery codes, addresses of machines).
Never does: look anything up.
"""

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from base64 import b32encode

from beffroi.ground.kernel.ids import KeyId, random_bytes, secret_token

_KEY = re.compile(r"bfk_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})")
_RECOVERY_BYTES = 10
_V6_PREFIX = 64


def fresh() -> str:
    """An unguessable token for a session, a link or a ceremony."""
    return secret_token()


def digest(token: str) -> bytes:
    """What is stored of a token of 256 bits: nothing can be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def lookup_of(pepper: bytes, email: str) -> str:
    """By which an e-mail address is found again; upper and lower case are the same."""
    plain = unicodedata.normalize("NFKC", email).strip().casefold()
    return _peppered(pepper, "e-mail", plain).hex()


def binding_of(pepper: bytes, issuer: str, subject: str) -> str:
    """By which the account of an identity provider is found again; the issuer's length keeps the two apart."""
    return _peppered(pepper, f"binding {len(issuer)}", f"{issuer}|{subject}").hex()


def place_of(pepper: bytes, purpose: str, *parts: str) -> str:
    """By which tries are counted, for an address or an account, without keeping either."""
    return _peppered(pepper, f"place {purpose}", "|".join(parts)).hex()


def network_of(address: str) -> str:
    """The address for counting: an IPv6 network of 64 bits is one customer; a v4 address in v6 form is v4."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(parsed), _V6_PREFIX), strict=False))
    return str(parsed)


def recovery_code() -> str:
    """A code to be written on paper: `MZXW-6YTB-OI2D-AMRT`."""
    letters = b32encode(random_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def recovery_digest(pepper: bytes, code: str) -> bytes:
    """What is stored of a recovery code; case, hyphens and spaces do not count."""
    plain = re.sub(r"[\s-]", "", code).upper()
    return _peppered(pepper, "recovery code", plain)


def written_key(key: KeyId, secret: str) -> str:
    """An API key as the machine gets it: `bfk_<26 characters of the id>_<secret>`."""
    return f"bfk_{key.partition('_')[2]}_{secret}"


def read_key(written: str) -> tuple[KeyId, bytes] | None:
    """Id and digest of the secret in a written API key; None if it is not one."""
    found = _KEY.fullmatch(written)
    return None if found is None else (KeyId(f"key_{found[1]}"), digest(found[2]))


def _peppered(pepper: bytes, purpose: str, plain: str) -> bytes:
    return hmac.digest(pepper, f"{purpose}|{plain}".encode("utf-8", "replace"), hashlib.sha256)
