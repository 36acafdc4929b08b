"""Content in: answered once, in its place, whatever else is in the batch; owed when it comes too late."""

import errno
import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, MediaGiven, Visibility
from beffroi.decisions.model import Act
from beffroi.flow import screening
from beffroi.flow.verdict import Reason, Verdict, Word
from beffroi.ground.kernel.errors import BeffroiError, Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable
from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.kernel.limits import MEDIA_BYTES_MAX
from beffroi.ground.storage import BlobFolder, effects
from beffroi.ground.storage.effects import EffectState
from beffroi.ground.storage.events import event_table
from beffroi.matching import service as matching
from beffroi.matching.model import EntryGiven
from beffroi.notices import views
from beffroi.signals import Posted, extract
from tests.unit.flow.node import IOANA, PHRASE, PLATFORM, opened

OTHER = AccountGiven("u-2")


def count(node, table):
    return node.ask(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


def screen(node, *given, **named):
    return screening.screen(node.house, PLATFORM, given, **named)


def owed(node):
    return [one for one in node.ask(effects.recent, limit=50) if one.kind == screening.LATE]


def picture(shade):
    image = Image.effect_mandelbrot((160, 120), (-2.0, -1.5, 1.0, 1.5), shade)
    kept = BytesIO()
    image.convert("RGB").save(kept, "PNG")
    return kept.getvalue()


# ── answers ───────────────────────────────────────────────────────────────────────────────────────


def test_an_innocent_post_is_allowed_and_opens_nothing(any_node):
    any_node.bank()
    answer = any_node.post(text="A quiet evening")
    assert (answer.word, answer.reasons, answer.case, answer.token) == (Word.ALLOW, (), None, None)
    assert any_node.cases() == []


def test_a_match_opens_a_case_and_is_allowed_until_somebody_decides(any_node):
    bank = any_node.bank()
    answer = any_node.post()
    [case] = any_node.cases()
    assert (answer.word, answer.case, answer.rule) == (Word.ALLOW, case.ref, None)
    [reason] = answer.reasons
    assert (reason.code, reason.facts["bank"], reason.facts["type"]) == ("listed", bank.name, "phrase")


def test_the_same_submission_gets_the_same_answer(any_node):
    any_node.rule(any_node.bank().id)
    answers = [any_node.post() for _ in range(3)]
    assert answers[0].word is Word.HOLD
    assert answers == [answers[0]] * 3
    assert (count(any_node, content_store.item_table), len(any_node.cases())) == (1, 1)


def test_a_batch_keeps_places_and_one_bad_item_spoils_nothing(any_node):
    any_node.bank()
    bad = Invalid("bad-wire", "read before we saw it", where="items")
    answers = screen(
        any_node,
        any_node.given(1, "A quiet evening"),
        bad,
        any_node.given(2, platform_id=""),
        any_node.given(3, visibility=Visibility.PRIVATE),
        any_node.given(1, "as somebody else", account=OTHER, revision=2),
        any_node.given(4, "half \ud83d a lamp"),
        any_node.given(5),
    )
    words = [one.word if isinstance(one, Verdict) else type(one) for one in answers]
    assert words == [Word.ALLOW, Invalid, Invalid, Word.ALLOW, Conflict, Invalid, Word.ALLOW]
    assert answers[1] is bad
    assert (answers[0].case, answers[6].case) == (None, any_node.cases()[0].ref)
    assert count(any_node, content_store.item_table) == 2


def test_an_empty_batch_is_answered_by_nothing(node):
    assert screen(node) == []


def test_the_same_item_twice_in_one_batch_is_one_item(any_node):
    any_node.bank()
    first, second = screen(any_node, any_node.given(), any_node.given())
    assert first == second
    assert len(any_node.cases()) == 1


@pytest.mark.parametrize("visibility", [each for each in Visibility if each is not Visibility.PUBLIC])
def test_what_is_not_public_is_neither_screened_nor_stored(node, visibility):
    node.bank()
    events = count(node, event_table)
    answer = node.post(visibility=visibility)
    assert answer == Verdict(Word.ALLOW, None, 1, (Reason("not-public"),))
    tables = (content_store.item_table, content_store.account_table, content_store.item_posted)
    assert [count(node, table) for table in tables] == [0, 0, 0]
    assert (count(node, event_table), node.cases()) == (events, [])


def test_an_edit_is_screened_as_what_it_says_now(any_node):
    any_node.bank()
    assert any_node.post(text="A quiet evening").case is None
    edited = any_node.post(revision=2)
    assert (edited.revision, edited.case) == (2, any_node.cases()[0].ref)
    assert any_node.post(text="A quiet evening", revision=1).case is None


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("act", "word", "hours"), [(Act.HOLD, Word.HOLD, 24), (Act.REJECT_UPLOAD, Word.REJECT, None)])
def test_a_rule_answers_with_a_statement_and_still_a_person_looks(any_node, act, word, hours):
    rule = any_node.rule(any_node.bank().id, act)
    answer = any_node.post()
    assert (answer.word, answer.rule) == (word, (rule.id, rule.name))
    assert answer.until == (None if hours is None else any_node.clock.now() + timedelta(hours=hours))
    told = any_node.ask(views.statement, any_node.house.vault, answer.token)
    assert told.is_decided_by_machine
    assert answer.case == any_node.cases()[0].ref
    any_node.work()
    assert any_node.platform.asked() == ["user.inform"]


