"""The victim of fault tests: `python -m tests.crash.faults`; each line of its input is a folder and an operation.

Loads the interpreter once, then forks for each line: the child opens a node on the folder, says its number, waits to be
let go, does the operation twice with other words, and tells by datagram what it was told is done. Whoever started it
attaches `strace` to the child meanwhile and makes one system call of it fail, or kills it there.
"""

import contextlib
import ctypes
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from beffroi.app import open_house
from beffroi.content.model import AccountGiven, Submission
from beffroi.flow import screening, upkeep
from beffroi.flow.house import House
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Actor
from beffroi.settings import Settings
from tests.nodes import without_decoders

PLATFORM = Actor("key", "faults")
_PTRACER, _ANY = 0x59616D61, -1
"""PR_SET_PTRACER, PR_SET_PTRACER_ANY: whoever has our user may attach, where Yama asks for it."""


def settings(folder: Path) -> Settings:
    """A node in `folder`."""
    return Settings(data=folder, port=1, decoders=1, argon2="cheap")


def commit(house: House, name: str) -> str:
    """A post of somebody new: a key in the vault, rows, events, one commit."""
    given = Submission(name, AccountGiven(f"u-{name}", "Somebody"), text=f"A quiet evening, says {name}")
    [answer] = screening.screen(house, PLATFORM, [given])
    if isinstance(answer, Refusal):
        raise answer
    return f"item {name}"


def checkpoint(house: House, name: str) -> str:
    """The ledger's beat: leaves, a signed checkpoint, and the note of what was signed; then the log is emptied."""
    size = house.integrator.beat().size
    house.database.empty_log()
    return f"size {size}"


def blob(house: House, name: str) -> str:
    """A file on the disk."""
    return f"blob {house.blobs.put(name.encode() * 1000)}"


def vault(house: House, name: str) -> str:
    """A key is made, another destroyed."""
    house.vault.destroy(SubjectId("sub_doomed"), house.clock.now())
    sealed = house.vault.seal(SubjectId(f"sub_{name}"), name.encode(), "test")
    return f"key sub_{name} {sealed.hex()}"


def backup(house: House, name: str) -> str:
    """A backup with its chest."""
    out = house.settings.data.parent / f"out-{name}"
    upkeep.back_up(house.settings, SystemClock(), out, out.with_suffix(".chest"), lambda *_: None)
    return f"backup {out}"


IN_A_HOUSE: dict[str, Callable[[House, str], str]] = {
    "commit": commit,
    "checkpoint": checkpoint,
    "blob": blob,
    "vault": vault,
    "backup": backup,
}


def _migrate(folder: Path, told: Callable[[str], None]) -> None:
    for _ in range(2):
        with contextlib.suppress(Exception):
            told(f"schema {upkeep.bring_to_head(settings(folder), SystemClock().now()).after}")


def _victim(folder: Path, operation: str, wait: Callable[[], None], told: Callable[[str], None]) -> None:
    if operation == "migrate":
        wait()
        _migrate(folder, told)
        return
    with open_house(settings(folder)) as house:
        wait()
        for name in ("first", "second"):
            with contextlib.suppress(Exception):
                told(IN_A_HOUSE[operation](house, name))
        os._exit(0)  # nothing after it is traced


def main() -> None:
    """Fork for each line."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def wait() -> None:
        here.send(b"ready")
        here.recv(16)

    def told(words: str) -> None:
        here.send(words.encode())

    for line in sys.stdin:
        folder, operation = line.split()
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(_PTRACER, _ANY, 0, 0, 0)
            _victim(Path(folder), operation, wait, told)
            os._exit(0)
        there.recv(16)
        print("ready", child, flush=True)
        sys.stdin.readline()
        there.send(b"go")
        _, status = os.waitpid(child, 0)
        acks = [words.replace(" ", "\x1f") for words in _waiting(there)]
        print("ended", os.waitstatus_to_exitcode(status), *acks, flush=True)


def _waiting(there: socket.socket) -> Iterator[str]:
    there.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield there.recv(65_536).decode()
    there.setblocking(True)


if __name__ == "__main__":
    with without_decoders():
        main()
