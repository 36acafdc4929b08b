import hashlib

import pytest

from beffroi.signals.decoder import Decoder
from beffroi.signals.extract import TEXT_SOURCE, extract, media_source
from beffroi.signals.fold import fold
from beffroi.signals.model import Extracted, PictureFacts, Posted, Signal, Undecodable
from beffroi.signals.types.pdq import pdq_of_picture
from tests.unit.signals.photographs import photograph, saved

PICTURE = saved(photograph("coffee.png"), "png")


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as running:
        yield running


def of(decoder, text, *media):
    (found,) = extract(decoder, [Posted(text, media)])
    return found


def test_a_picture_gives_its_hashes(decoder):
    import numpy as np

    value, quality = pdq_of_picture(np.asarray(photograph("coffee.png")))
    found = of(decoder, None, PICTURE)
    assert set(found.signals) == {
        Signal("sha256", hashlib.sha256(PICTURE).hexdigest(), None, "media:0"),
        Signal("md5", hashlib.md5(PICTURE).hexdigest(), None, "media:0"),  # noqa: S324 - a signal, not a safeguard
        Signal("pdq", value.hex(), quality, "media:0"),
    }
    assert found.folded is None
    assert found.undecodable == ()


def test_a_text_gives_its_links_and_its_folded_form(decoder):
    found = of(decoder, "Look: HTTP://Files.example/x")
    assert found.signals == (Signal("url", "https://files.example/x", None, TEXT_SOURCE),)
    assert found.folded == fold("Look: HTTP://Files.example/x")


def test_signals_say_which_file_they_are_of(decoder):
    found = of(decoder, "files.example/x", b"", PICTURE, b"<html>")
    assert {signal.source for signal in found.signals} == {TEXT_SOURCE, media_source(1), media_source(2)}
    assert [signal.type for signal in found.signals if signal.source == media_source(2)] == ["sha256", "md5"]
    assert found.undecodable == (Undecodable("empty", "media:0"), Undecodable("not-a-picture", "media:2"))
    assert isinstance(found.pictures[1], PictureFacts)


def test_a_file_cut_short_gives_signals_and_is_told(decoder):
    found = of(decoder, None, PICTURE[:-5000])
    assert "pdq" in {signal.type for signal in found.signals}
    assert found.undecodable == (Undecodable("truncated", "media:0"),)


def test_positions_are_kept(decoder):
    batch = [Posted(None), Posted("", (PICTURE,)), Posted("files.example/x"), Posted(None, (b"", PICTURE))]
    found = extract(decoder, batch)
    assert [len(each.pictures) for each in found] == [0, 1, 0, 2]
    assert found[0] == Extracted((), None, ())
    assert found[1].folded == fold("")
    assert found[1].pictures[0] == found[3].pictures[1]


def test_each_different_file_is_decoded_once(decoder):
    rounds = []

    class Counting(Decoder):
        def pictures(self, files):
            rounds.append(list(files))
            return decoder.pictures(files)

    found = extract(Counting(), [Posted(None, (PICTURE, PICTURE)), Posted(None, (PICTURE, b"x"))])
    assert rounds == [[PICTURE, b"x"]]
    assert len({each.pictures[0] for each in found}) == 1


def test_an_empty_batch(decoder):
    assert extract(decoder, []) == []