def test_a_label_lets_pass_and_is_set_by_a_worker(node):
    node.rule(node.bank().id, Act.LABEL)
    assert node.post().word is Word.ALLOW
    node.work()
    assert node.platform.asked() == ["item.label", "user.inform"]


def test_unconfirmed_entries_and_observing_banks_only_open_cases_or_nothing(node):
    node.rule(node.bank(confirmed=False).id)
    assert (node.post().word, len(node.cases())) == (Word.ALLOW, 1)


@pytest.mark.parametrize("act", [Act.HOLD, Act.REJECT_UPLOAD, Act.LABEL])
def test_no_rule_acts_where_nobody_waits_for_the_answer(node, act):
    """What is public already cannot be held back by an answer that nobody reads."""
    node.rule(node.bank().id, act)
    screening.backfill(node.house, PLATFORM, "all", "c-1", [node.given()])
    [case] = node.cases()
    assert node.restrictions(case.items[0].item) == []
    assert node.work() == 0


# ── media ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def seeing(folder, decoder):
    with opened(folder, decoder) as made:
        yield made
        assert made.sound()


@pytest.mark.parametrize("body", [b"not a picture", b"\x89PNG\r\n\x1a\n broken", b""])
def test_what_cannot_be_read_is_unknown_never_rejected(seeing, body):
    seeing.rule(seeing.bank().id, Act.LABEL)
    answer = seeing.post(text="A quiet evening", media=(MediaGiven("m-1", "image/png", body),))
    assert answer.word is Word.UNKNOWN
    assert [reason.code for reason in answer.reasons] == ["undecodable"]
    assert answer.reasons[0].facts["source"] == "media:0"


def test_a_banked_picture_is_found_again_and_its_bytes_are_kept_sealed(seeing):
    known = picture(60)
    [signs] = extract(seeing.house.decoder, [Posted(None, (known,))])
    bank = seeing.bank("never said")
    digest = next(s.value for s in signs.signals if s.type == "sha256")
    seeing.write(matching.add_entry, bank.id, EntryGiven("sha256", digest), IOANA)
    seeing.house.index.invalidate()
    innocent, guilty = (
        seeing.post(number, "A drawing", media=(MediaGiven("m", "image/png", body),))
        for number, body in ((1, picture(3)), (2, known))
    )
    assert (innocent.word, innocent.case) == (Word.ALLOW, None)
    assert guilty.case == seeing.cases()[0].ref
    [kept] = seeing.ask(content_store.posted, seeing.house.vault, guilty.item, 1).media
    plain = seeing.house.vault.open(kept.sealed.subject, seeing.house.blobs.get(kept.sealed.blob), "media")
    assert plain == known
    assert seeing.ask(content_store.posted, seeing.house.vault, innocent.item, 1).media[0].sealed is None
    assert len(list(seeing.house.blobs.keys())) == 1


