"""Which known values equal these: digests and addresses.

Owns: `ExactIndex`.
Promises: 24 bytes an entry whatever its length; equality by 128 bits of BLAKE2b, which nobody can make collide;
a changed index is a new object.
Never does: keep the values themselves.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.uint64]
Prints: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ExactIndex:
    """Fingerprints, (n, 2), in ascending order, and the numbers of their entries, (n,)."""

    prints: Prints
    numbers: Numbers

    @classmethod
    def build(cls, prints: Prints, numbers: Numbers) -> "ExactIndex":
        """An index of `prints`, as `fingerprint` makes them, (n, 2), with their entries' numbers, (n,)."""
        order = np.argsort(prints[:, 0], kind="stable")
        return cls(prints[order], numbers[order])

    def without(self, numbers: Numbers) -> "ExactIndex":
        """The same without these entries."""
        stays = ~np.isin(self.numbers, numbers)
        return self if stays.all() else ExactIndex(self.prints[stays], self.numbers[stays])

    def with_more(self, prints: Prints, numbers: Numbers) -> "ExactIndex":
        """The same with these entries too."""
        if not numbers.size:
            return self
        return ExactIndex.build(np.concatenate((self.prints, prints)), np.concatenate((self.numbers, numbers)))

    def search(self, prints: Prints) -> tuple[NDArray[np.intp], Numbers]:
        """All pairs of a fingerprint, (m, 2), and an entry of the same: row numbers and entry numbers."""
        first, second = prints[:, 0], prints[:, 1]
        starts = np.searchsorted(self.prints[:, 0], first, "left")
        counts = np.searchsorted(self.prints[:, 0], first, "right") - starts
        rows = np.repeat(np.arange(first.size), counts)
        places = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
        same = self.prints[places, 1] == second[rows]
        return rows[same], self.numbers[places[same]]


def fingerprint(kind: str, value: str) -> bytes:
    """16 bytes for a signal type and a canonical value."""
    return blake2b(f"{kind}\0{value}".encode(), digest_size=16).digest()


def as_prints(fingerprints: bytes | bytearray) -> Prints:
    """Fingerprints one after the other, as uint64 (n, 2)."""
    return np.frombuffer(fingerprints, np.uint64).reshape(-1, 2)
