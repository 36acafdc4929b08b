"""Hostile pictures against the real decoder: the parent lives, answers in time, and the next good picture is read."""

import resource
import time
from pathlib import Path

import pytest

from beffroi.ground.kernel.limits import CHILD_MEMORY_BYTES_MAX, PICTURE_WALL_S_MAX
from beffroi.signals import Decoder, PictureFacts, Undecodable
from beffroi.signals.model import UNDECODABLE_REASONS
from tests.attack.hostile_pictures import ATTACKS, PICTURE, cut_short, gif_of, mutated
from tests.conftest import SOAK
from tests.unit.signals.photographs import saved

GOOD = saved(PICTURE, "jpeg", quality=80)
MUTATIONS = 20_000 if SOAK else 1_000
DECODERS_BYTES = 128 * 2**20
"""What interpreter, numpy and Pillow take before any picture, with room."""


def children():
    """The processes that this one's threads started and that are not forgotten yet."""
    return {pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text("ascii").split()}


@pytest.fixture(scope="module")
def others():
    """What other modules' fixtures have running in this process."""
    return children()


@pytest.fixture(scope="module")
def decoder(others):
    with Decoder() as running:
        yield running


@pytest.fixture(scope="module")
def good(decoder):
    (facts,) = decoder.pictures([GOOD])
    assert isinstance(facts, PictureFacts)
    return facts


def peaks(decoder):
    """The largest memory each living child ever held, in bytes."""
    for child in list(decoder._alive):
        lines = Path(f"/proc/{child.pid}/status").read_text("ascii").splitlines()
        (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        yield int(peak) * 1024


def sound(answer):
    """An answer is one of the two kinds, and within its vocabulary."""
    return isinstance(answer, PictureFacts) or answer.reason in UNDECODABLE_REASONS


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_costs_at_most_a_child(decoder, good, attack):
    raw = ATTACKS[attack]()
    began = time.monotonic()
    (answer,) = decoder.pictures([raw])
    assert time.monotonic() - began < PICTURE_WALL_S_MAX + 2
    assert sound(answer)
    assert decoder.pictures([GOOD] * 4) == [good] * 4
    assert max(peaks(decoder)) < DECODERS_BYTES + CHILD_MEMORY_BYTES_MAX


@pytest.mark.parametrize(
    ("attack", "answer"),
    [
        ("gigapixel PNG header", Undecodable("too-many-pixels")),
        ("the largest PNG header", Undecodable("too-many-pixels")),
        ("a GIF that claims 65,535 pixels a side", Undecodable("too-many-pixels")),
        ("a WebP that claims 16,384 pixels a side", Undecodable("too-many-pixels")),
        ("a BMP that claims two billion pixels", Undecodable("too-many-pixels")),
        ("a JPEG start and nothing else", Undecodable("broken")),
        ("a PNG start and noise", Undecodable("broken")),
        ("a JPEG of very many scans", Undecodable("too-slow")),
    ],
)
def test_what_is_refused_says_why(decoder, attack, answer):
    assert decoder.pictures([ATTACKS[attack]()]) == [answer]


@pytest.mark.parametrize(
    "attack",
    [
        "a colour profile of half a gigabyte",
        "a comment of half a gigabyte",
        "a translated comment of half a gigabyte",
        "a hundred thousand comments",
    ],
)
def test_baggage_does_not_hide_a_picture(decoder, attack):
    (plain,) = decoder.pictures([saved(PICTURE, "png")])
    (laden,) = decoder.pictures([ATTACKS[attack]()])
    assert isinstance(plain, PictureFacts)
    assert isinstance(laden, PictureFacts)
    assert laden.readings == plain.readings


@pytest.mark.parametrize(("attack", "kind"), [("JPEG and HTML in one", "jpeg"), ("GIF and script in one", "gif")])
def test_a_polyglot_is_the_picture_that_it_shows(decoder, attack, kind):
    (plain,) = decoder.pictures([saved(PICTURE, kind)])
    assert decoder.pictures([ATTACKS[attack]()]) == [plain]


def test_frames_are_counted_and_the_first_is_read(decoder):
    (answer,) = decoder.pictures([gif_of(10_000)])
    assert isinstance(answer, PictureFacts)
    assert answer.frames == 10_000


@pytest.mark.parametrize(
    "raw", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<!doctype html>", b"GIF8", b"\0" * 64]
)
def test_other_media_are_not_pictures_whatever_they_are_called(decoder, raw):
    assert decoder.pictures([raw]) == [Undecodable("not-a-picture")]


def test_zero_bytes(decoder):
    assert decoder.pictures([b""]) == [Undecodable("empty")]


def test_files_cut_short(decoder, good):
    answers = decoder.pictures([raw for _, raw in cut_short()])
    assert all(isinstance(each, Undecodable) or each.flaw or each.format == "bmp" for each in answers)
    assert {each.reason for each in answers if isinstance(each, Undecodable)} <= {
        "truncated",
        "broken",
        "not-a-picture",
    }
    assert decoder.pictures([GOOD]) == [good]


def test_many_mutations(decoder, good):
    """Seeded, so that a failure can be had again; a good picture stands between every ten."""
    batch, checked = [], 0
    for raw in mutated(MUTATIONS, seed=20_260_601):
        batch.append(raw)
        if len(batch) == 100:
            mixed = [each for start in range(0, 100, 10) for each in (*batch[start : start + 10], GOOD)]
            answers = decoder.pictures(mixed)
            assert answers[10::11] == [good] * 10
            assert all(sound(answer) for answer in answers)
            checked += len(batch)
            batch = []
    assert checked == MUTATIONS
    assert max(peaks(decoder)) < DECODERS_BYTES + CHILD_MEMORY_BYTES_MAX


def test_an_attack_in_a_batch_leaves_its_neighbours_alone(decoder, good):
    raws = [ATTACKS[name]() for name in ("gigapixel PNG header", "decompression bomb within the pixel limit")]
    answers = decoder.pictures([GOOD, raws[0], GOOD, raws[1], GOOD, b"", GOOD])
    assert [answers[place] for place in (0, 2, 4, 6)] == [good] * 4


def test_nothing_was_left_behind(decoder, others):
    """No crashed child remains, not as a zombie either, and no pipe stays open."""
    assert children() - others == {str(child.pid) for child in decoder._alive}
    assert len(list(Path("/proc/self/fd").iterdir())) < resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4