def test_an_uploaded_file_is_screened_when_an_item_names_it(seeing):
    body = picture(9)
    key = screening.take_upload(seeing.house, PLATFORM, body)
    assert key == hashlib.sha256(body).hexdigest()
    answer = seeing.post(text="A drawing", media=(MediaGiven("m", blob=key),))
    assert answer.word is Word.ALLOW
    kept = seeing.ask(content_store.posted, seeing.house.vault, answer.item, 1).media[0]
    assert (kept.sha256, kept.size_bytes) == (key, len(body))


def test_an_upload_that_is_gone_is_refused_by_name(node):
    key = screening.take_upload(node.house, PLATFORM, b"bytes")
    node.move(hours=1)
    node.sweep()
    for blob in (key, BlobKey("0" * 64)):
        [answer] = screen(node, node.given(media=(MediaGiven(blob=blob),)))
        assert isinstance(answer, NotFound)
        assert answer.code == "no-such-blob"
    assert count(node, content_store.item_table) == 0


def test_files_have_a_limit(node):
    too_large = b"x" * (MEDIA_BYTES_MAX + 1)
    with pytest.raises(TooLarge):
        screening.take_upload(node.house, PLATFORM, too_large)
    [answer] = screen(node, node.given(media=(MediaGiven(content=too_large),)))
    assert isinstance(answer, TooLarge)


def test_an_address_that_does_not_answer_makes_it_unknown(seeing):
    with pytest.raises(BeffroiError):
        seeing.house.outbound.get("http://127.0.0.1:9/none.png")
    answer = seeing.post(text="A drawing", media=(MediaGiven("m", url="http://127.0.0.1:9/none.png"),))
    assert answer.word is Word.UNKNOWN


# ── failures ──────────────────────────────────────────────────────────────────────────────────────


def room(node, pages):
    """SQLite's own full disk: no page beyond the present ones and `pages` more."""
    with node.house.database.writer.connect() as conn:
        present = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {present + pages}").fetchall()


def test_without_a_record_nothing_happened_and_the_same_call_works_later(node):
    node.rule(node.bank().id)
    events, long = count(node, event_table), PHRASE + " and on" * 20_000
    room(node, 0)
    with pytest.raises(Unavailable):
        node.post(text=long)
    tables = (content_store.item_table, content_store.account_table, content_store.item_posted, cases_store.case_table)
    assert [count(node, table) for table in tables] == [0, 0, 0, 0]
    assert count(node, event_table) == events
    room(node, 10_000)
    assert node.post(text=long).word is Word.HOLD


def test_a_full_disk_under_the_blobs_is_told_as_such(node, monkeypatch):
    def full(self, content):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(BlobFolder, "put", full)
    for act in (
        lambda: screening.take_upload(node.house, PLATFORM, b"bytes"),
        lambda: screening.owe(node.house, PLATFORM, node.given()),
    ):
        with pytest.raises(Unavailable) as raised:
            act()
        assert raised.value.code == "record-not-written"
    assert (count(node, content_store.upload_table), owed(node)) == (0, [])


# ── owed verdicts ─────────────────────────────────────────────────────────────────────────────────


