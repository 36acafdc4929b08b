"""Targets under random bytes, one after the other: `python -m tests.attack.fuzz SECONDS SEED FOLDER NAME…`.

Owns: how a target is run again and again: guided by coverage where atheris is installed, else by mutation alone.
Promises: exit code 0 when the time is up; anything else is a finding, whose bytes lie in FOLDER/NAME: an error beyond
what the target may raise, more than two seconds for one input, or more memory than `MEMORY_MIB_MAX` beyond the start.
Never does: go on after a finding.
"""

import faulthandler
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from beffroi.ground.kernel.errors import Refusal

MEMORY_MIB_MAX = 256
HANG_S_MAX = 2
KEPT = Path(__file__).parent / "corpus"
_LENGTH_MAX = 4096
_MIB_KIB = 1024


def once(read: Any, data: bytes) -> None:
    """One input; a refusal is what it is for."""
    try:
        read(data)
    except Refusal:
        return


def noted(read: Any, data: bytes, folder: Path) -> None:
    """One input, which is kept if it is a finding."""
    try:
        once(read, data)
    except BaseException:
        (folder / "found-fault").write_bytes(data)
        raise


def main(names: Sequence[str], seconds: int, seed: int, folder: Path) -> int:
    """Each in a process of its own, forked once everything is loaded; returns how many ended in a finding."""
    guided = _atheris()
    if guided is None:
        from tests.attack.targets import TARGETS
    else:
        with guided.instrument_imports(include=["beffroi"], enable_loader_override=False):
            from tests.attack.targets import TARGETS
    failed = 0
    for name in names:
        (folder / name).mkdir()
        child = os.fork()
        if child == 0:
            _run(guided, TARGETS[name], KEPT / name, seconds, seed, folder / name)
            os._exit(0)
        failed += os.waitpid(child, 0)[1] != 0
    return failed


def _run(guided: Any, target: Any, kept: Path, seconds: int, seed: int, folder: Path) -> None:
    """Until the time is up or something is found."""
    for number, data in enumerate(target.seeds):
        (folder / f"seed-{number}").write_bytes(data)
    if guided is None:
        _by_mutation(target.read, seconds, seed, folder, list(kept.glob("*")))
        return
    used_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MIB_KIB
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-timeout={HANG_S_MAX}", f"-max_len={_LENGTH_MAX}"]
    options += [f"-rss_limit_mb={used_mib + MEMORY_MIB_MAX}", f"-artifact_prefix={folder}/found-", "-verbosity=0"]
    folders = [str(folder), str(kept)] if kept.is_dir() else [str(folder)]
    guided.Setup([sys.argv[0], *options, *folders], lambda data: noted(target.read, data, folder))
    guided.Fuzz()


def _atheris() -> Any:
    try:
        import atheris
    except ImportError:
        return None
    return atheris


def _by_mutation(read: Any, seconds: int, seed: int, folder: Path, kept: list[Path]) -> None:
    """Bits flipped, pieces cut, doubled, swapped between inputs; without knowing what that reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    present = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if sys.platform == "linux" else 0
    )
    if present:
        resource.setrlimit(resource.RLIMIT_AS, (present + MEMORY_MIB_MAX * 2**20, hard))
    chance = random.Random(seed)
    inputs = [path.read_bytes() for path in [*folder.glob("seed-*"), *kept]]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = _mutated(chance, inputs)[:_LENGTH_MAX]
        faulthandler.dump_traceback_later(HANG_S_MAX, exit=True)
        try:
            noted(read, data, folder)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _mutated(chance: random.Random, inputs: list[bytes]) -> bytes:
    data = bytearray(chance.choice(inputs))
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 4):
            case 0:
                data[at : at + 1] = bytes([chance.randint(0, 255)])
            case 1:
                del data[at : at + chance.randint(1, 16)]
            case 2:
                data[at:at] = data[at : at + 32] * chance.randint(1, 64)
            case 3:
                other = chance.choice(inputs)
                data[at:at] = other[chance.randint(0, len(other)) :]
            case _:
                data[at:at] = chance.choice(
                    (b"\0", b"\xff", "\u202e".encode(), b"[" * 64, b"9" * 400, b'"', b"\\", b"\r\n")
                )
    return bytes(data)


if __name__ == "__main__":
    seconds, seed, folder, *names = sys.argv[1:]
    sys.exit(main(names, int(seconds), int(seed), Path(folder)))
