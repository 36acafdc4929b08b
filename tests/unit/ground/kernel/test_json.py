import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.errors import Invalid, TooLarge
from beffroi.ground.kernel.json import canonical, parse
from beffroi.ground.kernel.limits import JSON_BYTES_MAX, JSON_DEPTH_MAX

SAFE = 2**53 - 1
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
REFUSED = [
    (b"\xff", "not-utf-8"),
    (b"\xef\xbb\xbf{}", "not-json"),
    (b"", "not-json"),
    (b"{", "not-json"),
    (b"{} {}", "not-json"),
    (b"{'a': 1}", "not-json"),
    (b"[1,]", "not-json"),
    (b"01", "not-json"),
    (b'"\n"', "not-json"),
    (b"NaN", "not-a-number"),
    (b"[Infinity]", "not-a-number"),
    (b"-Infinity", "not-a-number"),
    (b'{"a": 1, "a": 1}', "duplicate-key"),
    (b'{"a": 1, "\\u0061": 2}', "duplicate-key"),
    (b'[{"b": {"a": 1, "a": 2}}]', "duplicate-key"),
    (b'"\\ud800"', "lone-surrogate"),
    (b'{"\\udfff": 1}', "lone-surrogate"),
    (b'[["\\ud800\\ud800"]]', "lone-surrogate"),
    (b"9007199254740992", "integer-too-large"),
    (b"-9007199254740992", "integer-too-large"),
    (b"1" * 5000, "integer-too-large"),
    (b"1e400", "number-too-large"),
    (b"[-1.5e999]", "number-too-large"),
    (b"9" * 5000 + b".0", "number-too-large"),
]


@given(VALUES)
def test_what_was_written_is_read(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(canonical(value)) == value


@pytest.mark.parametrize(("raw", "code"), REFUSED, ids=[f"{code}-{raw[:12]!r}" for raw, code in REFUSED])
def test_what_two_readers_could_understand_differently_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(raw)
    assert caught.value.code == code


def test_a_duplicate_key_is_named_but_not_at_length() -> None:
    key = "k" * 1000
    with pytest.raises(Invalid) as caught:
        parse(f'{{"{key}": 1, "{key}": 2}}'.encode())
    assert caught.value.where == "k" * 80


def test_integers_at_the_limit() -> None:
    assert parse(b"[9007199254740991, -9007199254740991]") == [SAFE, -SAFE]


def test_a_pair_of_surrogates_is_one_letter() -> None:
    assert parse(b'["\\ud83d\\udd14", null]') == ["\N{BELL}", None]


def test_size_at_the_limit_and_one_beyond() -> None:
    at_limit = b'"' + b"a" * (JSON_BYTES_MAX - 2) + b'"'
    assert len(parse(at_limit)) == JSON_BYTES_MAX - 2
    with pytest.raises(TooLarge):
        parse(at_limit + b" ")
    with pytest.raises(TooLarge):
        parse(b"[1]", size_max=2)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_at_the_limit_and_one_beyond(opening: bytes, closing: bytes) -> None:
    def nested(depth: int) -> bytes:
        return opening * (depth - 1) + (b"[]" if opening == b"[" else b"{}") + closing * (depth - 1)

    assert parse(nested(JSON_DEPTH_MAX)) is not None
    for depth in (JSON_DEPTH_MAX + 1, 10_000):
        with pytest.raises(Invalid) as caught:
            parse(nested(depth))
        assert caught.value.code == "too-deep"


def test_brackets_inside_strings_have_no_depth() -> None:
    text = "[" * 100 + '"\\' + "{" * 100
    assert parse(json.dumps([text, text]).encode()) == [text, text]


# RFC 8785, section 3.2.2 and 3.2.3, and appendix B for numbers.
CANONICAL: list[tuple[Any, bytes]] = [
    (
        {"\u20ac": "Euro Sign", "\r": "Carriage Return", "1": "One"},
        '{"\\r":"Carriage Return","1":"One","€":"Euro Sign"}'.encode(),
    ),
    ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'.encode()),
    ([333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], b"[333333333.3333333,1e+30,4.5,0.002,1e-27]"),
    ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
    ([None, True, False, -0.0], b"[null,true,false,0]"),
]


@pytest.mark.parametrize(("value", "expected"), CANONICAL)
def test_canonical_bytes(value: Any, expected: bytes) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), SAFE + 1, "\ud800", {"\ud800": 1}, {1: 1}, object()])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        canonical(value)
    assert caught.value.code == "not-canonical"


def test_a_number_with_a_fraction_is_read():
    assert parse(b"[1.5, -2e3]") == [1.5, -2000.0]
