"""Is anything known against what we stand on? `python -m tests.supply.audit`

Asks the advisory service through `uv audit`. Where it cannot be reached, looks into the dated copy and says how old it
is. Exit codes: 0 asked, or looked into a copy of the last two weeks, and nothing is known; 1 something is known, or
nothing could be looked at; 3 nothing is known in a copy that is older.
"""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.supply import advisories

ROOT = Path(__file__).parents[2]
FRESH = timedelta(days=14)
OLD = 3
ARGUED: dict[str, str] = {}
"""Advisory → why it does not concern us. Empty is best."""


def locked(lock: Path = ROOT / "uv.lock") -> dict[str, str]:
    """Name → version of all that the lock file names, ourselves excepted."""
    packages = tomllib.loads(lock.read_text("utf-8"))["package"]
    return {each["name"]: each["version"] for each in packages if "registry" in each["source"]}


def uv() -> str:
    """The installer that `./run` uses."""
    return shutil.which("uv") or str(ROOT / ".venv-tools/bin/uv")


def live() -> tuple[int, str]:
    """What the service says: 0 nothing is known, 1 something is, anything else: it could not be asked."""
    command = [uv(), "audit", "--frozen", "--no-progress"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def audit(now: datetime, ask: Callable[[], tuple[int, str]] = live, copy: Path = advisories.COPY) -> tuple[int, str]:
    """Exit code, and what to print."""
    code, said = ask()
    if code == 0:
        return 0, f"the advisory service was asked about {len(locked())} packages: nothing is known"
    if code == 1:
        return 1, said
    try:
        held = advisories.read(copy)
    except ValueError as error:
        return 1, f"the advisory service cannot be reached, and there is nothing to look into instead: {error}"
    known = [f"{name} {version}: {id_}" for name, version in locked().items() for id_ in held.about(name, version)]
    known = [each for each in known if each.rpartition(" ")[2] not in ARGUED]
    age = held.age(now)
    dated = f"advisories of {held.at:%Y-%m-%d}, {age.days} days old"
    if known:
        return 1, "\n".join((f"known in {dated}:", *known))
    told = f"the advisory service cannot be reached; {len(locked())} packages compared with {dated}: nothing was known"
    return (0, told) if age <= FRESH else (OLD, f"{told} THEN; ask again from a machine that reaches the service")


if __name__ == "__main__":
    exit_code, words = audit(datetime.now(UTC))
    print(words)
    sys.exit(exit_code)
