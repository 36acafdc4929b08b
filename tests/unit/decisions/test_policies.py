"""A published version never changes."""

from dataclasses import replace

import pytest

from beffroi.decisions import policies, store
from beffroi.decisions.model import Ground, GroundKind
from beffroi.ground.kernel.errors import Invalid, NotFound, Unavailable
from beffroi.ground.kernel.ids import PolicyId
from tests.unit.decisions.scene import CLAUSES, IOANA, ground, published


def test_every_publication_stays_as_it_was(house_db):
    first = published(house_db)
    stricter = (replace(CLAUSES[0], text={"en": "No lamps at all."}, number="1"),)
    second = published(house_db, stricter, of=first)
    assert (first.number, second.number, second.id) == (1, 2, first.id)
    versions = [house_db.ask(lambda conn, n=n: policies.version(conn, first.id, n)) for n in (1, 2)]
    assert [v.clauses for v in versions] == [CLAUSES, stricter]
    assert [v.published_by for v in versions] == [IOANA, IOANA]
    cited = [house_db.ask(lambda conn, n=n: policies.clause_of(conn, ground(first, number=n))) for n in (1, 2)]
    assert [c.text["en"] for c in cited] == ["Do not burn lamps.", "No lamps at all."]
    assert house_db.ask(store.all_policies) == [second]
    assert house_db.ask(store.POLICIES.disagreements) == []


def test_what_was_published_cannot_be_rewritten(house_db):
    published(house_db)
    with pytest.raises(Unavailable), house_db.database.write() as conn:
        conn.exec_driver_sql("UPDATE event SET facts = facts WHERE type = 'policy-published'")


@pytest.mark.parametrize("number", [0, 2])
def test_a_version_that_never_was_cannot_be_cited(house_db, number):
    policy = published(house_db)
    for question in (
        lambda conn: policies.version(conn, policy.id, number),
        lambda conn: policies.clause_of(conn, ground(policy, number=number)),
    ):
        with pytest.raises(NotFound) as refused:
            house_db.ask(question)
        assert refused.value.code == "no-such-policy-version"


def test_a_clause_exists_in_its_version_or_not_at_all(house_db):
    policy = published(house_db)
    second = published(house_db, CLAUSES[:1], of=policy)
    assert house_db.ask(lambda conn: policies.clause_of(conn, ground(policy, "2", 1))) == CLAUSES[1]
    for cited in (ground(second, "2", 2), ground(policy, "9"), Ground(GroundKind.LAW, None, 0, "§ 1")):
        with pytest.raises(NotFound) as refused:
            house_db.ask(lambda conn, cited=cited: policies.clause_of(conn, cited))
        assert refused.value.code == "no-such-clause"


@pytest.mark.parametrize(
    "clauses",
    [
        (),
        (CLAUSES[0], replace(CLAUSES[1], number="1")),
        (replace(CLAUSES[0], text={"de": "Keine Lampen."}),),
        (replace(CLAUSES[0], title={"en": "  "}),),
    ],
)
def test_terms_that_nobody_could_cite_are_not_published(house_db, clauses):
    with pytest.raises(Invalid) as refused:
        published(house_db, clauses)
    assert refused.value.where == "clauses"
    assert house_db.recorded == []


def test_only_a_policy_there_is_gets_a_new_version(house_db):
    with pytest.raises(NotFound):
        house_db.run(lambda tx: policies.publish(tx, PolicyId("pol_none"), "Terms", CLAUSES, IOANA))
