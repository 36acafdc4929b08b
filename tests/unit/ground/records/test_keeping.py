"""What a declaration says of itself."""

import pytest

from beffroi.ground.records import Retention

ENDS = {"over": lambda _conn, _now: None, "asked": True, "owner": "staff.leave", "until_erased": True}


def test_rows_that_nothing_ends_are_facts() -> None:
    assert Retention("for good").is_for_good


@pytest.mark.parametrize("end", ENDS)
def test_rows_that_something_ends_are_none(end: str) -> None:
    assert not Retention("for a while", **{end: ENDS[end]}).is_for_good
