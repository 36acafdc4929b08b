"""An order from its arrival to the site and back, on a real house: what the platform is asked, who is told when."""

import pytest

from beffroi.actions.model import CauseKind, RestrictionState
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, DecisionState, Source
from beffroi.decisions.remedies import Way
from beffroi.doors.platforms import Refused
from beffroi.flow import order as flow
from beffroi.flow import platform_events
from beffroi.flow.order import Fact
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import OrderId
from beffroi.ground.storage import Actor
from beffroi.notices import store as notices_store
from beffroi.notices.model import StatementKind
from beffroi.orders import views
from beffroi.orders.model import Annex, Authentication, Handling, ItemState, Measure, Obstacle
from beffroi.orders.service import Arrival
from tests.unit.flow.node import NOOR, PLATFORM, TOMAS
from tests.unit.flow.ordered import URL, Ordered
from tests.unit.parties.invented import PHONE

ME = Actor("person", NOOR)
RESTRICTED, PUT_BACK = StatementKind.RESTRICTED, StatementKind.PUT_BACK


def test_carried_out_told_answered_withdrawn_and_public_again(any_node):
    desk = Ordered(any_node)
    any_node.post(1, "a lamp")
    order = desk.receive(1)
    assert desk.execute(order) == 1
    assert desk.states(order) == ["in_hand"]
    any_node.work()
    assert any_node.platform.asked()[0] == "item.disable", "an order has no undo hold"
    assert any_node.platform.hidden == {"p-1"}
    read = desk.read(order)
    assert (read.word, desk.states(order)) == ("executed", ["disabled"])
    assert desk.told_kinds(order) == [RESTRICTED]
    [form] = read.annex_ii
    assert (form.urls, form.measure) == ((f"{URL}1",), Measure.DISABLED_IN_MEMBER_STATES)
    assert form.measure_taken_at == read.lines[0].item.done_at
    flow.answered(desk.house, PLATFORM, order, Annex.II)
    desk.told(order, Fact.WITHDRAWN)
    any_node.work()
    assert any_node.platform.hidden == set()
    assert (desk.read(order).word, desk.states(order)) == ("withdrawn", ["reinstated"])
    assert desk.told_kinds(order) == [RESTRICTED, PUT_BACK]


def test_a_person_stands_behind_it_and_the_law_is_its_ground(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1)
    desk.execute(order, measure=Measure.DISABLED_IN_MEMBER_STATES)
    [restriction] = desk.restrictions(1)
    assert [cause.kind for cause in restriction.causes] == [CauseKind.ORDER]
    decision = node.ask(decisions_store.DECISIONS.load, restriction.causes[0].decision)
    assert (decision.decided_by, decision.source, decision.act) == (NOOR, Source.ORDER, Act.RESTRICT_TERRITORIES)
    assert len(decision.territories) == 27
    assert decision.ground.clause.endswith("Art 3")
    for again in (lambda: node.undo(decision), lambda: node.reverse(decision)):
        with pytest.raises(Conflict) as refused:
            again()
        assert refused.value.code == "order-stands"


def test_the_statement_offers_the_ways_against_an_order_and_no_complaint(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1)
    desk.execute(order)
    node.work()
    [statement] = desk.statements(order)
    with node.house.read() as conn:
        token = notices_store.token_of(conn, node.house.vault, statement.id)
        read = views.statement(conn, node.house.vault, token)
    assert [remedy.way for remedy in read.remedies] == [Way.ASK_FOR_REASONS_OR_ORDER, Way.SCRUTINY, Way.COURT]


def test_under_secrecy_nobody_is_told_until_the_minute_it_ends(any_node):
    desk, node = Ordered(any_node), any_node
    node.post(1, "a lamp")
    order = desk.receive(1, non_disclosure=True, non_disclosure_decided_at=node.clock.now())
    desk.execute(order)
    node.work()
    assert desk.states(order) == ["disabled"]
    assert desk.statements(order) == []
    assert "user.inform" not in node.platform.asked()
    node.move(days=41, hours=23)
    node.sweep()
    assert desk.statements(order) == []
    node.move(hours=1)
    node.sweep()
    assert desk.told_kinds(order) == [RESTRICTED]
    node.work()
    assert "user.inform" in node.platform.asked()


def test_withdrawn_under_secrecy_is_put_back_in_silence_and_told_later(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1, non_disclosure=True, non_disclosure_decided_at=node.clock.now())
    desk.execute(order)
    node.work()
    desk.told(order, Fact.WITHDRAWN)
    node.work()
    assert node.platform.hidden == set()
    assert desk.statements(order) == []
    desk.told(order, Fact.SECRECY_LIFTED)
    assert desk.told_kinds(order) == [RESTRICTED, PUT_BACK]


