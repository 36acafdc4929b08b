"""Effects against a real receiver: done once, looked at, tried again under the same key, given up, told."""

import pytest

from beffroi.actions import service as actions
from beffroi.actions.model import RestrictionState, Verification
from beffroi.cases import service as cases
from beffroi.content.model import AccountGiven, MediaGiven
from beffroi.decisions.model import Act
from beffroi.doors.platforms import ActKind, Capability, connectors, next_try
from beffroi.doors.workers import outward
from beffroi.flow import screening
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records.erasure import erase
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import EffectState
from beffroi.notices import service as notices
from beffroi.notices.model import StatementState
from beffroi.signals import Decoder
from beffroi.threats import service as threats
from tests.attack.ssrf.traps import answer, silent
from tests.unit.doors.platforms.receiver import replies
from tests.unit.flow.node import PLATFORM, Platform, opened

PAGE = answer(b"a page")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Looking again does not wait."""
    monkeypatch.setattr(outward, "SIGHT_PAUSES_S", (0.0, 0.0, 0.0))


@pytest.fixture
def removal(node, receiver):
    """A decided removal whose undo hold is over: the item and the decision."""
    node.bank()
    posted = node.post(url=receiver.url("/p/1"))
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    return posted.item, decision


def one(node, webhook):
    """Claim and perform one effect; the effect as it stands afterwards."""
    [claimed] = node.claimed(1)
    outward.perform(node.house, webhook, claimed)
    return node.ask(effects.by_key, claimed.key)


def state(node, item):
    [restriction] = node.restrictions(item)
    return restriction.state, restriction.verification


def kinds(receiver):
    return [got.message["type"] for got in receiver.received]


def test_each_kind_of_effect_has_one_performer():
    kinds = (actions.EFFECT, notices.EFFECT, screening.LATE, threats.EFFECT)
    assert set(outward.PERFORMERS) == set(kinds)
    assert len(set(kinds)) == 4


def test_removed_looked_at_and_told(node, webhook, receiver, removal):
    item, decision = removal
    done = one(node, webhook)
    assert (done.state, done.outcome) == (EffectState.DONE, {"outcome": "done", "reason": "done"})
    assert state(node, item) == (RestrictionState.IN_FORCE, Verification.VERIFIED)
    one(node, webhook)
    removed, told = (got.message for got in receiver.received)
    assert (removed["type"], removed["data"]["item"]) == ("item.remove", {"platform_id": "p-1", "version": 1})
    assert removed["data"]["restriction"] == node.restrictions(item)[0].id
    assert [got.headers["webhook-id"] for got in receiver.received] == [done.key, node.statements(decision)[0].id]
    [statement] = node.statements(decision)
    assert statement.state is StatementState.DELIVERED
    assert told["data"]["statement"]["url"].startswith(node.house.settings.public_url + "/s/")
    assert told["data"]["statement"]["code"] == statement.code
    assert node.claimed() == []


def test_what_still_shows_is_called_so_after_looking_again(node, webhook, receiver, removal):
    receiver.pages["/p/1"] = PAGE
    one(node, webhook)
    assert state(node, removal[0]) == (RestrictionState.IN_FORCE, Verification.STILL_VISIBLE)
    assert len(receiver.looked) == 1 + len(outward.SIGHT_PAUSES_S)


def test_put_back_looks_for_the_page(node, webhook, receiver, removal):
    item, decision = removal
    one(node, webhook)
    node.reverse(decision)
    receiver.pages["/p/1"] = PAGE
    node.work(webhook)
    assert state(node, item) == (RestrictionState.LIFTED, Verification.VERIFIED)
    assert sorted(kinds(receiver)) == ["item.remove", "item.restore", "user.inform", "user.inform"]


def test_later_is_tried_again_under_the_same_key(node, webhook, receiver, removal):
    receiver.behave = replies("503 Service Unavailable")
    waiting = one(node, webhook)
    assert (waiting.state, waiting.outcome["outcome"], waiting.outcome["tries"]) == (EffectState.INTENDED, "retry", 1)
    assert waiting.due_at > node.clock.now()
    assert node.claimed() == []
    receiver.behave = replies(body=b'{"outcome":"already"}')
    node.move(seconds=1)
    assert one(node, webhook).state is EffectState.DONE
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_a_lost_answer_is_asked_for_again(node, webhook, receiver, removal):
    receiver.behave = lambda connection: connection.close()
    waiting = one(node, webhook)
    assert (waiting.state, waiting.outcome["outcome"]) == (EffectState.INTENDED, "unknown")
    assert state(node, removal[0])[0] is RestrictionState.PLANNED


def test_a_pause_that_is_asked_for_is_kept(node, webhook, receiver, removal):
    receiver.behave = replies("429 Too Many Requests", b"", "Retry-After: 30")
    assert (one(node, webhook).due_at - node.clock.now()).total_seconds() == 30


def test_a_final_no_is_a_failure_that_a_person_sees_and_can_retry(node, webhook, receiver, removal):
    item, decision = removal
    receiver.behave = replies("403 Forbidden")
    failed = one(node, webhook)
    assert (failed.state, failed.outcome["reason"]) == (EffectState.FAILED, "status-403")
    assert state(node, item)[0] is RestrictionState.FAILED
    assert node.statements(decision) == []
    receiver.behave = replies(body=b'{"outcome":"done"}')
    node.write(lambda tx: effects.retry(tx.conn, failed.id, tx.now))
    node.work(webhook)
    assert state(node, item)[0] is RestrictionState.IN_FORCE
    assert node.statements(decision)[0].state is StatementState.DELIVERED


def test_after_all_tries_it_is_given_up(node, webhook, receiver, removal):
    receiver.behave = replies("500 Oops")
    pauses = []
    for _ in range(100):
        last = one(node, webhook)
        if last.state is not EffectState.INTENDED:
            break
        pauses.append((last.due_at - node.clock.now()).total_seconds())
        node.clock.move(last.due_at - node.clock.now())
    assert (last.state, state(node, removal[0])[0]) == (EffectState.FAILED, RestrictionState.FAILED)
    assert pauses == sorted(pauses)
    assert sum(pause <= 60 for pause in pauses) >= 10
    assert 2 * 86_400 < sum(pauses) < 5 * 86_400
    assert len(receiver.received) == len(pauses) + 1
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    assert next_try(99) is None


def test_a_crash_between_the_deed_and_its_record_sends_the_same_key_again(
    node, webhook, receiver, removal, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(outward, "_write_down", lambda *_: (_ for _ in ()).throw(InvariantViolated("crash", "here")))
        with pytest.raises(InvariantViolated):
            one(node, webhook)
    assert state(node, removal[0])[0] is RestrictionState.PLANNED
    assert node.claimed() == []
    node.move(seconds=60)
    receiver.behave = replies(body=b'{"outcome":"already"}')
    assert one(node, webhook).state is EffectState.DONE
    first, again = receiver.received
    assert (first.headers["webhook-id"], first.body) == (again.headers["webhook-id"], again.body)
    assert len(node.statements(removal[1])) == 1


def test_a_silent_platform_costs_a_try_not_the_worker(node, receiver, removal):
    settings = {"hook_url": receiver.hook_url, "secrets": [receiver.secret], "total_s": 0.2}
    impatient = connectors()["webhook"](settings, node.house.outbound, SystemClock())
    receiver.behave = silent
    assert one(node, impatient).outcome["outcome"] == "unknown"


def test_without_a_platform_it_waits_for_one(node, webhook, removal):
    waiting = one(node, None)
    assert (waiting.state, waiting.outcome["reason"]) == (EffectState.INTENDED, "no platform is connected")
    node.move(seconds=1)
    assert one(node, webhook).state is EffectState.DONE


# ── order ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_lifting_waits_for_its_own_imposing(node, webhook, receiver, removal):
    item, decision = removal
    receiver.behave = replies("503 Service Unavailable")
    one(node, webhook)
    node.reverse(decision)
    waiting = one(node, webhook)
    assert (waiting.key.rpartition("-")[2], waiting.outcome["tries"]) == ("2", 0)
    receiver.behave = replies(body=b'{"outcome":"done"}')
    node.move(seconds=60)
    node.work(webhook)
    assert state(node, item)[0] is RestrictionState.LIFTED
    assert kinds(receiver) == ["item.remove", "item.restore"]
    assert node.statements(decision) == []
    imposing = node.ask(effects.by_key, actions.effect_key(node.restrictions(item)[0].id, 1))
    assert imposing.outcome["reason"] == "not wanted any more"


@pytest.mark.slow
def test_waiting_long_uses_up_no_tries(node, receiver, webhook):
    """A hold whose time ended waits out an undo hold; then the platform is silent once."""
    node.rule(node.bank().id, Act.HOLD)
    item = node.post().item
    node.work(webhook)
    node.move(hours=23, minutes=58)
    decision = node.decide(node.cases()[0], Act.DISABLE)
    node.move(seconds=55)
    lift = None
    for _ in range(40):
        node.move(seconds=3)
        node.sweep()
        for effect in node.claimed():
            if effect.payload.get("act") == "lift":
                lift = effect
                outward.perform(node.house, webhook, effect)
    assert lift is not None
    waited = node.ask(effects.by_key, lift.key)
    assert waited.attempts > 15
    assert waited.outcome["tries"] == 0
    assert waited.state is EffectState.INTENDED
    assert decision.items[0].item == item


# ── who is told what ──────────────────────────────────────────────────────────────────────────────


def test_a_platform_that_cannot_tell_leaves_the_page_standing(node, removal):
    mute = Platform(capabilities=frozenset(Capability) - {Capability.INFORM})
    node.work(mute)
    [statement] = node.statements(removal[1])
    assert (statement.state, mute.asked()) == (StatementState.UNDELIVERED, ["item.remove"])


def test_who_was_erased_is_neither_acted_on_nor_told(node, webhook, receiver, removal):
    account = node.ask(lambda conn: conn.exec_driver_sql("SELECT id FROM account").scalar())
    node.write(lambda tx: erase(tx, SubjectId(account), "request", KEEPINGS))
    failed = one(node, webhook)
    assert (failed.state, failed.outcome["reason"]) == (EffectState.FAILED, "the platform's id was erased")
    assert state(node, removal[0])[0] is RestrictionState.FAILED
    assert receiver.received == []


def test_who_is_erased_before_being_told_is_not_told(node, webhook, receiver, removal):
    one(node, webhook)
    account = node.ask(lambda conn: conn.exec_driver_sql("SELECT id FROM account").scalar())
    node.write(lambda tx: erase(tx, SubjectId(account), "request", KEEPINGS))
    assert one(node, webhook).outcome["reason"] == "the account was erased"
    assert kinds(receiver) == ["item.remove"]


@pytest.mark.parametrize(
    ("act", "message", "extra"),
    [
        (Act.DISABLE, "item.disable", {}),
        (Act.LABEL, "item.label", {}),
        (Act.RESTRICT_TERRITORIES, "item.restrict", {"territories": ("AT", "FR")}),
    ],
)
def test_every_act_on_items_has_its_message(node, webhook, receiver, act, message, extra):
    node.bank()
    node.post()
    node.decide(node.cases()[0], act, **extra)
    node.move(seconds=60)
    node.work(webhook)
    assert kinds(receiver) == [message, "user.inform"]
    assert receiver.received[0].message["data"].get("territories") == (list(extra.get("territories", ())) or None)
    assert receiver.received[0].message["data"].get("label") == ({"text": "Lamps"} if act is Act.LABEL else None)


def test_an_account_is_warned_and_told(node, webhook, receiver):
    node.post(text="A quiet evening", account=AccountGiven("u-7"))
    account = node.ask(lambda conn: conn.exec_driver_sql("SELECT id FROM account").scalar())
    case = node.write(cases.open_for_account, account)
    node.decide(case, Act.WARN_ACCOUNT, items=(), account=account)
    node.move(seconds=60)
    node.work(webhook)
    assert kinds(receiver) == ["account.warn", "user.inform"]
    assert receiver.received[0].message["data"]["account"] == {"platform_id": "u-7"}


@pytest.mark.slow
def test_an_act_says_where_the_item_is_who_posted_it_and_what_it_lifts(tmp_path):
    with Decoder(1) as decoder, opened(tmp_path / "seeing", decoder) as node:
        node.bank()
        node.post(media=(MediaGiven("m-1", "image/png", b"x"), MediaGiven("", "", b"y")))
        decision = node.decide(node.cases()[0])
        node.move(seconds=60)
        node.work()
        node.reverse(decision)
        node.work()
    removed, restored = (act for act in node.platform.acts if act.kind.is_about_item)
    assert (removed.url, removed.media, removed.account) == ("https://agora.example/p/p-1", ("m-1",), "u-1")
    assert (removed.lifts, restored.lifts) == (None, ActKind.ITEM_REMOVE)


# ── late verdicts ─────────────────────────────────────────────────────────────────────────────────


def test_a_late_verdict_is_sent_with_what_the_caller_would_have_read(node, webhook, receiver):
    node.rule(node.bank().id, Act.HOLD)
    screening.owe(node.house, PLATFORM, node.given())
    node.move(seconds=1)
    node.work(webhook)
    ready, told = (got.message for got in receiver.received)
    assert (ready["type"], ready["data"]["verdict"]) == ("verdict.ready", "hold")
    assert ready["data"]["item"] == {"platform_id": "p-1", "version": 1}
    assert ready["data"]["statement_url"] == told["data"]["statement"]["url"]
    assert ready["data"]["until"] is not None


def test_a_late_refusal_is_final(node, webhook, receiver):
    node.post()
    screening.owe(node.house, PLATFORM, node.given(revision=2, account=AccountGiven("u-2")))
    node.move(seconds=1)
    failed = one(node, webhook)
    assert (failed.state, failed.outcome["reason"]) == (EffectState.FAILED, "other-account")
    assert receiver.received == []


def test_where_the_platform_cannot_hold_a_late_verdict_waits_for_a_person(node):
    """It is public by now: no rule acts on it, a case opens."""
    node.rule(node.bank().id, Act.REJECT_UPLOAD)
    node.platform.capabilities = frozenset(Capability) - {Capability.HOLD}
    screening.owe(node.house, PLATFORM, node.given())
    node.move(seconds=2)
    node.work()
    [case] = node.cases()
    assert node.restrictions(case.items[0].item) == []
    assert node.platform.acts[0].verdict == "allow"
