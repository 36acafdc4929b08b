import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.ids import fresh, made_at, random_bytes, reference, secret_token, shuffled, spoken_code

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 (made aware below)
def test_an_id_is_a_prefix_and_26_letters_of_crockford(at: datetime) -> None:
    assert re.fullmatch(r"case_[0-7][0-9A-HJKMNP-TV-Z]{25}", fresh("case", at.replace(tzinfo=UTC)))


def test_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = [fresh("item", AT + timedelta(milliseconds=step)) for step in range(200)]
    assert made == sorted(made)


def test_ids_of_one_moment_differ() -> None:
    assert len({fresh("item", AT) for _ in range(1000)}) == 1000


def test_the_time_stands_in_the_first_ten_letters() -> None:
    assert fresh("item", AT)[:15] == fresh("item", AT)[:15]
    assert fresh("item", datetime(1970, 1, 1, tzinfo=UTC)).startswith("item_0000000000")


def test_an_id_says_when_it_was_made() -> None:
    assert made_at(fresh("item", AT + timedelta(milliseconds=7))) == AT + timedelta(milliseconds=7)


def test_tokens_are_as_long_as_asked_and_fit_into_an_address() -> None:
    assert re.fullmatch(r"[\w-]{43}", secret_token())
    assert re.fullmatch(r"[\w-]{22}", secret_token(16))
    assert secret_token() != secret_token()


def test_random_bytes_are_as_many_as_asked() -> None:
    assert len(random_bytes(24)) == 24
    assert random_bytes(24) != random_bytes(24)


def test_a_reference_is_the_day_and_six_digits_that_are_not_taken() -> None:
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return len(asked) < 3

    name = reference(datetime(2026, 2, 16, tzinfo=UTC), is_taken, "W-")
    assert re.fullmatch("W-2F-[0-9A-F]{6}", name)
    assert asked[-1] == name
    assert len(set(asked)) == 3, "one in five million times this fails without a fault"


def test_shuffling_keeps_everything_and_the_list_it_was_given() -> None:
    things = list(range(100))
    mixed = shuffled(things)
    assert sorted(mixed) == things == list(range(100))
    assert mixed != things, "one in 100! times this fails without a fault"


def test_a_spoken_code_has_no_vowel_and_nothing_that_sounds_like_another() -> None:
    for _ in range(200):
        assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-\d{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", spoken_code())
