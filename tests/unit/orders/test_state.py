"""What people call where an order stands, and events that do not fit."""

from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Conflict
from beffroi.orders import state
from beffroi.orders.events import ItemFailed, OrderSettled
from beffroi.orders.model import Appeal, Authentication, Handling, Scrutiny, Validity
from tests.unit.orders.test_rules import NOW, listed, received

ORDER = received(authentic=True)
SETTLED = replace(ORDER, handling=Handling.SETTLED)


@pytest.mark.parametrize(
    ("order", "done", "word"),
    [
        (received(), 0, "unauthenticated"),
        (replace(ORDER, authentication=Authentication.FORGED), 0, "forged"),
        (ORDER, 0, "accepted"),
        (ORDER, 3, "partly_executed"),
        (replace(ORDER, overdue_at=NOW), 3, "overdue"),
        (replace(ORDER, handling=Handling.AWAITING_CLARIFICATION), 0, "awaiting_clarification"),
        (replace(ORDER, handling=Handling.IMPOSSIBLE), 0, "impossible"),
        (replace(ORDER, handling=Handling.LAPSED), 0, "lapsed_unclarified"),
        (replace(ORDER, handling=Handling.REROUTED), 0, "rerouted"),
        (SETTLED, 3, "executed"),
        (replace(SETTLED, scrutiny=Scrutiny.ASKED), 3, "under_scrutiny"),
        (replace(SETTLED, scrutiny=Scrutiny.INTENDED), 3, "intention_notified"),
        (replace(SETTLED, appeal=Appeal.FILED), 3, "under_appeal"),
        (replace(SETTLED, validity=Validity.FINAL), 3, "final"),
        (replace(SETTLED, validity=Validity.SUSPENDED), 3, "suspended"),
        (replace(SETTLED, validity=Validity.WITHDRAWN), 3, "withdrawn"),
        (replace(SETTLED, validity=Validity.ANNULLED_BY_COURT), 3, "annulled_by_court"),
    ],
)
def test_one_word_for_each_state_of_the_law(order, done, word):
    assert state.word(order, done_items=done) == word


def test_events_that_do_not_fit():
    for wrong in (
        lambda: state.apply(None, OrderSettled(ORDER.id, NOW)),
        lambda: state.apply(ORDER, ItemFailed(listed().id)),
        lambda: state.apply_item(None, ItemFailed(listed().id)),
        lambda: state.apply_item(listed(), OrderSettled(ORDER.id, NOW)),
    ):
        with pytest.raises(Conflict):
            wrong()
