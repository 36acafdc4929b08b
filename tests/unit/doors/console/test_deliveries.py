from itertools import count

import pytest

from beffroi.ground.storage import Effect, effects
from beffroi.ground.storage.effects import EffectState
from beffroi.ground.storage.tx import NODE

_NUMBERS = count(1)


@pytest.fixture
def waiting(place):
    """An effect that waits for its time."""
    return intended(place)


@pytest.fixture
def failed(place):
    """An effect that failed for good."""
    effect = intended(place)
    told = {"outcome": "refused", "reason": "the platform says no"}
    place.house.write("law", NODE, lambda tx: effects.settle(tx.conn, effect.id, tx.now, EffectState.FAILED, told))
    return effect


def intended(place):
    key, later = f"test-{next(_NUMBERS)}", place.house.clock.now().replace(year=2999)
    place.house.write("law", NODE, lambda tx: tx.intend(Effect("inform", key, {}), not_before=later))
    return kept(place, key)


def kept(place, key):
    with place.house.read() as conn:
        return effects.by_key(conn, key)


def test_each_effect_stands_with_its_state_and_when_it_is_tried_next(place, waiting):
    page = place.visitor("noor").get("/console/deliveries").text
    assert waiting.key in page
    assert "To be done" in page
    assert "not tried yet" in page
    assert "next try" in page


def test_what_failed_is_told_on_every_list_and_has_its_own(place, failed, waiting):
    noor = place.visitor("noor")
    assert "waits for a person. Nothing is dropped." in noor.get("/console/deliveries?state=done").text
    page = noor.get("/console/deliveries?state=failed").text
    assert failed.key in page
    assert "the platform says no" in page
    assert waiting.key not in page


def test_a_failed_one_is_tried_again_under_its_key(place, failed):
    answer = place.visitor("tomas").post(f"/console/deliveries/{failed.id}/retry")
    assert answer.headers["location"] == "/console/deliveries?did=retried"
    again = kept(place, failed.key)
    assert (again.id, again.state) == (failed.id, EffectState.INTENDED)


def test_a_waiting_one_is_tried_before_its_time(place, waiting):
    place.visitor("tomas").post(f"/console/deliveries/{waiting.id}/retry")
    assert kept(place, waiting.key).due_at <= place.house.clock.now()


def test_what_is_done_is_not_tried_again(place, waiting):
    place.house.write("law", NODE, lambda tx: effects.settle(tx.conn, waiting.id, tx.now, EffectState.DONE, {}))
    assert place.visitor("tomas").post(f"/console/deliveries/{waiting.id}/retry").status_code == 409


def test_a_moderator_reads_and_tries_nothing(place, failed):
    assert "Try again" not in place.visitor("noor").get("/console/deliveries?state=failed").text
    assert place.visitor("noor").post(f"/console/deliveries/{failed.id}/retry").status_code == 403
