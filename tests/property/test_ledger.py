"""The tree over sizes nobody can enumerate: against RFC 6962's own definition, and against mutation."""

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.ground.ledger import merkle
from beffroi.ground.ledger.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, parse_tile, tiles_at, width_at
from tests.unit.ground.ledger.naive import NaiveTree

SIZE_MAX = 100_000
TREE = NaiveTree([number.to_bytes(4, "big") for number in range(SIZE_MAX)])
sizes = st.integers(1, SIZE_MAX) | st.sampled_from([1 << power for power in range(17)]) | st.just(SIZE_MAX)


@st.composite
def leaf_in_tree(draw):
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def two_sizes(draw):
    return sorted((draw(sizes), draw(sizes)))


@given(leaf_in_tree())
def test_inclusion(place):
    index, size = place
    path = merkle.prove_inclusion(index, size, TREE.read)
    assert path == TREE.path(index, 0, size)
    assert merkle.inclusion_holds(index, size, merkle.leaf_hash(TREE.leaves[index]), path, TREE.mth(0, size))


@given(two_sizes())
def test_consistency(pair):
    old, new = pair
    path = merkle.prove_consistency(old, new, TREE.read)
    assert path == TREE.proof(old, 0, new)
    assert merkle.consistency_holds(old, new, path, TREE.mth(0, old), TREE.mth(0, new))


@given(leaf_in_tree(), st.data())
def test_no_mutated_inclusion_proof_holds(place, data):
    index, size = place
    path = merkle.prove_inclusion(index, size, TREE.read)
    mutant = mutated(path, data)
    leaf, root = merkle.leaf_hash(TREE.leaves[index]), TREE.mth(0, size)
    assert not merkle.inclusion_holds(index, size, leaf, mutant, root)


@given(two_sizes(), st.data())
def test_no_mutated_consistency_proof_holds(pair, data):
    old, new = pair
    path = merkle.prove_consistency(old, new, TREE.read)
    mutant = mutated(path, data)
    assert not merkle.consistency_holds(old, new, mutant, TREE.mth(0, old), TREE.mth(0, new))


def mutated(path, data):
    """`path` with one step changed, dropped, doubled, or one too many."""
    ways = ["append"] + (["flip", "drop", "double"] if path else [])
    at = data.draw(st.integers(0, max(0, len(path) - 1)))
    match data.draw(st.sampled_from(ways)):
        case "flip":
            bit = data.draw(st.integers(0, 255))
            flipped = int.from_bytes(path[at], "big") ^ 1 << bit
            return [*path[:at], flipped.to_bytes(32, "big"), *path[at + 1 :]]
        case "drop":
            return path[:at] + path[at + 1 :]
        case "double":
            return path[: at + 1] + path[at:]
        case _:
            return [*path, data.draw(st.binary(min_size=32, max_size=32))]


@given(two_sizes(), st.lists(st.integers(0, 3000), max_size=5))
@settings(max_examples=40)
def test_growing_in_pieces_gives_the_same_tree(pair, pieces):
    begin, end = pair
    tree = merkle.frontier(begin, TREE.read)
    for piece in pieces:
        upto = min(tree.size + piece, end)
        tree, nodes = merkle.grow(tree, (merkle.leaf_hash(leaf) for leaf in TREE.leaves[tree.size : upto]))
        assert tree.root == TREE.mth(0, upto)
        assert all(node.hash == TREE.read(node.level, node.index) for node in nodes)


@given(st.integers(0, 2**40), st.integers(0, 63) | st.none(), st.integers(1, TILE_WIDTH))
def test_every_tile_has_one_name(index, level, width):
    tile = Tile(level, index, width)
    assert parse_tile(tile.path) == tile


@given(st.integers(0, 2_000_000))
@settings(max_examples=30)
def test_the_tiles_of_a_tree_cover_it(size):
    tiles = list(tiles_at(size))
    assert len({(tile.level, tile.index) for tile in tiles}) == len(tiles)
    for level in {tile.level or 0 for tile in tiles}:
        of_level = [tile for tile in tiles if tile.level == level]
        assert sum(tile.width for tile in of_level) == size >> TILE_HEIGHT * level
        assert all(tile.width == width_at(level, tile.index, size) for tile in of_level)
        assert all(tile.width == TILE_WIDTH for tile in of_level[:-1])


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=60, unique=True))
def test_roots_of_other_leaves_differ(leaves):
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    root = merkle.root_of(hashes)
    assert merkle.root_of(hashes[:-1]) != root
    assert merkle.root_of([*hashes, sha256(b"").digest()]) != root
    if len(hashes) > 1:
        assert merkle.root_of(hashes[::-1]) != root
