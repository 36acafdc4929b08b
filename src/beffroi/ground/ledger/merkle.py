"""The Merkle tree of RFC 6962 section 2 (RFC 9162 section 2.1): hashes, proofs, verification.

Owns: the arithmetic of the tree, and nothing else.
Promises: pure functions; a proof of n leaves reads O(log² n) complete subtrees, adding m leaves hashes O(m).
Never does: store, read or sign. Complete subtrees come from a `NodeReader` that the caller hands in.

The subtree (level, index) is complete: it spans the 2**level leaves from index * 2**level on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from beffroi.ground.kernel.errors import Invalid

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]
"""(level, index) → hash of that complete subtree."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree and its hash."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """What must be known of a tree in order to grow it: its size and its complete subtrees, largest first."""

    size: int
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root hash of this tree."""
        return fold_peaks(self.peaks) if self.peaks else EMPTY_ROOT


EMPTY = Frontier(0, ())


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf's bytes; the prefix tells leaves from nodes (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """One hash over adjoining complete subtrees, largest first (at least one)."""
    folded = peaks[-1]
    for peak in reversed(peaks[:-1]):
        folded = node_hash(peak, folded)
    return folded


def fold_complete(hashes: Sequence[bytes]) -> bytes:
    """The hash over 2**k sibling subtrees (k ≥ 0)."""
    row = hashes
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


# Growing


def grow(tree: Frontier, leaf_hashes: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
    """The tree with more leaves, and every inner subtree (level ≥ 1) that they complete, in order."""
    size, peaks = tree.size, list(tree.peaks)
    completed: list[Node] = []
    for grown in leaf_hashes:
        peaks.append(grown)
        level, index = 0, size
        while index & 1:  # a right child: its left sibling is the peak before it
            right = peaks.pop()
            level, index = level + 1, index >> 1
            peaks[-1] = node_hash(peaks[-1], right)
            completed.append(Node(level, index, peaks[-1]))
        size += 1
    return Frontier(size, tuple(peaks)), completed


def frontier(size: int, read: NodeReader) -> Frontier:
    """The frontier of the tree of the first `size` leaves."""
    return Frontier(size, tuple(read(level, index) for level, index in _complete_subtrees(0, size)))


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    return grow(EMPTY, leaf_hashes)[0].root


def root_at(size: int, read: NodeReader) -> bytes:
    """The root that the tree had at `size` leaves."""
    return frontier(size, read).root


# Proving


def prove_inclusion(index: int, size: int, read: NodeReader) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size`, leaf's sibling first (RFC 6962 section 2.1.1).

    Raises:
        Invalid: there is no such leaf in that tree.

    """
    if not 0 <= index < size:
        raise Invalid("leaf-outside-tree", f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + _split(end - begin)
        if index < split:
            path.append(_span(split, end, read))
            end = split
        else:
            path.append(_span(begin, split, read))
            begin = split
    return path[::-1]


def prove_consistency(old: int, new: int, read: NodeReader) -> list[bytes]:
    """The proof that the tree of `old` leaves is a prefix of the tree of `new` (RFC 6962 section 2.1.2).

    Empty where `old` is 0 or equals `new`.

    Raises:
        Invalid: `old` is larger than `new`.

    """
    if not 0 <= old <= new:
        raise Invalid("sizes-out-of-order", f"no tree of {old} leaves is a prefix of one of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    begin, end = 0, new
    while end != old:
        split = begin + _split(end - begin)
        if old <= split:
            path.append(_span(split, end, read))
            end = split
        else:
            path.append(_span(begin, split, read))
            begin = split
    if begin > 0:  # otherwise the verifier starts from the old root itself
        path.append(_span(begin, end, read))
    return path[::-1]


# Verifying


def inclusion_holds(index: int, size: int, hashed_leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from the leaf to the root (RFC 9162 section 2.1.3.2)."""
    if not (0 <= index < size and _are_hashes(hashed_leaf, root, *path)):
        return False
    node, last, folded = index, size - 1, hashed_leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            folded = node_hash(sibling, folded)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            folded = node_hash(folded, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and folded == root


def consistency_holds(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `path` shows the old tree to be a prefix of the new one (RFC 9162 section 2.1.4.2).

    Every tree begins as the empty one, whose root is known and needs no path (C2SP tlog-witness).
    """
    if not (0 <= old <= new and _are_hashes(old_root, new_root, *path)):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path
    return _consistency_folds(old, new, path, old_root, new_root)


def _consistency_folds(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    steps = [old_root, *path] if _is_power_of_two(old) else list(path)
    if not steps:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_folded = new_folded = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_folded = node_hash(sibling, old_folded)
            new_folded = node_hash(sibling, new_folded)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_folded = node_hash(new_folded, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_folded == old_root and new_folded == new_root


def _are_hashes(*values: bytes) -> bool:
    """Anything shorter or longer is no hash, and might be glued to another to look like one."""
    return all(len(value) == len(EMPTY_ROOT) for value in values)


# Shapes


def _split(size: int) -> int:
    """The largest power of two below `size` (≥ 2): where RFC 6962 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


def _is_power_of_two(size: int) -> bool:
    return size & (size - 1) == 0


def _complete_subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees that tile the leaves from `begin` (aligned) to `end`, largest first."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def _span(begin: int, end: int, read: NodeReader) -> bytes:
    """The hash over the leaves from `begin` to `end`, a part that RFC 6962's splitting can produce."""
    return fold_peaks([read(level, index) for level, index in _complete_subtrees(begin, end)])
