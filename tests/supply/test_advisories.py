"""The dated copy knows what is known, and one that is not whole is refused."""

from pathlib import Path

import pytest

from tests.supply import advisories
from tests.supply.advisories import COPY, KNOWN, read


@pytest.fixture(scope="module")
def copy() -> advisories.Copy:
    return read()


def test_releases_that_are_affected_are_found_and_later_ones_not(copy: advisories.Copy) -> None:
    for name, version, _ in KNOWN:
        assert copy.about(name, version), name
        assert copy.about(name, "9999") == [], name
    assert copy.about("no-such-package", "1.0") == []


@pytest.mark.parametrize(
    ("version", "is_affected"), [("0.9", False), ("1.0", True), ("1.9.9", True), ("2.0", False), ("3.1", True)]
)
def test_a_range_ends_where_it_says(version: str, is_affected: bool) -> None:
    spans = [["introduced", "1.0"], ["fixed", "2.0"], ["introduced", "3.0"], ["last_affected", "3.1"]]
    of_package = {"bread": [{"id": "PYSEC-1", "ranges": [spans], "versions": []}]}
    assert bool(advisories.Copy(read().at, "", of_package).about("bread", version)) is is_affected


def spoiled(tmp_path: Path, lines: list[str]) -> Path:
    path = tmp_path / "copy.jsonl"
    path.write_text("\n".join(lines) + "\n", "ascii")
    return path


def test_nothing_cut_or_empty_is_read(tmp_path: Path) -> None:
    whole = COPY.read_text("ascii").splitlines()
    for lines in ([], whole[:1], whole[:-1], whole[1:], [whole[0], *["{}"] * (len(whole) - 1)], [*whole, "x"]):
        with pytest.raises(ValueError, match="copy"):
            read(spoiled(tmp_path, lines))
    with pytest.raises(ValueError, match="cannot be read"):
        read(tmp_path / "nowhere")


def test_one_that_does_not_know_the_known_is_refused(tmp_path: Path) -> None:
    whole = COPY.read_text("ascii").replace('"package":"jinja2"', '"package":"jinja3"')
    with pytest.raises(ValueError, match="jinja2"):
        read(spoiled(tmp_path, whole.splitlines()))
