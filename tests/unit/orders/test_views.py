"""An order with its clocks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import OrderId, SubjectId
from beffroi.orders import views
from beffroi.orders.deadlines import Reading
from beffroi.orders.model import Annex
from tests.databases import HouseDb
from tests.unit.orders.scene import FORM, office, received
from tests.unit.orders.test_rules import NOW, SOON
from tests.unit.orders.test_rules import received as arrived


def test_every_clock_that_was_started():
    order = replace(
        arrived(authentic=True),
        hour_was_from=NOW,
        hour_from=SOON,
        settled_at=SOON,
        obstacle_at=NOW,
        answers=((Annex.III, NOW), (Annex.II, SOON)),
    )
    found = {clock.name: clock for clock in views.clocks(order, [None, SOON, NOW])}
    assert list(found) == [
        "execute", "execute, before the Annex III", "feedback", "Annex III", "secrecy", "scrutiny, our own request",
        "preserve",
    ]  # fmt: skip
    assert (found["execute"].deadline.start, found["execute"].stopped_at) == (SOON, SOON)
    assert (found["feedback"].stopped_at, found["Annex III"].stopped_at) == (SOON, NOW)
    assert found["secrecy"].deadline.due == order.secret_until
    assert found["preserve"].deadline.start == NOW
    assert found["preserve"].deadline.reading is Reading.LATEST
    assert [clock.name for clock in views.clocks(replace(arrived(secret=False), cross_border=False), [])] == ["execute"]


def test_an_order_as_it_is_read(house_db: HouseDb) -> None:
    body = office(house_db)
    came = received(house_db)

    def read(order_id: OrderId) -> views.OrderRead:
        return house_db.ask(lambda conn: views.read(conn, house_db.vault, order_id, house_db.clock.now()))

    told = read(came.id)
    assert [line.url for line in told.lines] == list(FORM.urls)
    assert (told.word, told.authority, told.form) == ("accepted", body, FORM)
    [line] = house_db.ask(views.listed)
    assert (line.word, line.due_at) == ("accepted", came.received_at + timedelta(hours=1))
    house_db.vault.destroy_all([SubjectId(came.id)], house_db.clock.now())
    assert [line.url for line in read(came.id).lines] == ["", ""], "its words are gone, its facts stay"
    with pytest.raises(NotFound):
        read(OrderId("ord_none"))
