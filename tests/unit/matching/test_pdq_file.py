from pathlib import Path

import numpy as np
import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.matching.pdq import PdqIndex

HASHES = np.random.default_rng(3).integers(0, 256, (50, 32), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
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
        (lambda raw: raw[:12] + b"\2" + raw[13:], "index-newer"),
        (lambda raw: raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:], "index-changed"),
        (lambda raw: raw[:30] + bytes([raw[30] ^ 1]) + raw[31:], "index-changed"),
    ],
)
def test_a_cut_changed_or_newer_file_is_refused(saved: Path, damage, code: str):
    saved.write_bytes(damage(saved.read_bytes()))
    with pytest.raises(Invalid) as refused:
        PdqIndex.open(saved)
    assert refused.value.code == code


def test_a_file_that_is_not_there_is_named_so(tmp_path: Path):
    with pytest.raises(NotFound) as refused:
        PdqIndex.open(tmp_path / "none.pdq")
    assert refused.value.code == "no-such-index"