def test_one_secret_order_silences_the_other_on_the_same_item(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    secret = desk.receive(1, non_disclosure=True, non_disclosure_decided_at=node.clock.now())
    desk.execute(secret)
    node.work()
    plain = desk.receive(1, reference_number="VOO-2")
    desk.execute(plain)
    node.work()
    assert desk.statements(plain) == []
    node.move(weeks=7)
    node.sweep()
    assert desk.told_kinds(secret) == [RESTRICTED]


def test_two_orders_on_one_item_keep_it_down_until_the_last_one_ends(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    first, second = desk.receive(1), desk.receive(1, reference_number="VOO-2")
    desk.execute(first)
    node.work()
    done_at = desk.read(first).lines[0].item.done_at
    node.move(minutes=20)
    desk.execute(second)
    read = desk.read(second)
    assert (desk.states(second), read.lines[0].item.done_at) == (["already_unavailable"], done_at)
    assert (read.annex_ii[0].measure, read.annex_ii[0].already_gone) == (None, (f"{URL}1",)), "no measure is ticked"
    desk.told(first, Fact.WITHDRAWN)
    node.work()
    assert node.platform.hidden == {"p-1"}
    desk.told(second, Fact.ANNULLED_BY_COURT)
    node.work()
    assert node.platform.hidden == set()


def test_under_its_own_terms_too_it_stays_down_when_the_order_ends(node):
    desk = Ordered(node)
    node.bank()
    node.post(1)
    [case] = node.cases()
    node.decide(case, Act.DISABLE)
    order = desk.receive(1)
    node.move(minutes=5)
    node.work()
    desk.execute(order)
    desk.told(order, Fact.WITHDRAWN)
    node.work()
    [restriction] = desk.restrictions(1)
    assert restriction.state is RestrictionState.IN_FORCE
    assert [cause.kind for cause in restriction.live_causes] == [CauseKind.DECISION]


def test_what_its_author_deleted_is_found_to_be_gone(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    node.post(2, "a kite")
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    order = desk.receive(1, 2)
    assert desk.execute(order) == 2
    node.work()
    assert desk.states(order) == ["already_unavailable", "disabled"]


def test_ten_links_of_which_three_cannot_be_done(node):
    desk = Ordered(node)
    for number in range(1, 8):
        node.post(number, f"lamp {number}")
    order = desk.receive(*range(1, 11))
    assert desk.execute(order) == 7
    node.work()
    assert desk.read(order).word == "partly_executed"
    flow.found(desk.house, ME, NOOR, order, (8, 9), ItemState.OUT_OF_SCOPE)
    flow.clarify(desk.house, ME, NOOR, order, (Obstacle.INSUFFICIENT_INFORMATION,))
    read = desk.read(order)
    assert (read.word, read.annex_iii.urls) == ("awaiting_clarification", (f"{URL}10",))
    desk.told(order, Fact.CLARIFIED)
    node.post(10, "lamp 10")
    flow.found(desk.house, ME, NOOR, order, (10,), ItemState.REMOVED)
    read = desk.read(order)
    assert read.word == "executed"
    assert sorted(str(form.measure) for form in read.annex_ii) == ["disabled_in_member_states", "removed"]


def test_more_items_than_fit_one_transaction(node, monkeypatch):
    monkeypatch.setattr(flow, "ORDER_CHUNK", 2)
    desk = Ordered(node)
    for number in range(1, 6):
        node.post(number, f"lamp {number}")
    all_of_them, some = desk.receive(*range(1, 6)), desk.receive(*range(1, 6), reference_number="VOO-2")
    assert desk.execute(all_of_them) == 5
    assert desk.execute(some, 1, 3, 5) == 3
    node.work()
    assert desk.states(some) == ["disabled", "pending", "disabled", "pending", "disabled"]


def test_a_platform_that_refuses_leaves_it_to_be_done(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1)
    desk.execute(order)
    node.platform.answers = [Refused("no", final=True)]
    node.work()
    assert desk.states(order) == ["pending"]
    desk.execute(order)
    node.work()
    assert desk.states(order) == ["disabled"]


def test_forged_or_unverified_it_changes_nothing(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1, signed=False)
    with pytest.raises(Conflict):
        desk.execute(order)
    flow.forged(desk.house, ME, NOOR, order)
    with pytest.raises(Conflict):
        desk.execute(order)
    node.work()
    assert desk.restrictions(1) == []
    assert desk.read(order).word == "forged"


def test_called_back_and_carried_out_within_the_original_hour(node):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order, at = desk.receive(1, signed=False), node.clock.now()
    node.move(minutes=30)
    flow.called_back(desk.house, ME, NOOR, order, desk.office, PHONE)
    desk.execute(order, by=TOMAS)
    node.work()
    read = desk.read(order)
    assert (read.order.authentication, read.order.handling) == (Authentication.AUTHENTIC, Handling.SETTLED)
    assert (read.clocks[0].deadline.start, read.clocks[0].stopped_at is not None) == (at, True)
    assert read.order.overdue_at is None


def test_the_hour_passes_by_itself_and_only_once(node):
    desk = Ordered(node)
    order = desk.receive(1)
    node.move(minutes=59)
    assert node.sweep() == 0
    node.move(minutes=1)
    assert node.sweep() == 1
    assert node.sweep() == 0
    assert desk.read(order).word == "overdue"


def test_impossible_until_the_grounds_cease(node):
    desk = Ordered(node)
    order = desk.receive(1)
    flow.impossible(desk.house, ME, NOOR, order)
    node.move(minutes=90)
    assert node.sweep() == 0
    desk.told(order, Fact.GROUNDS_CEASED)
    names = [clock.name for clock in desk.read(order).clocks]
    assert names[:2] == ["execute", "execute, before the Annex III"], "both ends are shown"


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ((Fact.SUSPENDED,), "suspended"),
        ((Fact.SUSPENDED, Fact.FINAL), "accepted"),
        ((Fact.FINAL,), "final"),
        ((Fact.SCRUTINY_ASKED,), "under_scrutiny"),
        ((Fact.SCRUTINY_ASKED, Fact.INFRINGEMENT_INTENDED), "intention_notified"),
        ((Fact.SCRUTINY_ASKED, Fact.NO_INFRINGEMENT), "executed"),
        ((Fact.SCRUTINY_ASKED, Fact.INFRINGEMENT), "annulled_by_scrutiny"),
        ((Fact.APPEAL_FILED,), "under_appeal"),
        ((Fact.APPEAL_FILED, Fact.APPEAL_ENDED), "executed"),
    ],
)
def test_what_authorities_and_courts_tell(node, facts, word):
    desk = Ordered(node)
    node.post(1, "a lamp")
    order = desk.receive(1)
    desk.execute(order)
    node.work()
    for fact in facts:
        desk.told(order, fact)
        node.work()
    assert desk.read(order).word == word
    ended = word in {"suspended", "annulled_by_scrutiny", "accepted"}
    assert node.platform.hidden == (set() if ended else {"p-1"}), "under scrutiny and appeal it stays down"


def test_extended_in_time(node):
    desk = Ordered(node)
    order = desk.receive(1, non_disclosure=True, non_disclosure_decided_at=node.clock.now())
    desk.told(order, Fact.SECRECY_EXTENDED)
    node.move(weeks=11, days=6)
    node.sweep()
    assert desk.read(order).order.is_secret
    node.move(days=1)
    node.sweep()
    assert not desk.read(order).order.is_secret


def test_located_by_the_platform_where_the_address_is_not_known_here(node):
    desk = Ordered(node)
    node.post(1, "a lamp", url=None)
    came = Arrival("orders@office.example", node.clock.now(), signed=True, language="nl")
    asked = []

    def locate(url):
        asked.append(url)
        return "p-1" if url.endswith("short") else None

    form = desk.form(1, urls=("https://agora.example/short", "https://agora.example/other"))
    order, is_new = flow.receive(desk.house, PLATFORM, form, came, locate)
    assert is_new
    assert [line.item.item is not None for line in desk.read(order).lines] == [True, False]
    assert asked == list(form.urls)


def test_closed_without_competence_or_unclarified(node):
    desk = Ordered(node)
    false, vague = desk.receive(1, signed=False), desk.receive(2, reference_number="VOO-2")
    flow.reroute(desk.house, ME, NOOR, false)
    flow.clarify(desk.house, ME, NOOR, vague, (Obstacle.MANIFEST_ERRORS,))
    flow.lapse(desk.house, ME, NOOR, vague)
    assert {line.order.id: line.word for line in flow.listed(desk.house)} == {
        false: "rerouted", vague: "lapsed_unclarified",
    }  # fmt: skip


def test_what_is_not_there(node):
    desk = Ordered(node)
    with pytest.raises(NotFound):
        desk.read(OrderId("ord_none"))
    order = desk.receive(1)
    with pytest.raises(Conflict) as nothing:
        desk.execute(order)
    assert nothing.value.code == "nothing-to-carry-out"
    with pytest.raises(Conflict):
        desk.execute(order, 1)
    with pytest.raises(NotFound):
        desk.execute(order, 7)


def test_an_order_is_no_verdict_on_a_bank(node):
    desk = Ordered(node)
    node.bank()
    node.post(1)
    order = desk.receive(1)
    desk.execute(order)
    node.work()
    [case] = node.cases()
    assert case.state == "open", "what the platform decides by its own terms is still to be decided"
    decision = node.ask(decisions_store.DECISIONS.load, desk.read(order).lines[0].item.decision)
    assert decision.state is DecisionState.MADE
