"""The commands on cases, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from beffroi.cases import priority, service, store
from beffroi.cases.model import (
    CaseClaimed,
    CaseJoined,
    CaseKind,
    CaseOpened,
    CaseReleased,
    CaseState,
    CaseWithdrawn,
    Half,
    MediaOpened,
    NoteAdded,
)
from beffroi.content import service as content_service
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven
from beffroi.ground.kernel import ids
from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import CaseId, ItemId, SubjectId
from beffroi.ground.kernel.limits import NAME_CHARS_MAX, NOTICE_CHARS_MAX, REASON_CHARS_MAX
from beffroi.ground.storage import Actor
from beffroi.ground.storage.events import event_table
from beffroi.matching import recording
from beffroi.matching import service as matching
from beffroi.matching.events import MatchesFound
from beffroi.matching.model import BankTerms, EntryGiven, Found, Opinion, Standing
from tests.unit.cases.scene import (
    COPY,
    DECISION,
    IOANA,
    LEASE,
    NOOR,
    NOTICE,
    TOMAS,
    claim,
    do,
    item,
    load,
    opened,
    sound,
)

HASH = "f" * 64


def codes(case):
    return [part.code for part in case.parts]


def notes(house, case):
    return [(by, words) for by, _, words in house.ask(lambda conn: store.notes(conn, house.vault, case.id))]


def give_notice(house, **changes):
    given = replace(NOTICE, **changes)
    located = house.ask(lambda conn: content_store.item_by_url(conn, given.url))
    return do(house, service.receive_notice, given, located)


def case_of_notice(house, notice):
    return next(c for c in house.ask(lambda conn: store.queue(conn, limit=9)) if notice.id in c.notices)


# ── opening and joining ───────────────────────────────────────────────────────────────────────────


def test_an_item_has_one_open_case(house_db):
    posted = item(house_db)
    case = opened(house_db, posted)
    assert opened(house_db, posted) == case
    newer = item(house_db, revision=2)
    joined = opened(house_db, newer)
    assert (joined.id, [i.revision for i in joined.items]) == (case.id, [1, 2])
    assert [type(event) for event in house_db.recorded if event.aggregate == "case"] == [CaseOpened, CaseJoined]
    assert sound(house_db)


def test_near_identical_items_share_a_case_and_raise_it(house_db):
    first = opened(house_db, item(house_db, 1), cluster="ent_1")
    second = opened(house_db, item(house_db, 2), cluster="ent_1")
    assert second.id == first.id
    assert ("copies" in codes(first), "copies" in codes(second)) == (False, True)
    assert opened(house_db, item(house_db, 3), cluster="ent_2").id != first.id
    assert opened(house_db, item(house_db, 4)).id != first.id


def test_copies_do_not_join_what_is_being_confirmed_or_closed(house_db):
    first = opened(house_db, item(house_db, 1), cluster="ent_1")
    do(house_db, service.proposed, first.id, DECISION, NOOR)
    second = opened(house_db, item(house_db, 2), cluster="ent_1")
    assert second.id != first.id
    do(house_db, service.decided, second.id, DECISION, confirmed=True)
    assert opened(house_db, item(house_db, 3), cluster="ent_1").id not in {first.id, second.id}


def test_references_are_short_and_never_twice(house_db, monkeypatch):
    drawn = iter([b"\x00\x00\x01", b"\x00\x00\x01", b"\x00\x00\x02"])
    monkeypatch.setattr(ids, "random_bytes", lambda size: next(drawn))
    references = [opened(house_db, item(house_db, number)).ref for number in (1, 2)]
    assert references == ["98-000001", "98-000002"]


def test_matches_open_a_case_with_what_their_banks_say(house_db):
    posted = item(house_db)

    def found(tx):
        bank = matching.create_bank(tx, BankTerms("Harbour pictures", "invented", radius_bits=20), IOANA)
        matching.promote(tx, bank.id, IOANA)
        entry = matching.add_entry(tx, bank.id, EntryGiven("pdq", HASH, labels=("tco-2-7-d",)), IOANA)
        matching.confirm_here(tx, entry.id, IOANA)
        doubted = matching.add_entry(tx, bank.id, EntryGiven("phrase", "the lamp is lit"), IOANA)
        hits = [
            Found(entry.id, bank.id, "pdq", "media:0", 2, Standing.ACTING, True),
            Found(doubted.id, bank.id, "phrase", "text", 0, Standing.ACTING, False),
        ]
        recording.record(tx, posted.id, 1, hits)
        matching.set_opinion(tx, doubted.id, Opinion.DISPUTED, IOANA)
        event = next(e for e in tx.recorded if isinstance(e, MatchesFound))
        return service.open_for_matches(tx, event), entry

    case, entry = house_db.run(found)
    assert (case.cluster, case.kind) == (entry.id, CaseKind.ITEM)
    assert codes(case) == ["near_copy", "confirmed_here", "disputed", "label"]
    assert case.parts[0].facts["radius"] == 20
    assert case.priority == 29 + 4 - 12 + 28


def test_a_shared_phrase_makes_no_cluster(house_db):
    posted = item(house_db)

    def found(tx):
        bank = matching.create_bank(tx, BankTerms("Kettle phrases", "invented"), IOANA)
        matching.promote(tx, bank.id, IOANA)
        entry = matching.add_entry(tx, bank.id, EntryGiven("phrase", "the lamp is lit"), IOANA)
        recording.record(tx, posted.id, 1, [Found(entry.id, bank.id, "phrase", "text", 0, Standing.ACTING, False)])
        return service.open_for_matches(tx, next(e for e in tx.recorded if isinstance(e, MatchesFound)))

    assert house_db.run(found).cluster is None


def test_an_account_has_one_open_case(house_db):
    account = item(house_db).account
    case = do(house_db, service.open_for_account, account)
    assert (case.kind, case.account, case.items) == (CaseKind.ACCOUNT, account, ())
    assert do(house_db, service.open_for_account, account) == case
    do(house_db, service.decided, case.id, DECISION, confirmed=False)
    assert do(house_db, service.open_for_account, account).id != case.id


def test_earlier_confirmed_items_count_until_the_decision_is_reversed(house_db):
    first = opened(house_db, item(house_db, 1))
    do(house_db, service.decided, first.id, DECISION, confirmed=True)
    assert "earlier_confirmed" in codes(opened(house_db, item(house_db, 2)))
    do(house_db, service.overturned, first.id, DECISION)
    assert "earlier_confirmed" not in codes(opened(house_db, item(house_db, 3)))
    assert sound(house_db)


# ── holding ───────────────────────────────────────────────────────────────────────────────────────


def test_of_two_who_claim_at_once_one_wins(house_db):
    case, starting = opened(house_db, item(house_db)), Barrier(8)

    def try_it(number):
        starting.wait()
        person = f"prs_{number}"
        try:
            house_db.run(lambda tx: service.claim(tx, case.id, person, LEASE), actor=Actor("person", person))
        except Conflict as refusal:
            return refusal.status, refusal.code
        return person

    with ThreadPoolExecutor(8) as many:
        outcomes = list(many.map(try_it, range(8)))
    assert outcomes.count((409, "claimed")) == 7
    assert load(house_db, case).claimed_by in outcomes
    assert load(house_db, case).version == 2


def test_two_processes_that_read_before_either_wrote_do_not_both_hold_it(house_db):
    case = opened(house_db, item(house_db))
    stale = load(house_db, case)
    claim(house_db, case)
    events = [CaseClaimed(case.id, TOMAS, house_db.clock.now() + LEASE)]
    with pytest.raises(Conflict) as refused:
        house_db.another().run(lambda tx: store.CASES.change(tx, stale, events))
    assert refused.value.code == "stale-version"
    assert load(house_db, case).claimed_by == NOOR
    assert sound(house_db)


def test_a_lease_ends_by_the_sweep(house_db):
    case = opened(house_db, item(house_db))
    claim(house_db, case)
    assert do(house_db, service.end_leases, 10) == 0
    house_db.clock.move(LEASE)
    assert do(house_db, service.end_leases, 10) == 1
    assert do(house_db, service.end_leases, 10) == 0
    assert house_db.recorded[-1] == CaseReleased(case.id, "lease_ended", NOOR)
    assert claim(house_db, case, TOMAS).claimed_by == TOMAS


def test_skipping_leaves_the_reason_as_a_note_under_the_account(house_db):
    case = opened(house_db, item(house_db))
    skipped = do(house_db, service.skip, case.id, NOOR, "  I know the author. ", LEASE)
    assert (skipped.skipped_by, skipped.claimed_by) == ((NOOR,), None)
    assert notes(house_db, case) == [(NOOR, "I know the author.")]
    claim(house_db, case)
    do(house_db, service.skip, case.id, NOOR, "", LEASE)
    assert len(notes(house_db, case)) == 1


def test_somebody_else_s_case_cannot_be_skipped(house_db):
    case = claim(house_db, opened(house_db, item(house_db)))
    with pytest.raises(Conflict):
        do(house_db, service.skip, case.id, TOMAS, "mine now", LEASE, person=TOMAS)
    assert notes(house_db, case) == []
    assert load(house_db, case) == case


def test_handing_over_and_giving_back(house_db):
    case = claim(house_db, opened(house_db, item(house_db)))
    handed = do(house_db, service.hand_over, case.id, NOOR, TOMAS, "You read this language.")
    assert (handed.for_person, handed.claimed_by) == (TOMAS, None)
    assert notes(house_db, case) == [(NOOR, "You read this language.")]
    claim(house_db, case, TOMAS)
    assert do(house_db, service.give_back, case.id, TOMAS).for_person is None


def test_a_refused_hand_over_leaves_no_note(house_db):
    case = opened(house_db, item(house_db))
    with pytest.raises(Conflict):
        do(house_db, service.hand_over, case.id, NOOR, TOMAS, "not mine to give")
    assert notes(house_db, case) == []
    assert NoteAdded not in map(type, house_db.recorded)


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────


def test_notes_have_a_length_and_no_words_in_events(house_db):
    case = opened(house_db, item(house_db))
    for words in ("", "   ", "n" * (REASON_CHARS_MAX + 1)):
        with pytest.raises(Invalid):
            do(house_db, service.add_note, case.id, NOOR, words)
    do(house_db, service.add_note, case.id, NOOR, "n" * REASON_CHARS_MAX)
    assert len(notes(house_db, case)) == 1
    assert house_db.recorded[-1] == NoteAdded(case.id, NOOR)


def test_notes_about_an_erased_account_are_gone_and_none_is_written(house_db):
    posted = item(house_db)
    case = opened(house_db, posted)
    do(house_db, service.add_note, case.id, NOOR, "Posts this every evening.")
    house_db.vault.destroy(SubjectId(posted.account), house_db.clock.now())
    assert notes(house_db, case) == []
    with pytest.raises(Conflict) as refused:
        do(house_db, service.add_note, case.id, NOOR, "Again.")
    assert refused.value.code == "erased"


# ── closing ───────────────────────────────────────────────────────────────────────────────────────


def test_decided_cases_close_once_and_reopen(house_db):
    case = claim(house_db, opened(house_db, item(house_db)))
    do(house_db, service.decided, case.id, DECISION, confirmed=True)
    do(house_db, service.decided, case.id, "dec_2", confirmed=False)
    closed = load(house_db, case)
    assert (closed.state, closed.decision, closed.confirmed) == (CaseState.DECIDED, DECISION, True)
    do(house_db, service.reopen, case.id, "decision-undone")
    assert load(house_db, case).state is CaseState.OPEN
    do(house_db, service.reopen, case.id, "decision-undone")
    assert sound(house_db)


def test_a_case_loses_its_object_when_its_last_item_is_deleted(house_db):
    first, second = item(house_db, 1), item(house_db, 2)
    case = opened(house_db, first, cluster="ent_1")
    opened(house_db, second, cluster="ent_1")
    for number, (gone, state) in enumerate(((first, CaseState.OPEN), (second, CaseState.WITHDRAWN)), start=1):
        house_db.run(lambda tx, number=number: content_service.delete_by_author(tx, f"p-{number}"))
        do(house_db, service.withdraw_of_item, gone.id, "deleted_by_author")
        assert load(house_db, case).state is state
    assert house_db.recorded[-1] == CaseWithdrawn(case.id, "deleted_by_author", house_db.clock.now())


def test_a_deleted_item_nobody_looks_at_withdraws_nothing(house_db):
    do(house_db, service.withdraw_of_item, item(house_db).id, "deleted_by_author")
    assert CaseWithdrawn not in map(type, house_db.recorded)


def test_a_sealed_case_is_out_of_reach(house_db):
    posted = item(house_db)
    case = claim(house_db, opened(house_db, posted))
    do(house_db, service.seal, case.id, TOMAS, person=TOMAS)
    for command in (
        lambda tx: service.claim(tx, case.id, NOOR, LEASE),
        lambda tx: service.give_back(tx, case.id, NOOR),
        lambda tx: service.seal(tx, case.id, NOOR),
        lambda tx: service.open_media(tx, case.id, posted.id, NOOR, 2),
    ):
        with pytest.raises(Conflict):
            house_db.run(command)
    assert load(house_db, case).state is CaseState.SEALED


@pytest.mark.parametrize(
    "command",
    [
        lambda tx, none: service.claim(tx, none, NOOR, LEASE),
        lambda tx, none: service.open_media(tx, none, ItemId("itm"), NOOR, 1),
        lambda tx, none: service.add_note(tx, none, NOOR, "words"),
    ],
)
def test_there_must_be_a_case(house_db, command):
    with pytest.raises(NotFound):
        house_db.run(lambda tx: command(tx, CaseId("cas_none")))


# ── exposure ──────────────────────────────────────────────────────────────────────────────────────


def test_opening_media_is_counted_and_never_blocked(house_db):
    posted = item(house_db)
    case = opened(house_db, posted)
    points = [do(house_db, service.open_media, case.id, posted.id, NOOR, 5) for _ in range(40)]
    assert points == [5 * turn for turn in range(1, 41)]
    assert do(house_db, service.open_media, case.id, posted.id, TOMAS, 2, person=TOMAS) == 2
    assert house_db.recorded[-1] == MediaOpened(case.id, posted.id, TOMAS, 2)
    house_db.clock.move(timedelta(hours=12, microseconds=1))
    assert do(house_db, service.open_media, case.id, posted.id, NOOR, 1) == 1


def test_media_of_another_case_is_not_opened_here(house_db):
    case = opened(house_db, item(house_db, 1))
    with pytest.raises(Conflict) as refused:
        do(house_db, service.open_media, case.id, item(house_db, 2).id, NOOR, 5)
    assert refused.value.code == "not-of-this-case"
    assert house_db.ask(lambda conn: store.points_since(conn, NOOR, house_db.clock.now())) == 0


# ── notices ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("where", ["url", "explanation", "name", "email"])
def test_a_notice_lacks_nothing(house_db, where):
    with pytest.raises(Invalid) as refused:
        give_notice(house_db, **{where: "  "})
    assert refused.value.where == where
    assert house_db.recorded == []


def test_a_notice_is_given_in_good_faith(house_db):
    with pytest.raises(Invalid) as refused:
        give_notice(house_db, good_faith=False)
    assert refused.value.where == "good_faith"


@pytest.mark.parametrize(("where", "most"), [("explanation", NOTICE_CHARS_MAX), ("name", NAME_CHARS_MAX)])
def test_a_notice_has_its_limits(house_db, where, most):
    give_notice(house_db, **{where: "n" * most})
    with pytest.raises(Invalid) as refused:
        give_notice(house_db, **{where: "n" * (most + 1)})
    assert (refused.value.code, refused.value.where) == ("too-long", where)


def test_a_notice_of_an_unknown_address_opens_a_case_of_its_own(house_db):
    notice, token = give_notice(house_db)
    case = case_of_notice(house_db, notice)
    assert (case.kind, case.items, notice.item) == (CaseKind.NOTICE, (), None)
    assert codes(case) == ["notices", "no_label"]
    assert house_db.ask(lambda conn: store.notice_by_token(conn, token)) == notice
    assert service.subject_of(None, case) == case.id


def test_a_notice_joins_the_case_of_its_item_and_keeps_what_the_match_says(house_db):
    case = opened(house_db, item(house_db), cluster="ent_1")
    notices = [give_notice(house_db)[0] for _ in range(2)]
    joined = load(house_db, case)
    assert joined.notices == tuple(notice.id for notice in notices)
    assert codes(joined) == ["notices", "near_copy", "label"]
    assert [p.points for p in joined.parts if p.half is Half.CONFIDENCE] == [16, 29]
    assert sound(house_db)


def test_a_notice_alone_opens_the_item_s_case(house_db):
    posted = item(house_db)
    notice, _ = give_notice(house_db)
    case = case_of_notice(house_db, notice)
    assert (case.kind, [i.item for i in case.items]) == (CaseKind.ITEM, [posted.id])


def test_what_the_notifier_wrote_is_sealed_under_a_key_of_their_own(house_db):
    item(house_db)
    notice, token = give_notice(house_db)
    rows = house_db.ask(lambda conn: conn.execute(select(event_table.c.facts, event_table.c.personal)).all())
    for word in ("burning", "Nele", "mail.example", token):
        assert word not in repr(rows)
    words = house_db.ask(lambda conn: store.read_notice(conn, house_db.vault, notice.id))
    assert words == {"url": NOTICE.url, "explanation": NOTICE.explanation, "name": "Nele", "email": "nele@mail.example"}
    [subject] = house_db.column("SELECT subject FROM notice_words")
    house_db.vault.destroy(SubjectId(subject), house_db.clock.now())
    assert house_db.ask(lambda conn: store.read_notice(conn, house_db.vault, notice.id)) is None


def test_every_notifier_of_a_case_is_answered(house_db):
    case = opened(house_db, item(house_db))
    notices = [give_notice(house_db)[0] for _ in range(2)]
    do(house_db, service.answer_notices, case.id, DECISION, "remove")
    answered = [house_db.ask(lambda conn, n=n: store.NOTICES.load(conn, n.id)) for n in notices]
    assert {(n.outcome, n.decision) for n in answered} == {("remove", DECISION)}
    assert sound(house_db)


def test_a_deleted_item_is_withdrawn_though_somebody_gave_notice(house_db):
    posted = item(house_db)
    notice, _ = give_notice(house_db)
    case = case_of_notice(house_db, notice)
    house_db.run(lambda tx: content_service.delete_by_author(tx, "p-1"))
    do(house_db, service.withdraw_of_item, posted.id, "deleted_by_author")
    assert load(house_db, case).state is CaseState.WITHDRAWN


def test_a_note_of_an_account_case_speaks_of_that_account(house_db):
    account = item(house_db, account=AccountGiven("u-9")).account
    case = do(house_db, service.open_for_account, account)
    do(house_db, service.add_note, case.id, NOOR, "The bio changed.")
    assert house_db.ask(lambda conn: conn.execute(select(store.case_note.c.subject)).scalar()) == account
    assert house_db.ask(lambda conn: conn.execute(select(func.count(store.case_note.c.id))).scalar()) == 1


def test_priority_is_a_column_to_sort_by(house_db):
    low = opened(house_db, item(house_db, 1), replace(COPY, distance=31))
    high = opened(house_db, item(house_db, 2), replace(COPY, distance=0, confirmed_here=True))
    assert [c.id for c in house_db.ask(lambda conn: store.queue(conn, limit=5))] == [high.id, low.id]
    assert house_db.column('SELECT priority FROM "case" ORDER BY priority') == [low.priority, high.priority]
    assert priority.parts((COPY,), notices=0, earlier=0, copies=1) != low.parts
