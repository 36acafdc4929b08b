import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.ledger.tiles import (
    Tile,
    bundle_bytes,
    parse_bundle,
    parse_tile,
    tile_bytes,
    tiles_at,
    width_at,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067, 256), "tile/0/x001/x234/067"),  # the specification's example
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(1, 999, 255), "tile/1/999.p/255"),
        (Tile(2, 1000, 256), "tile/2/x001/000"),
        (Tile(63, 5, 17), "tile/63/005.p/17"),
        (Tile(None, 273, 112), "tile/entries/273.p/112"),
        (Tile(None, 1234067, 256), "tile/entries/x001/x234/067"),
        (Tile(0, 2**55, 256), "tile/0/x036/x028/x797/x018/x963/968"),
    ],
)
def test_paths_both_ways(tile, path):
    assert tile.path == path
    assert parse_tile(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/99/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/0/x000/000",  # 000 is its name
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/x001/",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/1000",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.q/1",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/٣/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/" + "x001/" * 6 + "000",
        "tile/0/" + "x001/" * 5000 + "000",
    ],
)
def test_other_names_are_refused(path):
    with pytest.raises(Invalid) as refused:
        parse_tile(path)
    assert refused.value.code == "not-a-tile"


def test_the_specifications_tree_of_70000():
    tiles = list(tiles_at(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile for tile in tiles if tile.width != 256 or tile.level] == [
        Tile(0, 273, 112),
        Tile(1, 0, 256),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_the_specifications_tree_of_256():
    assert list(tiles_at(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]


def test_an_empty_tree_has_no_tile():
    assert list(tiles_at(0)) == []


@pytest.mark.parametrize(
    ("level", "index", "size", "width"),
    [(0, 0, 0, 0), (0, 0, 255, 255), (0, 0, 256, 256), (0, 1, 256, 0), (0, 1, 257, 1), (1, 0, 511, 1), (9, 5, 99, 0)],
)
def test_widths(level, index, size, width):
    assert width_at(level, index, size) == width


def test_a_tile_is_its_hashes():
    assert tile_bytes([b"a" * 32, b"b" * 32]) == b"a" * 32 + b"b" * 32


def test_bundles_both_ways():
    leaves = [b"", b"a", b"b" * 300]
    raw = bundle_bytes(leaves)
    assert raw == b"\x00\x00" + b"\x00\x01a" + b"\x01\x2c" + b"b" * 300
    assert parse_bundle(raw) == leaves
    assert parse_bundle(b"") == []


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01a\x00"])
def test_a_bundle_cut_short_is_refused(raw):
    with pytest.raises(Invalid) as refused:
        parse_bundle(raw)
    assert refused.value.code == "bundle-cut-short"
