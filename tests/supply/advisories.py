"""A dated copy of the PyPA's advisories: how it is made, read and asked.

Owns: `advisories.jsonl`: one line that says of when it is and how many follow, then one line an advisory.
Promises: an empty, cut or unreadable copy is refused: nothing is ever found sound by not looking.
Never does: reach the network. `python -m tests.supply.advisories CLONE` makes it anew from a clone of
https://github.com/pypa/advisory-database (CC-BY-4.0).
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

COPY = Path(__file__).with_name("advisories.jsonl")
LEAST = 2_000
"""Advisories there were in 2024; fewer means that the copy is not whole."""
KNOWN = (("jinja2", "2.10", "PYSEC-2019-217"), ("pillow", "9.0.0", "PYSEC-2022-168"), ("requests", "2.3.0", None))
"""Releases that are known to be affected: who does not find them does not find anything."""


@dataclass(frozen=True)
class Copy:
    """The advisories as of an instant, by the name of what they are about."""

    at: datetime
    commit: str
    of_package: dict[str, list[dict[str, Any]]]

    def age(self, now: datetime) -> timedelta:
        return now - self.at

    def about(self, name: str, version: str) -> list[str]:
        """Ids of the advisories that concern this release."""
        return [each["id"] for each in self.of_package.get(name, []) if _concerns(each, version)]


def read(path: Path = COPY) -> Copy:
    """The copy; ValueError where it is not whole."""
    try:
        head, *lines = map(json.loads, path.read_text("ascii").splitlines())
        at = datetime.fromisoformat(head["at"])
        of_package: dict[str, list[dict[str, Any]]] = {}
        for line in lines:
            of_package.setdefault(line["package"], []).append(line)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} cannot be read: {error}"
        raise ValueError(message) from error
    if len(lines) != head["count"] or len(lines) < LEAST:
        message = f"{path} has {len(lines)} advisories, says {head['count']}, and there were {LEAST} once"
        raise ValueError(message)
    copy = Copy(at, head["commit"], of_package)
    for name, version, advisory in KNOWN:
        found = copy.about(name, version)
        if not found or (advisory is not None and advisory not in found):
            message = f"{path} does not know that {name} {version} is affected"
            raise ValueError(message)
    return copy


def _concerns(advisory: Mapping[str, Any], version: str) -> bool:
    return version in advisory["versions"] or any(_within(span, Version(version)) for span in advisory["ranges"])


def _within(span: list[list[str]], version: Version) -> bool:
    """Events in order, as OSV writes them: from `introduced` on, until before `fixed`, or up to `last_affected`."""
    inside = False
    for kind, at in span:
        try:
            edge = Version("0" if at == "0" else at)
        except InvalidVersion:
            return True  # better asked about once too often
        if kind == "introduced" and version >= edge:
            inside = True
        if (kind == "fixed" and version >= edge) or (kind == "last_affected" and version > edge):
            inside = False
    return inside


def made(clone: Path) -> Iterator[str]:
    """The lines of a new copy."""
    yaml = import_module("yaml")  # comes with what tests stand on

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(clone), *words], capture_output=True, text=True, check=True).stdout

    commit, at = git("log", "-1", "--format=%H %cI").split()
    names = [name for name in git("ls-tree", "-r", "--name-only", commit).split() if name.startswith("vulns/")]
    found = []
    for name in names:
        advisory = yaml.load(git("show", f"{commit}:{name}"), yaml.CSafeLoader)
        if not isinstance(advisory, dict) or advisory.get("withdrawn"):
            continue  # a link to another one, or taken back
        found += [_line(advisory["id"], affected) for affected in advisory["affected"]]
    yield json.dumps({"at": at, "commit": commit, "count": len(found)})
    yield from found


def _line(advisory: str, affected: dict[str, Any]) -> str:
    spans = [
        [[kind, str(at)] for event in each["events"] for kind, at in event.items()]
        for each in affected.get("ranges", [])
        if each["type"] == "ECOSYSTEM"
    ]
    # Where there is a range it says everything; lists of releases are long.
    versions = [] if spans else [str(version) for version in affected.get("versions", [])]
    told = {"id": advisory, "package": affected["package"]["name"].lower(), "ranges": spans, "versions": versions}
    return json.dumps(told, separators=(",", ":"))


if __name__ == "__main__":
    COPY.write_text("\n".join(made(Path(sys.argv[1]))) + "\n", "ascii")
    print(f"{COPY}: {len(read().of_package)} packages, as of {read().at.astimezone(UTC):%Y-%m-%d}")
