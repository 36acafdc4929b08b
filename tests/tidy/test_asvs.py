"""The table of OWASP ASVS 5.0 level 2: every requirement has an answer, and what the answers name is there.

The ids are the standard's; the words are ours. <https://github.com/OWASP/ASVS> has the requirements themselves.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = list(csv.DictReader((ROOT / "docs/asvs.csv").read_text("utf-8").splitlines()))
ANSWERS = {"test", "design", "operator", "n/a", "open"}
"""A test shows it; it follows from how the program is built; the operator does it; there is nothing to ask it of; not
yet, and why."""
OPEN_MAX = 5
_ID = re.compile(r"\d+\.\d+\.\d+")
_TEST = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
_PLACE = re.compile(r"`([a-z_]+(?:\.[a-z_]+)+)`")


def test_all_of_level_one_and_two_and_none_twice() -> None:
    assert Counter(row["level"] for row in ROWS) == {"1": 70, "2": 183}
    assert all(_ID.fullmatch(row["id"]) for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len(ROWS)


def test_nothing_is_blank_and_answers_are_of_a_known_kind() -> None:
    assert [row["id"] for row in ROWS if not all(value.strip() for value in row.values())] == []
    assert {row["answer"] for row in ROWS} <= ANSWERS


def test_what_is_open_grows_no_longer() -> None:
    assert sum(row["answer"] == "open" for row in ROWS) <= OPEN_MAX


@pytest.mark.parametrize("row", [row for row in ROWS if row["answer"] == "test"], ids=lambda row: row["id"])
def test_the_tests_it_names_are_there(row: dict[str, str]) -> None:
    named = [_TEST.fullmatch(word) for word in row["by"].split()]
    assert named
    for found in named:
        assert found is not None, row["by"]
        path = ROOT / found[1]
        assert path.is_file(), found[0]
        assert not found[2] or f"def {found[2]}(" in path.read_text("utf-8"), found[0]


def test_the_places_it_names_are_there() -> None:
    source = ROOT / "src/beffroi"
    gone = []
    for row in ROWS:
        for dotted in _PLACE.findall(row["by"]):
            path = source / dotted.replace(".", "/")
            is_module = path.is_dir() or path.with_suffix(".py").is_file()
            if (source / dotted.partition(".")[0]).is_dir() and not is_module:
                gone.append(f"{row['id']}: {dotted}")
    assert gone == []
