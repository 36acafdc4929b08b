from pathlib import Path

import numpy as np
import pytest

from beffroi.ground.kernel import native
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.matching import pdq_file, pdq_ring, pdq_state
from beffroi.matching.pdq import PdqIndex
from beffroi.matching.pdq_ring import Ring
from beffroi.matching.pdq_state import State

HASHES = np.random.default_rng(3).integers(0, 256, (50, 32), dtype=np.uint8)


@pytest.fixture(params=["with tables", "without"])
def saved(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "with tables":
        monkeypatch.setattr(pdq_state, "PDQ_TAIL_ROWS_MAX", 5)
    path = tmp_path / "bank.pdq"
    PdqIndex.build(HASHES, np.arange(50)).save(path)
    return path


def test_what_was_saved_is_opened(saved: Path):
    opened = PdqIndex.open(str(saved))
    assert opened.search(HASHES, radius=0)[1].tolist() == list(range(50))


def test_an_opened_index_can_change_without_touching_its_file(saved: Path):
    before = saved.read_bytes()
    opened = PdqIndex.open(saved)
    opened.remove([3])
    opened.add(HASHES[:1], [99])
    assert (len(opened), saved.read_bytes()) == (50, before)


def test_an_empty_index_is_saved_and_opened(tmp_path: Path):
    PdqIndex.build(np.empty((0, 32), np.uint8), []).save(tmp_path / "empty.pdq")
    assert len(PdqIndex.open(tmp_path / "empty.pdq")) == 0


def test_who_has_it_mapped_keeps_it_when_it_is_replaced(saved: Path):
    opened = PdqIndex.open(saved)
    PdqIndex.build(HASHES[:1], [7]).save(saved)
    assert (len(opened), len(PdqIndex.open(saved))) == (50, 1)
    assert opened.search(HASHES[9:10], radius=0)[1].tolist() == [9]


def test_nothing_is_left_beside_it(saved: Path):
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_write_that_fails_leaves_the_old_file(saved: Path, monkeypatch: pytest.MonkeyPatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.fsync", _full_disk)
    with pytest.raises(OSError, match="No space"):
        PdqIndex.build(HASHES[:1], [7]).save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def _full_disk(_handle: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda raw: raw[:-1], "index-cut"),
        (lambda raw: raw + b"\0", "index-cut"),
        (lambda raw: raw[:20], "not-an-index"),
        (lambda raw: b"", "not-an-index"),
        (lambda raw: b"X" + raw[1:], "not-an-index"),
        (lambda raw: raw[:12] + b"\3" + raw[13:], "index-newer"),
        (lambda raw: raw[:12] + b"\1" + raw[13:], "index-older"),
        (lambda raw: flipped(raw, 14), "index-cut"),  # what an id takes
        (lambda raw: flipped(raw, 15), "index-cut"),  # whether there are tables
        (lambda raw: flipped(raw, 16), "index-cut"),  # how many there are
        (lambda raw: flipped(raw, 23), "index-cut"),  # more than there can be
        (lambda raw: flipped(raw, 25), "index-changed"),  # unused
        (lambda raw: flipped(raw, 40), "index-changed"),  # the digest
        (lambda raw: flipped(raw, 64), "index-changed"),
        (lambda raw: flipped(raw, len(raw) - 1), "index-changed"),
    ],
)
def test_a_cut_changed_or_newer_file_is_refused(saved: Path, damage, code: str):
    saved.write_bytes(damage(saved.read_bytes()))
    with pytest.raises(Invalid) as refused:
        PdqIndex.open(saved)
    assert refused.value.code == code


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 128 if at == 23 else raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize("route", native.available())
@pytest.mark.parametrize("what", ["offsets", "last", "place", "ids"])
def test_tables_that_are_none_are_refused_though_their_digest_is_right(
    route: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    built = native.extension() if route != native.NUMPY else None
    monkeypatch.setattr(native, "extension", lambda: built)
    ring = Ring.build(pdq_ring.spread(HASHES), np.arange(50, dtype=np.uint64))
    match what:
        case "offsets":
            ring.offsets[7] = 60
        case "last":
            ring.offsets[65_536] = 51
        case "place":
            ring.places[3] = 50
        case "ids":
            ring.ids[0] = 9
    pdq_file.write(tmp_path / "x.pdq", State(ring))
    with pytest.raises(Invalid) as refused:
        PdqIndex.open(tmp_path / "x.pdq")
    assert refused.value.code == "index-changed"


def test_every_route_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdq_state, "PDQ_TAIL_ROWS_MAX", 5)
    written = set()
    for route in native.available():
        monkeypatch.setattr(native, "route", lambda route=route: route)
        index = PdqIndex.build(HASHES, np.arange(50)[::-1])
        index.remove([3])
        index.save(tmp_path / route)
        written.add((tmp_path / route).read_bytes())
    assert len(written) == 1


def test_ids_beyond_four_bytes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdq_state, "PDQ_TAIL_ROWS_MAX", 5)
    ids = np.arange(50, dtype=np.uint64) + 2**40
    PdqIndex.build(HASHES, ids).save(tmp_path / "x.pdq")
    opened = PdqIndex.open(tmp_path / "x.pdq")
    assert opened.search(HASHES, radius=0)[1].tolist() == ids.tolist()
    assert (opened.remove([2**40, 5]), len(opened)) == (1, 49)


def test_a_file_that_is_not_there_is_named_so(tmp_path: Path):
    with pytest.raises(NotFound) as refused:
        PdqIndex.open(tmp_path / "none.pdq")
    assert refused.value.code == "no-such-index"
