import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from beffroi.ground.kernel.errors import Unavailable
from beffroi.signals import decoder as module
from beffroi.signals import process
from beffroi.signals.decoder import Decoder
from beffroi.signals.model import PictureFacts, Undecodable
from tests.unit.signals.photographs import COLOURED, photograph, saved, scaled

FILES = [saved(scaled(photograph(name), 0.3), "jpeg") for name in COLOURED]


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as running:
        yield running


def living(decoder):
    return [child for child in decoder._alive if child._process.poll() is None]


def test_answers_keep_the_order_of_the_question(decoder):
    sizes = [scaled(photograph(name), 0.3).size for name in COLOURED]
    found = decoder.pictures([*FILES, b"", *FILES, b"<html>"])
    assert [(picture.width, picture.height) for picture in found if isinstance(picture, PictureFacts)] == sizes * 2
    assert (found[len(FILES)], found[-1]) == (Undecodable("empty"), Undecodable("not-a-picture"))
    assert found[: len(FILES)] == found[len(FILES) + 1 : -1]


def test_no_files_no_answers(decoder):
    assert decoder.pictures([]) == []


def test_many_threads_share_it(decoder):
    expected = decoder.pictures(FILES)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(decoder.pictures, [FILES] * 24))
    assert answers == [expected] * 24


def test_it_knows_how_its_children_are_confined(decoder):
    assert decoder.confinement


def test_lost_children_are_replaced(decoder):
    (expected,) = decoder.pictures(FILES[:1])
    for child in list(decoder._alive):
        os.kill(child.pid, signal.SIGKILL)
    answers = [decoder.pictures(FILES[:1])[0] for _ in range(8)]
    assert answers.count(Undecodable("decoder-crashed")) == 3  # one for each that was killed while idle
    assert answers[-1] == expected
    assert len(living(decoder)) == 3


def test_worn_out_children_are_replaced(decoder, monkeypatch):
    monkeypatch.setattr(process, "PICTURES_PER_CHILD_MAX", 2)
    before = {child.pid for child in decoder._alive}
    found = decoder.pictures(FILES * 2)
    assert all(isinstance(picture, PictureFacts) for picture in found)
    assert before.isdisjoint({child.pid for child in decoder._alive})
    assert len(living(decoder)) == 3


def test_without_processes_to_give_it_waits_for_better_times(decoder, monkeypatch):
    def no_process(*_):
        raise BlockingIOError

    with monkeypatch.context() as patch:
        patch.setattr(module, "Child", no_process)
        for child in list(decoder._alive):
            os.kill(child.pid, signal.SIGKILL)
        crashed = [decoder.pictures(FILES[:1])[0] for _ in range(5)]
    assert crashed == [Undecodable("decoder-crashed")] * 5
    recovered = [decoder.pictures(FILES[:1])[0] for _ in range(4)]
    assert all(isinstance(picture, PictureFacts) for picture in recovered)


def test_closed_or_never_started_it_is_unavailable():
    with pytest.raises(Unavailable) as refused:
        Decoder().pictures(FILES)
    assert refused.value.code == "decoder-closed"
    running = Decoder(children=1).start()
    children = list(running._alive)
    running.close()
    running.close()
    with pytest.raises(Unavailable):
        running.pictures(FILES)
    assert all(child._process.returncode is not None for child in children)


def test_closing_under_load_ends_every_process():
    running = Decoder(children=1).start()
    children = list(running._alive)
    outcomes: list[object] = []

    def ask():
        try:
            outcomes.append(running.pictures(FILES * 30))
        except Unavailable:
            outcomes.append(None)

    asking = threading.Thread(target=ask)
    asking.start()
    running.close()
    asking.join(30)
    assert len(outcomes) == 1
    assert all(child._process.returncode is not None for child in children)


def test_a_child_that_does_not_start_is_told(monkeypatch):
    monkeypatch.setattr(process, "_COMMAND", ("/bin/false",))
    with pytest.raises(Unavailable) as refused:
        Decoder().start()
    assert refused.value.code == "decoder-not-starting"
