"""The child locks itself in, after its decoders are loaded and before it sees a byte from outside.

Owns: `confine`, the measures in their order.
Promises: on Linux on x86-64 and ARM64 no file, socket or process can be opened any more, whatever a decoder can be
made to do: only reading and writing what is open, memory, time and exit stay possible (seccomp, an allow-list; the
rest fails with EPERM). Memory, open files, processes, file size and core dumps are bounded by rlimits too. Run as
root, the child becomes "nobody". A fresh network namespace is taken where the kernel permits.
Never does: hide what did not work: `confine` says which measures hold, and the parent shows them.

Elsewhere (other processors, macOS) only the rlimits hold: decode there for development, not for the public.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from contextlib import suppress
from errno import EPERM
from pathlib import Path

from beffroi.ground.kernel.limits import CHILD_MEMORY_BYTES_MAX, PICTURE_CPU_S_MAX, PICTURES_PER_CHILD_MAX

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWIPC, _CLONE_NEWNET, _CLONE_NEWUSER = 0x08000000, 0x40000000, 0x10000000
_NOBODY = 65534
_OPEN_FILES_MAX = 3  # standard input, output and error

# Berkeley packet filter, as seccomp runs it: load a word, jump if equal, return.
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | EPERM

# Of each system call the number on x86-64 and on ARM64 (asm-generic).
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "setitimer": (38, 103),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "getrandom": (318, 278),
    "gettimeofday": (96, 169),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "getrusage": (98, 165),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "sysinfo": (99, 179),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def confine() -> tuple[str, ...]:
    """Take every measure that this system permits; the names of those that hold.

    Raises:
        OSError: on Linux, an rlimit could not be set.

    """
    measures = {
        "no-core-dumps": _no_core_dumps,
        "own-network": _own_network,
        "rlimits": _limit,
        "nobody": _become_nobody,
        "seccomp": _filter_calls,
    }
    return tuple(name for name, take in measures.items() if take())


def _no_core_dumps() -> bool:
    """Core dumps would hold what was posted; without this flag other processes of the user could read it too."""
    return sys.platform == "linux" and _prctl(_PR_SET_DUMPABLE, 0)


def _own_network() -> bool:
    """An empty network namespace; by way of a user namespace where the process is not privileged."""
    if sys.platform != "linux":
        return False
    spaces = _CLONE_NEWNET | _CLONE_NEWIPC
    return _unshare(spaces) or _unshare(_CLONE_NEWUSER | spaces)


def _become_nobody() -> bool:
    if os.geteuid() != 0:
        return False
    with suppress(OSError):
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    return os.geteuid() == _NOBODY


def _limit() -> bool:
    if sys.platform == "linux":
        # First: it needs one more file to be opened.
        _set_limit(resource.RLIMIT_AS, _address_space_bytes() + CHILD_MEMORY_BYTES_MAX)
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_FSIZE, 0)
    _set_limit(resource.RLIMIT_NOFILE, _OPEN_FILES_MAX)
    _set_limit(resource.RLIMIT_NPROC, 0)
    _set_limit(resource.RLIMIT_CPU, PICTURES_PER_CHILD_MAX * PICTURE_CPU_S_MAX)
    return sys.platform == "linux"


def _set_limit(which: int, value: int) -> None:
    resource.setrlimit(which, (value, value))


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    return pages * resource.getpagesize()


def _filter_calls() -> bool:
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        return False
    column, architecture = _ARCHITECTURES[platform.machine()]
    program = _program(architecture, sorted(numbers[column] for numbers in _CALLS.values()))
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count and a pointer, aligned.
    instructions = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and _prctl(
        _PR_SET_SECCOMP,
        _SECCOMP_MODE_FILTER,
        ctypes.create_string_buffer(instructions, len(instructions)),
    )


def _program(architecture: int, numbers: list[int]) -> bytes:
    """Allow `numbers`, refuse all else; calls made in another architecture's convention too."""
    refuse_at = 3 + len(numbers)
    allow_at = refuse_at + 1

    def jump_if(value: int, here: int, then: int, otherwise: int) -> tuple[int, int, int, int]:
        return _JUMP_EQUAL, then - here - 1, otherwise - here - 1, value

    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE_OFFSET),
        jump_if(architecture, 1, 2, refuse_at),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
        *(jump_if(number, 3 + i, allow_at, 4 + i) for i, number in enumerate(numbers)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _prctl(option: int, *values: object) -> bool:
    padded = (*values, 0, 0, 0)[:4]
    arguments = (ctypes.c_ulong(value) if isinstance(value, int) else value for value in padded)
    return bool(ctypes.CDLL(None).prctl(option, *arguments) == 0)


def _unshare(spaces: int) -> bool:
    return bool(ctypes.CDLL(None).unshare(spaces) == 0)
