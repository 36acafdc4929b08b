"""What callers may send along."""

import pytest

from beffroi.ground.net.errors import Blocked
from beffroi.ground.net.headers import checked


def test_names_become_lower_case() -> None:
    assert checked({"Content-Type": "application/json", "X-Empty": ""}) == {
        "content-type": "application/json",
        "x-empty": "",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("x", "a\r\nHost: evil"), ("x", "a\nb"), ("x", "a\x00b"), ("x", "é"), ("x", " a"), ("x", "a "), ("x\r\ny", "a"),
     ("", "a"), ("x y", "a"), ("x:", "a"), ("é", "a"), ("x", "a\x7f")],
)  # fmt: skip
def test_no_control_character_gets_to_the_wire(name: str, value: str) -> None:
    with pytest.raises(Blocked) as refusal:
        checked({name: value})
    assert refusal.value.reason == "header-malformed"


@pytest.mark.parametrize(
    "name", ["Host", "HOST", "content-length", "Transfer-Encoding", "Connection", "Upgrade", "Expect"]
)
def test_the_connection_is_ours(name: str) -> None:
    with pytest.raises(Blocked) as refusal:
        checked({name: "x"})
    assert refusal.value.reason == "header-not-allowed"
