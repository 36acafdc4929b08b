"""The tree as RFC 6962 section 2.1 defines it, word for word, for comparison."""

from functools import cache
from hashlib import sha256


class NaiveTree:
    """Over leaves; `mth`, `path` and `proof` are MTH, PATH and PROOF of the RFC, over D[begin:end]."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.mth = cache(self._mth)

    def _mth(self, begin: int, end: int) -> bytes:
        if begin == end:
            return sha256(b"").digest()
        if end - begin == 1:
            return sha256(b"\x00" + self.leaves[begin]).digest()
        k = split(end - begin)
        return sha256(b"\x01" + self.mth(begin, begin + k) + self.mth(begin + k, end)).digest()

    def path(self, m: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        k = split(end - begin)
        if m < k:
            return [*self.path(m, begin, begin + k), self.mth(begin + k, end)]
        return [*self.path(m - k, begin + k, end), self.mth(begin, begin + k)]

    def proof(self, m: int, begin: int, end: int, whole: bool = True) -> list[bytes]:
        if m == end - begin:
            return [] if whole else [self.mth(begin, end)]
        k = split(end - begin)
        if m <= k:
            return [*self.proof(m, begin, begin + k, whole), self.mth(begin + k, end)]
        return [*self.proof(m - k, begin + k, end, False), self.mth(begin, begin + k)]

    def read(self, level: int, index: int) -> bytes:
        """A `merkle.NodeReader`."""
        assert (index + 1) << level <= len(self.leaves)
        return self.mth(index << level, (index + 1) << level)


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k
