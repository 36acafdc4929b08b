"""The kernels, built with address and undefined-behaviour sanitizers, read and write nothing that is not theirs.

`BEFFROI_FUZZ_S`, as for the other targets, is how long tables are handed over that hold anything: 15 seconds unless
told, ten minutes in the long form. Skipped only where there is no compiler.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SOAK

SECONDS = int(os.environ.get("BEFFROI_FUZZ_S", "600" if SOAK else "15"))
SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
WRAPPED = [f"-Wl,--wrap={name}" for name in ("malloc", "calloc", "realloc")]
STRICT = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]


@pytest.fixture(scope="module")
def built(compiler: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The check, as everything is shipped, and with everything small, so that few hashes reach every line."""
    folder = tmp_path_factory.mktemp("native")
    sources = [root / "tests/attack/native/check.c", *sorted((root / "kernels").glob("pdq*.c"))]
    made = {}
    for small in (False, True):
        program = made[small] = folder / f"check-{small}"
        command = [compiler, *STRICT, *SANITIZED, f"-DPDQ_SMALL={small:d}", f"-I{root / 'kernels'}"]
        done = subprocess.run(
            [*command, *sources, *WRAPPED, "-o", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return made


def run(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    options = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    command = [program, *words]
    return subprocess.run(command, env=os.environ | options, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("small", [False, True], ids=["as shipped", "small"])
def test_every_path_finds_what_plain_comparison_finds(built: dict[bool, Path], small: bool) -> None:
    done = run(built[small], "check", "1")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("small", [False, True], ids=["as shipped", "small"])
def test_a_search_without_memory_says_so(built: dict[bool, Path], small: bool) -> None:
    done = run(built[small], "scarce")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(SECONDS + 300)
def test_no_table_leads_a_search_out_of_its_memory(built: dict[bool, Path]) -> None:
    done = run(built[True], "fuzz", str(SECONDS), "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) > 0


def test_the_sanitizer_sees_one_byte_too_many(compiler: str, tmp_path: Path) -> None:
    """Else all the above says nothing."""
    source = tmp_path / "over.c"
    source.write_text("#include <stdlib.h>\nint main(int n, char **w) { (void)w; return ((char *)malloc(8))[7 + n]; }")
    subprocess.run([compiler, *SANITIZED, source, "-o", tmp_path / "over"], check=True)
    done = run(tmp_path / "over")
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
