"""What a confined process can still do: real attempts in a real process."""

import json
import signal
import subprocess
import sys

import pytest

from beffroi.ground.kernel.limits import CHILD_MEMORY_BYTES_MAX

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the measures are Linux's; elsewhere only the rlimits are taken"
)

PROGRAM = """
import array, gc, json, os, resource, signal, socket, sys, time
from beffroi.signals.confine import confine

attempts = json.loads(sys.argv[1])
said = {"held": confine()}
for attempt in attempts:
    try:
        exec(attempt)
        said[attempt] = "done"
    except (OSError, MemoryError, ValueError) as error:
        said[attempt] = f"refused: {type(error).__name__}"
os.write(1, json.dumps(said).encode())
"""

OUT_OF_REACH = (
    "open('/etc/hostname')",
    "open('/tmp/beffroi-escape', 'w')",
    "os.open('/', os.O_RDONLY)",
    "socket.socket()",
    "socket.socketpair()",
    "os.pipe()",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(os.getppid(), 0)",
    "os.listdir('/')",
    "os.stat('/etc/hostname')",
    "os.unlink('/tmp/beffroi-escape')",
    "os.setuid(0)",
    "os.memfd_create('x')",
    "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (1, 1))",
    "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    # A free place among the open files does not help.
    "os.close(2)",
    "os.open('/etc/hostname', os.O_RDONLY)",
    "socket.socket(socket.AF_UNIX)",
)
NEEDED = (
    "os.write(1, b'')",
    "time.monotonic(); gc.collect()",
    "signal.setitimer(signal.ITIMER_PROF, 3); signal.setitimer(signal.ITIMER_PROF, 0)",
    "array.array('B', bytes(10**7)).tobytes()",
    "os.getrandom(8)",
)


def run(*attempts):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(attempts)], capture_output=True, timeout=60, check=False
    )


def outcomes(*attempts):
    return json.loads(run(*attempts).stdout)


@pytest.fixture(scope="module")
def said():
    return outcomes(*OUT_OF_REACH)


def test_the_measures_hold_here():
    assert {"rlimits", "seccomp", "no-core-dumps"} <= set(outcomes()["held"])


@pytest.mark.parametrize("attempt", [each for each in OUT_OF_REACH if "close" not in each])
def test_what_is_out_of_reach(said, attempt):
    assert said[attempt] in {f"refused: {name}" for name in ("PermissionError", "OSError", "ValueError")}


def test_what_the_work_needs_stays_possible():
    said = outcomes(*NEEDED)
    assert {attempt: said[attempt] for attempt in NEEDED} == dict.fromkeys(NEEDED, "done")


def test_memory_ends_at_its_limit():
    half, more = f"bytearray({CHILD_MEMORY_BYTES_MAX // 2})", f"bytearray({CHILD_MEMORY_BYTES_MAX + 2**20})"
    said = outcomes(half, more)
    assert (said[half], said[more]) == ("done", "refused: MemoryError")


def test_computing_too_long_ends_the_process():
    ended = run("signal.setitimer(signal.ITIMER_PROF, 0.2)\nwhile True: pass")
    assert ended.returncode == -signal.SIGPROF
