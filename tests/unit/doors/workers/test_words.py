"""What stands beside a link: no accusation, the user's language, who decided."""

import pytest

from beffroi.decisions.model import Act, Ground, GroundKind
from beffroi.doors.workers import words
from beffroi.notices import store as notices


def link(node, decision, kind=0):
    statement = node.statements(decision)[kind]
    token = node.ask(notices.token_of, node.house.vault, statement.id)
    return node.ask(words.statement_link, node.house, statement, token), token


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.NO_ACTION])
def test_every_act_has_a_title_without_accusation(act):
    title = words._TITLES[act].lower()
    for word in ("terror", "illegal", "crime", "extrem", "violat"):
        assert word not in title


def removed(node, **changes):
    node.bank()
    node.post(**changes)
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    node.work()
    return decision


def test_the_link_opens_the_statement_and_says_who_decided(node):
    decision = removed(node)
    found, token = link(node, decision)
    assert found.url == f"{node.house.settings.public_url}/s/{token}"
    assert (found.title, found.language) == ("Your post is no longer visible", "en")
    assert found.summary.startswith("A person on our team decided this.")
    assert node.platform.acts[1].statement == found


def test_by_rule_it_says_so(node):
    node.rule(node.bank().id, Act.HOLD)
    node.post()
    node.work()
    assert node.platform.acts[0].statement.summary.startswith("A rule did this. No person has looked yet.")


def test_a_put_back_says_that_we_were_wrong(node):
    decision = removed(node)
    node.reverse(decision)
    node.work()
    found, _ = link(node, decision, 1)
    assert (found.title, found.summary.split(",")[0]) == (
        "Your post is visible again", "We looked again. We were wrong"
    )  # fmt: skip


def test_an_unknown_language_is_told_in_ours(node):
    found, _ = link(node, removed(node, language="xx"))
    assert found.language == "en"


def test_a_label_is_the_title_of_its_clause_or_a_neutral_sentence(node):
    node.bank()
    node.post()
    node.decide(node.cases()[0], Act.LABEL)
    node.post(2)
    node.decide(node.cases()[0], Act.LABEL, ground=Ground(GroundKind.LAW, None, 0, "§ 1"))
    node.move(seconds=60)
    node.work()
    labels = {act.label for act in node.platform.acts if str(act.kind) == "item.label"}
    assert labels == {"Lamps", "A moderator added a note to this post."}


def test_no_token_no_link(node):
    assert words.statement_url(node.house, None) is None