def test_an_owed_verdict_outlives_the_process_and_is_sent(folder, decoder):
    with opened(folder) as node:
        node.rule(node.bank().id, Act.REJECT_UPLOAD)
        with_file_given = node.given(media=(MediaGiven("m", "image/png", b"\xff\xfe not utf-8"),))
        screening.owe(node.house, PLATFORM, with_file_given)
        node.clock.move(timedelta(milliseconds=1))
        screening.owe(node.house, PLATFORM, node.given(2))
        assert node.work(rounds=1) == 0
        with_file, _ = sorted(owed(node), key=lambda one: one.id)
        assert screening.owed(node.house, with_file.payload) == with_file_given
        clock = node.clock
    with opened(folder, decoder, clock) as node:
        node.work()
        assert sorted(node.platform.asked()) == ["user.inform"] * 2 + ["verdict.ready"] * 2
        sent = {one.item.platform_id: one for one in node.platform.acts if hasattr(one, "verdict")}
        links = {one.statement.url for one in node.platform.acts if hasattr(one, "statement")}
        assert (sent["p-2"].verdict, sent["p-2"].rule["name"]) == ("reject", "Known words")
        assert {one.statement_url for one in sent.values()} == links
        for debt in owed(node):
            assert debt.state is EffectState.DONE
            assert screening.owed(node.house, debt.payload) is None
            assert node.house.vault.is_destroyed(SubjectId(debt.payload["subject"]))
            assert not node.house.blobs.has(BlobKey(debt.payload["blob"]))


def test_a_debt_is_owed_once_and_again_after_it_was_paid(node):
    for _ in range(2):
        screening.owe(node.house, PLATFORM, node.given())
    [first] = owed(node)
    assert len(list(node.house.blobs.keys())) == 1
    node.move(seconds=1)
    node.work()
    assert node.platform.asked() == ["verdict.ready"]
    screening.owe(node.house, PLATFORM, node.given())
    assert len({one.key for one in owed(node)}) == 2
    node.move(seconds=1)
    node.work()
    assert node.platform.asked() == ["verdict.ready"] * 2
    assert {one.state for one in owed(node)} == {EffectState.DONE}
    assert first.key in {one.key for one in owed(node)}


def test_other_revisions_are_other_debts(node):
    for revision in (1, 2):
        screening.owe(node.house, PLATFORM, node.given(revision=revision))
    assert len(owed(node)) == 2


# ── backfill ──────────────────────────────────────────────────────────────────────────────────────


def page(node, *numbers):
    return [node.given(number, "A quiet evening" if number % 2 else PHRASE) for number in numbers]


def test_a_backfill_resumes_after_a_restart(folder):
    with opened(folder) as node:
        node.bank()
        assert screening.backfill_progress(node.house, PLATFORM.id, "all").cursor is None
        done = screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1, 2, 3))
        assert (done.cursor, done.items, done.matched) == ("c-1", 3, 1)
        clock = node.clock
    with opened(folder, clock=clock) as node:
        assert screening.backfill_progress(node.house, PLATFORM.id, "all") == done
        after = screening.backfill(node.house, PLATFORM, "all", "c-2", [*page(node, 4), Invalid("bad", "unreadable")])
        assert (after.cursor, after.items, after.matched) == ("c-2", 5, 2)
        assert screening.backfill_progress(node.house, "another key", "all").items == 0


def test_a_page_that_was_cut_off_is_sent_again_and_takes_nothing_in_twice(node):
    node.bank()
    screen(node, *page(node, 1, 2), awaited=False)
    screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1, 2))
    assert (count(node, content_store.item_table), len(node.cases())) == (2, 1)


def test_one_page_at_a_time(node, monkeypatch):
    monkeypatch.setattr(screening, "BACKFILL_WAIT_S_MAX", 0.01)
    with node.house.backfill_turn, pytest.raises(TooMany):
        screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1))
    assert screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1)).items == 1


def test_a_page_that_fails_gives_its_turn_back_and_moves_no_cursor(node, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(screening, "screen", lambda *_, **__: (_ for _ in ()).throw(Unavailable("down", "not now")))
        with pytest.raises(Unavailable):
            screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1))
    assert screening.backfill_progress(node.house, PLATFORM.id, "all").cursor is None
    assert screening.backfill(node.house, PLATFORM, "all", "c-1", page(node, 1)).cursor == "c-1"
