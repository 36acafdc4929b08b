"""Secrets that people and machines carry."""

import re

import pytest

from beffroi.ground.kernel.ids import KeyId
from beffroi.staff.proof import tokens

P, Q = b"p" * 32, b"q" * 32
KEY = KeyId("key_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S")
SECRET = "A-_" * 14 + "B"


def test_tokens_are_256_bits_and_never_the_same() -> None:
    made = {tokens.fresh() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)


def test_an_address_is_found_again_only_with_the_pepper() -> None:
    lookup = tokens.lookup_of(P, "Mara@Node.example ")
    assert lookup == tokens.lookup_of(P, "mara@node.EXAMPLE")
    assert lookup != tokens.lookup_of(Q, "mara@node.example")
    assert "mara" not in lookup
    assert tokens.lookup_of(P, "\ud800")


def test_one_purpose_says_nothing_about_another() -> None:
    assert tokens.place_of(P, "pair", "a", "b") != tokens.place_of(P, "account", "a", "b")
    assert tokens.place_of(P, "account", "x") != tokens.lookup_of(P, "x")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("somewhere", "unknown"),
        ("", "unknown"),
    ],
)
def test_where_tries_are_counted(address: str, network: str) -> None:
    assert tokens.network_of(address) == network


def test_recovery_codes_are_read_as_people_write_them() -> None:
    code = tokens.recovery_code()
    assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code)
    digest = tokens.recovery_digest(P, code)
    assert digest == tokens.recovery_digest(P, f" {code.lower().replace('-', ' ')}\n")
    assert digest != tokens.recovery_digest(Q, code)
    assert len({tokens.recovery_code() for _ in range(200)}) == 200


def test_a_key_as_it_is_written() -> None:
    written = tokens.written_key(KEY, SECRET)
    assert written == f"bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET}"
    assert tokens.read_key(written) == (KEY, tokens.digest(SECRET))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "bfk_",
        f"bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET}x",
        f"bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET[:-1]}",
        f"bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S-{SECRET}",
        f"BFK_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET}",
        f"bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET}\n",
        f" bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S_{SECRET}",
        f"bfk_{'İ' * 26}_{SECRET}",
        "bfk_" + "0" * 100_000,
    ],
)
def test_what_is_no_key(written: str) -> None:
    assert tokens.read_key(written) is None
