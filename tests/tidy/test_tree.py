"""What every file of the repository keeps, whatever its kind."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.rules import functions
from tests.tidy.sources import ROOT, source, tracked
from tests.tidy.test_house import none

BLOB_BYTES_MAX = 2**20
PUBLIC_INDEX = ("https://pypi.org/simple", "https://files.pythonhosted.org/")
# Spelled in two halves, so that this file does not find itself.
UNFINISHED = re.compile("FIX" + r"ME\b|\bTO" + r"DO\b|\bX" + r"XX\b")
SOMEBODYS_MACHINE = re.compile(r"/wo" + r"rk/(main|shared|\.)|/home/\w|/Us" + r"ers/\w|/opt/py" + "pi")
WORDS_IN_DOCS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
DESIGN_CITED = re.compile(r"DESIGN §(\d+(?:\.\d+)?)")
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")


def texts(*endings: str) -> Iterator[tuple[str, str]]:
    """Path and text of every tracked text file, vendored ones left out."""
    for path in tracked():
        if "/vendor/" not in path and (not endings or path.endswith(endings)):
            try:
                yield path, (ROOT / path).read_text("utf-8")
            except UnicodeDecodeError:
                continue


def matches(pattern: re.Pattern[str], *endings: str) -> Iterator[tuple[str, int, re.Match[str]]]:
    """Where a pattern stands: path, line, match."""
    for path, text in texts(*endings):
        for number, line in enumerate(text.splitlines(), 1):
            for match in pattern.finditer(line):
                yield path, number, match


def test_nothing_is_left_for_later_in_a_comment() -> None:
    found = (hit for hit in matches(UNFINISHED) if hit[0] != "uv.lock")
    none(f"{path}:{line}: {match[0]}: do it, or file an issue" for path, line, match in found)


def test_nothing_names_the_machine_it_was_written_on() -> None:
    none(f"{path}:{line}: {match[0]}" for path, line, match in matches(SOMEBODYS_MACHINE))


def test_no_large_files() -> None:
    sizes = ((path, (ROOT / path).stat().st_size) for path in tracked())
    none(f"{path}: {size} bytes; at most {BLOB_BYTES_MAX}" for path, size in sizes if size > BLOB_BYTES_MAX)


def test_the_lock_names_only_the_public_index() -> None:
    addresses = [match[0] for path, _, match in matches(re.compile(r'https?://[^"]+'), "uv.lock")]
    assert addresses, "uv.lock was not read"
    none(f"uv.lock: {address}" for address in addresses if not address.startswith(PUBLIC_INDEX))


def declared() -> set[str]:
    """The names of all direct dependencies, those of the groups and of the build too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)]
    extras = [entry for extra in project["project"].get("optional-dependencies", {}).values() for entry in extra]
    everything = [*project["project"]["dependencies"], *project["build-system"]["requires"], *groups, *extras]
    return {re.split(r"[\[<>=!~; ]", entry, maxsplit=1)[0].lower() for entry in everything}


def test_every_dependency_is_argued_for() -> None:
    rows = re.findall(r"^\| `([\w.-]+)` \|", (ROOT / "docs/adr/0002-dependencies.md").read_text("utf-8"), re.MULTILINE)
    assert set(rows) == declared(), "docs/adr/0002-dependencies.md and pyproject.toml name different dependencies"
    assert len(rows) == len(set(rows)), "a dependency stands twice"


def test_the_tests_that_documents_name_exist() -> None:
    for path, line, match in matches(WORDS_IN_DOCS, ".md"):
        named, function = ROOT / match[1], match[2]
        assert named.is_file(), f"{path}:{line}: there is no {match[1]}"
        names = {found.name for found in functions(source(match[1], named.read_text("utf-8")).tree)}
        assert not function or function in names, f"{path}:{line}: {match[1]} has no {function}"


def test_every_promise_names_its_test() -> None:
    held = (ROOT / "docs/guarantees.md").read_text("utf-8").partition("## Not yet")[0]
    rows = [line for line in held.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert rows, "docs/guarantees.md promises nothing"
    none(f"docs/guarantees.md: no test in: {row}" for row in rows if not WORDS_IN_DOCS.search(row))


def test_links_between_documents_lead_somewhere() -> None:
    broken = (hit for hit in matches(LINK, ".md") if not (ROOT / Path(hit[0]).parent / hit[2][1]).exists())
    none(f"{path}:{line}: {match[1]} is not there" for path, line, match in broken)


def test_what_is_cited_of_the_design_stands_there() -> None:
    design = (ROOT / "docs/design.md").read_text("utf-8")
    sections = set(re.findall(r"^## (\d+)\.", design, re.MULTILINE))
    safeguards = design.partition("\n## 5.")[2].partition("\n## 6.")[0]
    points = {f"5.{number}" for number in re.findall(r"^(\d+)\. ", safeguards, re.MULTILINE)}
    cited = list(matches(DESIGN_CITED, ".py", ".md", ".html", ".js", ".css", ".toml", ".csv"))
    assert cited, "nobody cites the design"
    none(f"{path}:{line}: {match[0]} is not there" for path, line, match in cited if match[1] not in sections | points)
