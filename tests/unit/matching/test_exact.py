import numpy as np

from beffroi.matching.exact import ExactIndex, as_prints, fingerprint


def prints(*values: tuple[str, str]) -> np.ndarray:
    return as_prints(b"".join(fingerprint(kind, value) for kind, value in values))


def built(*values: tuple[str, str]) -> ExactIndex:
    return ExactIndex.build(prints(*values), np.arange(1, len(values) + 1, dtype=np.uint64))


def pairs(index: ExactIndex, *values: tuple[str, str]) -> list[tuple[int, int]]:
    rows, numbers = index.search(prints(*values))
    return sorted(zip(rows.tolist(), numbers.tolist(), strict=True))


def test_equal_values_of_the_same_type_are_found_and_nothing_else():
    index = built(("url", "https://a.example/"), ("md5", "00"), ("sha256", "00"), ("url", "https://a.example/"))
    assert pairs(index, ("sha256", "00"), ("url", "https://b.example/"), ("url", "https://a.example/")) == [
        (0, 3),
        (2, 1),
        (2, 4),
    ]


def test_half_a_fingerprint_is_not_enough():
    index = built(("url", "a"))
    query = prints(("url", "a")).copy()
    query[0, 1] ^= 1
    assert index.search(query)[0].size == 0


def test_a_changed_index_is_a_new_one():
    first = built(("url", "a"), ("url", "b"))
    second = first.without(np.array([1], np.uint64)).with_more(prints(("url", "c")), np.array([9], np.uint64))
    asked = (("url", "a"), ("url", "b"), ("url", "c"))
    assert (pairs(first, *asked), pairs(second, *asked)) == ([(0, 1), (1, 2)], [(1, 2), (2, 9)])


def test_nothing_is_found_in_nothing():
    assert pairs(built(), ("url", "a")) == []
    assert pairs(built(("url", "a"))) == []
