"""What reads bytes from outside survives all of them: no error but a refusal, no hang over two seconds, no memory
over 256 MiB.

`BEFFROI_FUZZ_S` is how long each target runs: 3 seconds unless told, ten minutes in the long form. What was ever found
lies in `corpus/` and is read again first.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SOAK

from .fuzz import KEPT, once
from .targets import TARGETS

SECONDS = int(os.environ.get("BEFFROI_FUZZ_S", "600" if SOAK else "3"))
SEED = random.SystemRandom().randint(1, 2**31 - 1) if SOAK else 1


GROUPS = [[name] for name in TARGETS] if SOAK else [list(TARGETS)]
"""Loading takes as long as a short run, so that all short ones load together."""


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0] if len(names) == 1 else "all")
@pytest.mark.timeout(SECONDS * len(TARGETS) + 600)
def test_nothing_but_a_refusal(names: list[str], root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.attack.fuzz", str(SECONDS), str(SEED), str(tmp_path), *names]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.glob("*/found-*")}
    told = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, f"seed {SEED}: {found}\n{told[-4000:]}"
    assert {path.name for path in tmp_path.iterdir()} == set(names)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_is_read_or_refused(name: str) -> None:
    """Also where no fuzzing is done."""
    for data in (*TARGETS[name].seeds, *(path.read_bytes() for path in sorted((KEPT / name).glob("*")))):
        once(TARGETS[name].read, data)


def test_a_fault_is_found(root: Path, tmp_path: Path) -> None:
    """The runner itself: a target that fails on one byte is stopped by it."""
    told = (
        "import sys; from pathlib import Path; from tests.attack import fuzz, targets;"
        "targets.TARGETS['small'] = targets.Target(lambda data: 1 / (len(data) % 7), (b'abc',));"
        "sys.exit(fuzz.main(['small'], 20, 1, Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told, str(tmp_path)], cwd=root, capture_output=True, timeout=200, check=False
    )
    assert done.returncode != 0
    assert b"ZeroDivisionError" in done.stdout + done.stderr
    assert list(tmp_path.glob("small/found-*"))
