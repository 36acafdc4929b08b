"""JSON, strict on the way in and canonical on the way to a digest.

Owns: `parse` (bytes from outside) and `canonical` (RFC 8785, JCS).
Promises: `parse` refuses what two readers could understand differently: duplicate keys, NaN and
infinities, lone surrogates, a depth or size over `limits`, integers no double can hold exactly.
Never does: know the shape of any message.
"""

import json
import re
from math import isfinite
from typing import Any

import rfc8785

from .errors import Invalid, TooLarge
from .limits import JSON_BYTES_MAX, JSON_DEPTH_MAX

_SAFE_INTEGER = 2**53 - 1
_SAFE_INTEGER_CHARS = len(f"-{_SAFE_INTEGER}")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""One that does not end goes on to the end of the text, so that no text is looked through twice."""
_BRACKET = re.compile(r"[\[\]{}]")


def parse(raw: bytes, *, size_max: int = JSON_BYTES_MAX, depth_max: int = JSON_DEPTH_MAX) -> Any:
    """The value in `raw` (UTF-8).

    Raises:
        TooLarge: more than `size_max` bytes.
        Invalid: malformed, ambiguous or deeper than `depth_max`.

    """
    if len(raw) > size_max:
        raise TooLarge("body-too-large", f"the JSON is {len(raw)} bytes; the limit is {size_max}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("not-utf-8", f"byte {error.start} is not UTF-8") from None
    _check_depth(text, depth_max)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_safe_int,
            parse_float=_finite_float,
        )
    except json.JSONDecodeError as error:
        raise Invalid("not-json", f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    if "\\u" in text or "\\U" in text:
        _check_surrogates(value)
    return value


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value; equal values give equal bytes.

    Raises:
        Invalid: NaN, an integer beyond 2**53 - 1, or something that is not JSON.

    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Invalid("not-canonical", str(error)) from None


def _check_depth(text: str, depth_max: int) -> None:
    """Count brackets outside strings before the recursive parser sees them."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > depth_max:
            raise Invalid("too-deep", f"nested deeper than {depth_max} levels")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise Invalid("duplicate-key", f"the key {key[:80]!r} stands twice in one object", where=key[:80])
        result[key] = value
    return result


def _no_constant(name: str) -> float:
    raise Invalid("not-a-number", f"{name} is not JSON")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Invalid("number-too-large", f"the number {digits[:20]} does not fit in a double")
    return number


def _safe_int(digits: str) -> int:
    if len(digits) > _SAFE_INTEGER_CHARS or abs(int(digits)) > _SAFE_INTEGER:
        raise Invalid("integer-too-large", f"the integer {digits[:20]} does not fit in a double")
    return int(digits)


def _check_surrogates(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Invalid("lone-surrogate", "a text holds half of a surrogate pair") from None
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_surrogates(key)
            _check_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_surrogates(inner)
