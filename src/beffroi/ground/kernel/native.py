"""Which native routes run here: the fastest that the processor has, or numpy.

Owns: the choice, once a process. `BEFFROI_KERNELS=avx512|avx2|portable|numpy` makes it instead.
Promises: every route gives the same results; where the extension was not built (no compiler), numpy runs.
Never does: compute.
"""

import os
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from .errors import Unavailable

NUMPY = "numpy"
NUMBERS = {"portable": 0, "avx2": 1, "avx512": 2}
"""How the extension knows its paths (`enum pdq_path` in kernels/pdq.h)."""
ENVIRONMENT = "BEFFROI_KERNELS"


def extension() -> ModuleType | None:
    """`beffroi._kernels`, or None where it was not built."""
    try:
        from beffroi import _kernels  # noqa: PLC0415 (it may not be there)
    except ImportError:
        return None
    return _kernels


def available() -> tuple[str, ...]:
    """The routes there are, the fastest first."""
    built = extension()
    return (*(built.paths() if built is not None else ()), NUMPY)


def chosen(asked: str, there: Sequence[str]) -> str:
    """The route that was asked for, or the first there is.

    Raises:
        Unavailable: it was asked for, and is not there.

    """
    if not asked:
        return there[0]
    if asked not in there:
        message = f"{ENVIRONMENT} asks for {asked[:20]!r}; on this machine there are: {', '.join(there)}"
        raise Unavailable("no-such-kernels", message)
    return asked


@cache
def route() -> str:
    """The route of this process.

    Raises:
        Unavailable: see `chosen`.

    """
    return chosen(os.environ.get(ENVIRONMENT, ""), available())
