import pytest

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.ledger import integrate
from beffroi.ground.ledger.checkpoint import parse_checkpoint
from beffroi.ground.ledger.merkle import fold_complete, leaf_hash, root_of
from beffroi.ground.ledger.serve import resource
from beffroi.ground.ledger.tiles import Tile, parse_bundle, tiles_at
from beffroi.ground.trust.note import parse_note


def fetch(house, path):
    with house.database.read() as conn:
        return resource(conn, path)


def test_a_stranger_rebuilds_the_log_from_what_is_served(any_house):
    for first in (0, 300):
        any_house.light(300, first=first)
        any_house.beat()
    said = parse_checkpoint(parse_note(fetch(any_house, "checkpoint").content).text)
    assert said.size == 1024
    leaves = []
    for tile in [tile for tile in tiles_at(said.size) if tile.level == 0]:
        bundle = parse_bundle(fetch(any_house, Tile(None, tile.index, tile.width).path).content)
        assert b"".join(map(leaf_hash, bundle)) == fetch(any_house, tile.path).content
        leaves += bundle
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert root_of(hashes) == said.root
    upper = fetch(any_house, "tile/1/000.p/4").content
    assert upper == b"".join(fold_complete(hashes[at : at + 256]) for at in range(0, 1024, 256))


def test_partial_tiles_of_earlier_checkpoints_stay(house):
    sizes = [house.beat().size for _ in range(3)]
    first = fetch(house, "tile/0/000.p/8").content
    assert sizes == [8, 16, 24]
    assert fetch(house, "tile/0/000.p/24").content[: 8 * 32] == first


def test_what_may_be_kept_by_caches(house):
    house.beat()
    checkpoint, tile = fetch(house, "checkpoint"), fetch(house, "tile/0/000.p/8")
    assert (checkpoint.media_type, checkpoint.cache_control) == ("text/plain; charset=utf-8", "public, max-age=2")
    assert tile.media_type == "application/octet-stream"
    assert "immutable" in tile.cache_control


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint/",
        "Checkpoint",
        "tile/0/000",
        "tile/0/000.p/9",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/entries/x999/x999/x999/x999/x999/999.p/1",
        "tile/63/000.p/1",
        "tile/entries/000.p/9",
        "tile/0/000.p/0",
        "../keys/ledger-0001.json",
    ],
)
def test_nothing_else_is_there(house, path):
    house.beat()
    with pytest.raises(NotFound) as refused:
        fetch(house, path)
    assert refused.value.code == "no-such-resource"


def test_nothing_is_there_before_the_first_checkpoint(house):
    for path in ("checkpoint", "tile/0/000.p/1"):
        with pytest.raises(NotFound):
            fetch(house, path)


def test_leaves_without_a_checkpoint_are_not_shown(house):
    house.beat()
    with house.database.read() as conn:
        batch = integrate.prepare(conn)
    house.writer.run("law", "node", lambda tx: integrate.append(tx, batch))
    with pytest.raises(NotFound):
        fetch(house, "tile/0/000.p/9")
    house.beat()
    assert len(fetch(house, "tile/0/000.p/9").content) == 9 * 32
