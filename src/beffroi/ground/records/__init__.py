"""Which personal data is kept, why, how long, and how it goes.

Owns: `Keeping`, the form in which every capability declares each of its tables; holds; erasure; the retention sweep.
Promises: a table that no `Keeping` names, or a column that is neither fact nor personal, fails the build;
what is past its time is removed by the sweep; an erased subject's key is destroyed and an `Erased` event stays.
Never does: erase under a hold (a preservation duty beats erasure until its end).
"""

from .erasure import Erased, ErasureAsked, erase
from .holds import HoldPlaced, HoldReleased
from .keeping import Keeping, Retention, SealedBlob

__all__ = [
    "Erased",
    "ErasureAsked",
    "HoldPlaced",
    "HoldReleased",
    "Keeping",
    "Retention",
    "SealedBlob",
    "erase",
]
