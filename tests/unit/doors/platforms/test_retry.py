"""The schedule."""

import pytest

from beffroi.doors.platforms import next_try


def test_ten_tries_and_then_a_person() -> None:
    pauses = [next_try(attempt) for attempt in range(10)]
    assert pauses == [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert next_try(10) is None
    assert next_try(1000) is None


def test_jitter_only_lengthens() -> None:
    assert next_try(2, 0.5) == pytest.approx(330)
    assert next_try(2, 1.0) == pytest.approx(360)
    assert next_try(0, 1.0) == 0


@pytest.mark.parametrize(("attempt", "jitter"), [(-1, 0.0), (1, -0.1), (1, 1.1)])
def test_out_of_range(attempt: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        next_try(attempt, jitter)
