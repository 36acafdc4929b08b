"""Reading the answer off what stands."""

import pytest

from beffroi.content import store as content_store
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act
from beffroi.doors.platforms import Refused
from beffroi.flow import verdict
from beffroi.flow.verdict import Reason, Verdict, Word


def ask(node, answer, revision=1, undecodable=()):
    item = node.ask(content_store.ITEMS.load, answer.item)
    return node.ask(verdict.verdict, node.house.vault, item, revision, undecodable)


@pytest.fixture
def matched(node):
    node.bank()
    return node.post()


@pytest.mark.parametrize(
    ("act", "word"),
    [(Act.REMOVE, Word.REJECT), (Act.DISABLE, Word.REJECT), (Act.LABEL, Word.ALLOW), (Act.NO_ACTION, Word.ALLOW)],
)
def test_a_person_s_decision_is_the_answer_from_the_moment_it_stands(node, matched, act, word):
    decision = node.decide(node.cases()[0], act)
    answer = ask(node, matched)
    assert (answer.word, answer.rule, answer.until) == (word, None, None)
    node.move(seconds=60)
    node.work()
    told = ask(node, matched)
    assert told.word is word
    assert (told.token is not None) is (word is Word.REJECT)
    assert decision.act is act


def test_undone_or_reversed_it_is_allowed_again(node, matched):
    case = node.cases()[0]
    node.undo(node.decide(case))
    assert ask(node, matched).word is Word.ALLOW
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    node.work()
    node.reverse(decision)
    assert ask(node, matched).word is Word.ALLOW


def test_a_put_back_that_failed_is_not_in_the_way(node, matched):
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    node.work()
    node.reverse(decision)
    node.platform.answers = [Refused("no", final=True)]
    node.work()
    assert [r.state.value for r in node.restrictions(matched.item)] == ["failed"]
    assert ask(node, matched).word is Word.ALLOW


def test_a_decision_binds_the_revision_it_was_about(node, matched):
    node.decide(node.cases()[0])
    assert node.post(text="I was only joking", revision=2).word is Word.ALLOW
    assert ask(node, matched, 1).word is Word.REJECT


def test_undecodable_files_are_at_least_unknown(node, matched):
    broken = Reason("undecodable", {"why": "broken", "source": "media:0"})
    answer = ask(node, matched, undecodable=(broken,))
    assert (answer.word, answer.reasons[-1]) == (Word.UNKNOWN, broken)
    node.decide(node.cases()[0])
    assert ask(node, matched, undecodable=(broken,)).word is Word.REJECT


def test_a_withdrawn_rule_s_name_stays_readable(node):
    rule = node.rule(node.bank().id, Act.REJECT_UPLOAD)
    answer = node.post()
    node.write(decisions.end_rule, rule.id)
    assert ask(node, answer) == answer


def test_answers_without_an_item():
    assert verdict.outside_scope(3) == Verdict(Word.ALLOW, None, 3, (Reason("not-public"),))
    assert verdict.too_late(3) == Verdict(Word.UNKNOWN, None, 3, (Reason("deadline"),))
