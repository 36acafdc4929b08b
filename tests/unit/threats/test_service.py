"""The commands on warnings, on both databases: nothing leaves unseen, unsigned or twice."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from beffroi.cases import store as cases_store
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from beffroi.ground.kernel.ids import CaseId, RecipientId
from beffroi.ground.storage import effects
from beffroi.ground.storage.events import event_table
from beffroi.threats import service, store
from beffroi.threats.model import (
    DispatchState,
    How,
    LetterKind,
    Outcome,
    Part,
    Receipt,
    RecipientState,
    ThreatState,
    Way,
)
from beffroi.threats.routing import EMERGENCY
from tests.unit.cases.scene import do as do_case
from tests.unit.threats.scene import (
    EUROPOL,
    IOANA,
    MINUTES_11,
    NOOR,
    REASONS,
    SIGN,
    TOMAS,
    VALMERE,
    WORDS,
    case,
    do,
    draft,
    established,
    letter,
    load,
    pinned,
    register,
    shown,
    signed,
    sound,
    supplement,
)


@pytest.fixture
def house(house_db):
    established(house_db)
    return house_db


def mails(house):
    return house.ask(lambda conn: effects.recent(conn, limit=50))


def confirm_all(house, threat, number=1):
    for each in threat.letters[number - 1].dispatches:
        threat = do(house, service.confirm, threat.id, number, each.recipient, Receipt.TELEPHONE, NOOR)
    return threat


# ── a draft ───────────────────────────────────────────────────────────────────────────────────────


def test_a_case_has_one_draft(house):
    of = case(house)
    first = do(house, service.open_, of.id, NOOR)
    assert do(house, service.open_, of.id, TOMAS) == first
    assert (first.state, first.how, first.opened_by) == (ThreatState.DRAFT, How.MATCH, NOOR)
    assert first.ring_at > house.clock.now()
    with pytest.raises(NotFound, match="no case"):
        do(house, service.open_, CaseId("cas_none"), NOOR)


def test_a_sealed_case_warns_nobody_here(house):
    from beffroi.cases import service as cases

    of = case(house)
    do_case(house, cases.seal, of.id, NOOR)
    with pytest.raises(NotFound, match="no case"):
        do(house, service.open_, of.id, NOOR)


def test_a_draft_is_dropped_with_a_reason_that_stays_with_the_case(house):
    threat = draft(house)
    with pytest.raises(Invalid):
        do(house, service.drop, threat.id, NOOR, " ")
    dropped = do(house, service.drop, threat.id, NOOR, "They speak of a film.")
    assert (dropped.state, dropped.ring_at) == (ThreatState.DROPPED, None)
    notes = house.ask(lambda conn: cases_store.notes(conn, house.vault, threat.case))
    assert [words for _, _, words in notes] == ["They speak of a film."]
    with pytest.raises(Conflict, match="dropped"):
        signed(house, threat)
    assert draft(house, 2).state is ThreatState.DRAFT
    assert sound(house)


# ── signing ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_signed_is_what_was_shown(house):
    register(house)
    threat = draft(house)
    with pytest.raises(Conflict, match="read it, then sign"):
        do(house, service.sign, replace(SIGN, threat=threat.id), NOOR, can_mail=True)
    seen = shown(house, threat)
    with pytest.raises(Conflict, match="read it, then sign"):
        do(house, service.sign, replace(seen, reasons=REASONS + " And more."), NOOR, can_mail=True)
    assert load(house, threat) == threat
    assert mails(house) == []
    after = do(house, service.sign, seen, NOOR, can_mail=True)
    left = letter(house, after)
    assert (left.digest, after.state) == (seen.shown, ThreatState.UNCONFIRMED)
    assert after.letters[0].size_bytes == len(left.data())
    with pytest.raises(Conflict, match="unconfirmed"):
        do(house, service.sign, seen, TOMAS, can_mail=True)
    assert sound(house)


def test_only_what_is_ticked_leaves_and_what_stays_is_noted(house):
    register(house)
    threat = signed(house)
    found = letter(house, threat).found
    assert (found.content.text, found.content.url) == (WORDS, "https://agora.example/p/1")
    assert (found.subject.name, found.subject.number) == ("night.tin.7", "u-1")
    assert (found.subject.profile_text, found.subject.last_connection) == ("", "")
    assert threat.findings.sent == (Part.POST, Part.ACCOUNT)
    assert threat.findings.held_back == (Part.PROFILE, Part.CONNECTION)
    bare = signed(house, draft(house, 2), parts=())
    assert (letter(house, bare).found.content, letter(house, bare).found.subject) == (None, None)


def test_the_record_holds_no_word_of_it(house):
    register(house)
    threat = signed(house, parts=tuple(Part), connection="192.0.2.44 port 4711, 03:21:44 +01:00")
    with house.database.read() as conn:
        told = str(conn.execute(select(event_table.c.facts).where(event_table.c.aggregate == "threat")).all())
        committed = conn.execute(
            select(event_table.c.personal).where(event_table.c.type == "warning-signed")
        ).scalar_one()
    for secret in ("lamp hall", "night.tin", "u-1", "192.0.2.44", "two replies", "lamps and tins"):
        assert secret.lower() not in told.lower()
    assert list(committed) == [threat.account]
    assert str([each.payload for each in mails(house)]).find("lamp") == -1


def test_each_recipient_with_an_address_gets_one_e_mail_and_a_link_of_its_own(house):
    ids = register(house)
    threat = signed(house)
    assert {d.recipient for d in threat.letters[0].dispatches} == {
        ids["Valmere Criminal Police, night desk"],
        ids["Oostmark Criminal Police"],
    }
    assert {d.way for d in threat.letters[0].dispatches} == {Way.NOTE}
    assert len({each.key for each in mails(house)}) == len(mails(house)) == 2
    assert {each.lane for each in mails(house)} == {"law"}
    tokens = [
        house.ask(lambda conn, d=d: store.token_of(conn, house.vault, threat.id, 1, d.recipient))
        for d in threat.letters[0].dispatches
    ]
    assert len(set(tokens)) == 2
    found = house.ask(lambda conn: store.by_token(conn, tokens[0]))
    assert (found.threat, found.number) == (threat.id, 1)
    assert house.ask(lambda conn: store.by_token(conn, "x")) is None


def test_without_a_mail_server_everything_goes_by_telephone_and_on_paper(house):
    register(house)
    threat = signed(house, can_mail=False)
    assert {(d.way, d.state) for d in threat.letters[0].dispatches} == {(Way.PAPER, DispatchState.BY_HAND)}
    assert mails(house) == []


def test_where_the_register_knows_nobody_the_emergency_number_is_rung(house):
    threat = signed(house)
    assert [(d.recipient, d.state) for d in threat.letters[0].dispatches] == [(EMERGENCY, DispatchState.BY_HAND)]
    after = do(house, service.confirm, threat.id, 1, EMERGENCY, Receipt.TELEPHONE, NOOR)
    assert after.state is ThreatState.CONFIRMED


def test_what_says_too_little_is_not_signed(house):
    threat = draft(house)
    for changes, where in (
        ({"reasons": "soon"}, "reasons"),
        ({"reasons": "x" * 4001}, "reasons"),
        ({"parts": (Part.CONNECTION,)}, "connection"),
        ({"connection": "192.0.2.44"}, "connection"),
        ({"connection": "x" * 501}, "connection"),
        ({"states": (replace(SIGN.states[0], country="Valmere"),)}, "states"),
        ({"states": (SIGN.states[0], SIGN.states[0])}, "states"),
    ):
        with pytest.raises(Invalid) as refused:
            do(house, service.sign, replace(SIGN, threat=threat.id, **changes), NOOR, can_mail=True)
        assert refused.value.where == where
    assert load(house, threat).state is ThreatState.DRAFT


def test_a_node_that_is_nobodys_warns_nobody(house_db):
    threat = draft(house_db)
    with pytest.raises(Conflict, match="whose node"):
        shown(house_db, threat)


# ── until somebody has it ─────────────────────────────────────────────────────────────────────────


def test_it_is_confirmed_when_everybody_has_it_and_not_before(house):
    register(house)
    threat = signed(house)
    first, second = threat.letters[0].dispatches
    do(house, service.sent, threat.id, 1, first.recipient)
    do(house, service.sent, threat.id, 1, second.recipient)
    assert load(house, threat).state is ThreatState.UNCONFIRMED, "a mail server's word is nobody's"
    do(house, service.confirm, threat.id, 1, first.recipient, Receipt.TELEPHONE, NOOR)
    assert load(house, threat).state is ThreatState.UNCONFIRMED
    after = do(house, service.confirm, threat.id, 1, second.recipient, Receipt.LINK, None)
    assert (after.state, after.ring_at) == (ThreatState.CONFIRMED, None)
    again = do(house, service.confirm, threat.id, 1, second.recipient, Receipt.MAIL, NOOR)
    assert again == after
    with pytest.raises(NotFound):
        do(house, service.confirm, threat.id, 1, RecipientId("rcp_none"), Receipt.MAIL, NOOR)
    with pytest.raises(NotFound):
        do(house, service.confirm, threat.id, 2, first.recipient, Receipt.MAIL, NOOR)
    assert sound(house)


def test_it_pages_after_ten_minutes_and_again_until_somebody_has_it(house):
    register(house)
    threat = signed(house)
    assert do(house, service.ring_overdue, 10) == 0
    rings = []
    for _ in range(8):
        house.clock.move(MINUTES_11)
        do(house, service.ring_overdue, 10)
        rings.append(load(house, threat).rings)
    assert rings == [1, 2, 3, 4, 5, 6, 6, 6], "after an hour it pages once an hour"
    confirm_all(house, load(house, threat))
    house.clock.move(MINUTES_11 * 12)
    assert do(house, service.ring_overdue, 10) == 0
    assert sound(house)


def test_a_draft_that_nobody_sends_pages_too(house):
    threat = draft(house)
    house.clock.move(MINUTES_11)
    assert do(house, service.ring_overdue, 10) == 1
    assert load(house, threat).rings == 1


def test_calls_and_failures_are_noted(house):
    register(house)
    threat = signed(house)
    to = threat.letters[0].dispatches[0].recipient
    do(house, service.called, threat.id, 1, to, NOOR, answered=False)
    do(house, service.failed, threat.id, 1, to, "recipient-refused")
    now = load(house, threat).letters[0].dispatches[0]
    assert (now.called_at, now.state, now.confirmed_at) == (house.clock.now(), DispatchState.FAILED, None)
    do(house, service.failed, threat.id, 1, to, "again")
    do(house, service.sent, threat.id, 1, to)
    do(house, service.sent, threat.id, 1, to)
    assert load(house, threat).letters[0].dispatches[0].state is DispatchState.SENT
    assert load(house, threat).version == 5
    assert sound(house)


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────


def test_the_second_person_is_another_one_and_comes_afterwards(house):
    register(house)
    threat = draft(house)
    with pytest.raises(Conflict, match="nothing was sent"):
        do(house, service.second, threat.id, TOMAS, agrees=True)
    threat = signed(house, threat)
    with pytest.raises(NotAllowed, match="somebody else"):
        do(house, service.second, threat.id, NOOR, agrees=True)
    assert not house.ask(lambda conn: store.is_unseconded(conn, house.clock.now()))
    house.clock.move(MINUTES_11 * 140)
    assert house.ask(lambda conn: store.is_unseconded(conn, house.clock.now()))
    after = do(house, service.second, threat.id, TOMAS, agrees=False)
    assert (after.seconded_by, after.agrees) == (TOMAS, False)
    assert not house.ask(lambda conn: store.is_unseconded(conn, house.clock.now()))
    with pytest.raises(Conflict, match="already"):
        do(house, service.second, threat.id, IOANA, agrees=True)
    assert sound(house)


def test_more_goes_to_everybody_who_was_warned_and_must_be_confirmed_too(house):
    register(house)
    threat = confirm_all(house, signed(house))
    more = supplement(house, threat)
    assert (more.state, len(more.letters), len(mails(house))) == (ThreatState.UNCONFIRMED, 2, 4)
    assert (letter(house, more, 2).kind, letter(house, more, 2).found) == (LetterKind.SUPPLEMENT, None)
    assert [d.recipient for d in more.letters[1].dispatches] == [d.recipient for d in threat.letters[0].dispatches]
    assert confirm_all(house, more, 2).state is ThreatState.CONFIRMED
    assert sound(house)


def test_a_warning_is_taken_back_once(house):
    register(house)
    with pytest.raises(Conflict, match="nothing was sent"):
        supplement(house, draft(house, 2), LetterKind.RETRACTION)
    threat = supplement(house, signed(house), LetterKind.RETRACTION)
    assert threat.is_retracted
    for kind in (LetterKind.RETRACTION, LetterKind.SUPPLEMENT):
        with pytest.raises(Conflict, match="taken back"):
            supplement(house, threat, kind)
    with pytest.raises(Invalid):
        do(house, service.add, signed(house, draft(house, 3)).id, NOOR, LetterKind.SUPPLEMENT, "short")


def test_it_is_closed_once_everybody_has_it(house):
    register(house)
    threat = signed(house)
    with pytest.raises(Conflict, match="confirmed"):
        do(house, service.close, threat.id, NOOR, Outcome.ACTED)
    confirm_all(house, threat)
    closed = do(house, service.close, threat.id, NOOR, Outcome.ACTED)
    assert (closed.state, closed.outcome) == (ThreatState.CLOSED, Outcome.ACTED)
    with pytest.raises(Conflict):
        do(house, service.close, threat.id, NOOR, Outcome.ACTED)
    assert sound(house)


# ── the register ──────────────────────────────────────────────────────────────────────────────────


def test_two_persons_stand_behind_an_entry(house):
    made = do(house, service.pin, VALMERE, TOMAS)
    assert made.state is RecipientState.PINNED
    threat = signed(house)
    assert [d.recipient for d in threat.letters[0].dispatches] == [EMERGENCY], "nobody has called them yet"
    with pytest.raises(NotAllowed, match="somebody else"):
        do(house, service.confirm_recipient, made.id, TOMAS)
    do(house, service.confirm_recipient, made.id, IOANA)
    with pytest.raises(Conflict):
        do(house, service.confirm_recipient, made.id, IOANA)
    assert [d.recipient for d in signed(house, draft(house, 2)).letters[0].dispatches] == [made.id]
    assert sound(house)


def test_an_entry_ends_and_expires(house):
    made, other = pinned(house, VALMERE), pinned(house, EUROPOL)
    with pytest.raises(Conflict, match="already"):
        do(house, service.pin, VALMERE, TOMAS)
    do(house, service.end_recipient, made.id, TOMAS)
    with pytest.raises(Conflict, match="ended"):
        do(house, service.end_recipient, made.id, TOMAS)
    assert [d.recipient for d in signed(house).letters[0].dispatches] == [other.id]
    house.clock.move(MINUTES_11 * 6 * 24 * 366)
    assert [d.recipient for d in signed(house, draft(house, 2)).letters[0].dispatches] == [EMERGENCY]


def test_who_cannot_be_reached_is_not_pinned(house):
    for changes, where in (
        ({"name": " "}, "name"),
        ({"phone": ""}, "phone"),
        ({"source": ""}, "source"),
        ({"hours": "x" * 1001}, "hours"),
        ({"country": "Valmere"}, "country"),
        ({"country": ""}, "country"),
        ({"email": "desk"}, "email"),
        ({"email": "desk@x.example>\r\nBcc: a@x.example"}, "email"),
        ({"email": "", "certificate": "x"}, "email"),
        ({"certificate": "x" * 20_000}, "certificate"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "certificate"),
    ):
        with pytest.raises(Invalid) as refused:
            do(house, service.pin, replace(VALMERE, **changes), TOMAS)
        assert refused.value.where == where
    with pytest.raises(Invalid):
        do(house, service.pin, replace(EUROPOL, country="XV"), TOMAS)


def test_who_was_erased_is_not_written_about_any_more(house):
    register(house)
    threat = signed(house)
    house.run(lambda tx: tx.vault.destroy(threat.account, tx.now))
    assert letter(house, threat) is None
    with pytest.raises(Conflict, match="erased"):
        supplement(house, threat)
