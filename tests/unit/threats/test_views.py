"""What pages and the command line read of a warning."""

import pytest

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import ThreatId
from beffroi.threats import service, views
from beffroi.threats.model import Receipt
from tests.unit.threats.scene import NOOR, REASONS, WORDS, do, draft, established, load, register, signed


@pytest.fixture
def house(sqlite_db):
    established(sqlite_db)
    register(sqlite_db)
    return sqlite_db


def read(house, threat):
    return house.ask(lambda conn: views.threat(conn, house.vault, threat.id, NOOR, house.clock.now()))


def test_a_page_shows_the_letter_as_it_left(house):
    threat = signed(house)
    shown = read(house, threat)
    assert REASONS in shown.letters[0].text
    assert WORDS in shown.letters[0].data
    assert "lamp hall" not in shown.letters[0].script
    assert {entry.entry.name for entry in shown.recipients.values()} == {
        "Valmere Criminal Police, night desk", "Oostmark Criminal Police",
    }  # fmt: skip
    house.run(lambda tx: tx.vault.destroy(threat.account, tx.now))
    gone = read(house, threat).letters[0]
    assert (gone.text, gone.data, gone.script) == ("", "", "")
    with pytest.raises(NotFound):
        house.ask(lambda conn: views.threat(conn, house.vault, ThreatId("thr_none"), NOOR, house.clock.now()))


def test_what_waits_for_somebody_stands_first(house):
    done, waits = signed(house), draft(house, 2)
    for each in done.letters[0].dispatches:
        do(house, service.confirm, done.id, 1, each.recipient, Receipt.MAIL, NOOR)
    assert [t.id for t in house.ask(lambda conn: views.warnings(conn, 9))] == [waits.id, done.id]


def test_a_row_has_the_facts_and_no_word_of_a_letter(house):
    threat = signed(house)
    row = views.row(load(house, threat))
    assert (row["state"], row["level"], row["states"]) == ("unconfirmed", "high_specific", ("XV:offence", "XO:suspect"))
    assert row["held_back"] == ("profile", "connection")
    assert [each["state"] for each in row["dispatches"]] == ["waiting", "waiting"]
    for secret in ("lamp", "night.tin", "u-1", "Two replies"):
        assert secret not in str(row)
    assert views.row(draft(house, 2))["danger"] is None


def test_the_register_says_who_counts(house):
    found = house.ask(lambda conn: views.register(conn, house.clock.now()))
    assert found.live == {each.id for each in found.recipients}
    later = house.ask(lambda conn: views.register(conn, found.recipients[0].expires_at))
    assert later.live == frozenset()
