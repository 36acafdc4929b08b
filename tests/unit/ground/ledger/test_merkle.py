from hashlib import sha256

import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.ledger import merkle
from tests.unit.ground.ledger.naive import NaiveTree

# Foreign vectors: the eight leaves and the roots of the Certificate Transparency project's tests.
CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_NODES = {  # (level, index)
    (0, 6): "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    (1, 1): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    (1, 2): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    (1, 3): "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    (2, 1): "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    (3, 0): "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZE_MAX = 300
TREE = NaiveTree([sha256(str(number).encode()).digest() for number in range(SIZE_MAX)])
HASHES = [merkle.leaf_hash(leaf) for leaf in TREE.leaves]


@pytest.mark.parametrize("size", range(9))
def test_foreign_roots(size):
    assert merkle.root_of(map(merkle.leaf_hash, CT_LEAVES[:size])).hex() == CT_ROOTS[size]


def test_foreign_nodes():
    tree, nodes = merkle.grow(merkle.EMPTY, map(merkle.leaf_hash, CT_LEAVES))
    found = {(node.level, node.index): node.hash.hex() for node in nodes}
    assert {place: found[place] for place in CT_NODES if place[0]} == {p: h for p, h in CT_NODES.items() if p[0]}
    assert merkle.leaf_hash(CT_LEAVES[6]).hex() == CT_NODES[0, 6]
    assert tree.root.hex() == CT_ROOTS[8]


def test_foreign_proofs():
    """RFC 6962 section 2.1.3 draws these for seven leaves; with the hashes of the eight CT leaves."""
    tree = NaiveTree(CT_LEAVES)
    assert [step.hex() for step in merkle.prove_inclusion(0, 8, tree.read)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        CT_NODES[1, 1],
        CT_NODES[2, 1],
    ]
    assert [step.hex() for step in merkle.prove_consistency(6, 8, tree.read)] == [
        CT_NODES[1, 2],
        CT_NODES[1, 3],
        CT_ROOTS[4],
    ]


def test_every_root_grown_in_every_way():
    for size in range(SIZE_MAX + 1):
        expected = TREE.mth(0, size)
        assert merkle.root_of(HASHES[:size]) == expected
        assert merkle.root_at(size, TREE.read) == expected
        half, _ = merkle.grow(merkle.EMPTY, HASHES[: size // 2])
        grown, _ = merkle.grow(half, HASHES[size // 2 : size])
        assert grown == merkle.frontier(size, TREE.read)


def test_growing_completes_each_inner_subtree_once():
    tree, seen = merkle.EMPTY, []
    for begin in range(0, SIZE_MAX, 7):
        tree, nodes = merkle.grow(tree, HASHES[begin : begin + 7])
        seen += nodes
    places = [(node.level, node.index) for node in seen]
    assert sorted(places) == sorted((level, index) for level in range(1, 9) for index in range(SIZE_MAX >> level))
    assert all(node.hash == TREE.read(node.level, node.index) for node in seen)


@pytest.mark.slow
def test_every_inclusion_proof_up_to_300():
    for size in range(1, SIZE_MAX + 1):
        root = TREE.mth(0, size)
        for index in range(size):
            path = merkle.prove_inclusion(index, size, TREE.read)
            assert path == TREE.path(index, 0, size)
            assert merkle.inclusion_holds(index, size, HASHES[index], path, root)


@pytest.mark.slow
def test_every_consistency_proof_up_to_300():
    for new in range(SIZE_MAX + 1):
        for old in range(new + 1):
            path = merkle.prove_consistency(old, new, TREE.read)
            assert path == (TREE.proof(old, 0, new) if old else [])
            assert merkle.consistency_holds(old, new, path, TREE.mth(0, old), TREE.mth(0, new))


@pytest.mark.parametrize("size", [*range(1, 34), 255, 256, 257])
def test_no_inclusion_proof_proves_anything_else(size):
    root = TREE.mth(0, size)
    for index in {0, size // 2, size - 1}:
        path = merkle.prove_inclusion(index, size, TREE.read)
        leaf = HASHES[index]
        lies = [
            (index + 1, size, leaf, path, root),
            (index - 1, size, leaf, path, root),
            (index + size, size, leaf, path, root),
            (index, size, merkle.leaf_hash(b"other"), path, root),
            (index, size, leaf, path, merkle.leaf_hash(b"other")),
            (index, size, leaf, [*path, leaf], root),
            (index, size, leaf, [leaf, *path], root),
            (index, 0, leaf, path, root),
            *((index, size, leaf, path[:at] + path[at + 1 :], root) for at in range(len(path))),
            *((index, size, leaf, [*path[:at], bytes(32), *path[at + 1 :]], root) for at in range(len(path))),
        ]
        assert not any(merkle.inclusion_holds(*lie) for lie in lies)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (1, 300), (2, 3), (4, 7), (6, 8), (7, 8), (128, 256), (255, 257)])
def test_no_consistency_proof_proves_anything_else(old, new):
    path, old_root, new_root = merkle.prove_consistency(old, new, TREE.read), TREE.mth(0, old), TREE.mth(0, new)
    lies = [
        (old, new, path, new_root, new_root),
        (old, new, path, old_root, old_root),
        (old, new, path, old_root, bytes(32)),
        (old, new, path, bytes(32), new_root),
        (new, old, path, new_root, old_root),
        (old, new, [*path, bytes(32)], old_root, new_root),
        (old, new, [bytes(32), *path], old_root, new_root),
        (old, new, [], old_root, new_root),
        (-1, new, path, old_root, new_root),
        (0, new, path, old_root, new_root),
        (old, old, path, old_root, old_root),
        *((old, new, path[:at] + path[at + 1 :], old_root, new_root) for at in range(len(path))),
        *((old, new, [*path[:at], bytes(32), *path[at + 1 :]], old_root, new_root) for at in range(len(path))),
    ]
    assert merkle.consistency_holds(old, new, path, old_root, new_root)
    assert not any(merkle.consistency_holds(*lie) for lie in lies)


def test_an_empty_log_is_a_prefix_of_all_and_equals_itself_alone():
    assert merkle.consistency_holds(0, 5, [], merkle.EMPTY_ROOT, TREE.mth(0, 5))
    assert not merkle.consistency_holds(0, 5, [], bytes(32), TREE.mth(0, 5))
    assert merkle.consistency_holds(5, 5, [], bytes(32), bytes(32))
    assert not merkle.consistency_holds(5, 5, [], bytes(32), TREE.mth(0, 5))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (6, 5)])
def test_no_proof_for_a_leaf_outside(index, size):
    with pytest.raises(Invalid) as refused:
        merkle.prove_inclusion(index, size, TREE.read)
    assert refused.value.code == "leaf-outside-tree"


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1)])
def test_no_proof_from_larger_to_smaller(old, new):
    with pytest.raises(Invalid) as refused:
        merkle.prove_consistency(old, new, TREE.read)
    assert refused.value.code == "sizes-out-of-order"


def test_a_leaf_cannot_pass_for_a_node():
    left, right = HASHES[:2]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
    assert merkle.leaf_hash(b"\x01" + left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize("level", range(9))
def test_complete_rows_fold_to_their_subtree(level):
    assert merkle.fold_complete(HASHES[: 1 << level]) == TREE.mth(0, 1 << level)


def test_peaks_fold_to_their_root():
    assert merkle.fold_peaks(HASHES[:1]) == HASHES[0]
    assert merkle.fold_peaks([TREE.mth(0, 4), TREE.mth(4, 6), HASHES[6]]) == TREE.mth(0, 7)
