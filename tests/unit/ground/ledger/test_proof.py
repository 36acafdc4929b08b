import base64
import json

import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.ledger import proof, verify
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.trust.keys import Purpose
from tests.unit.ground.ledger.conftest import ORIGIN


@pytest.fixture
def lit(any_house):
    """Two checkpoints, of 16 and of 48 leaves."""
    any_house.light(10)
    any_house.beat()
    any_house.light(20, first=10)
    any_house.beat()
    return any_house


def keys(house):
    return log_keys(ORIGIN, house.ring.verifying(Purpose.LEDGER))


def events(house):
    return house.column("SELECT id FROM event ORDER BY seq")


def test_every_event_has_a_receipt_that_a_stranger_can_check(lit):
    for number, event_id in enumerate(events(lit)):
        with lit.database.read() as conn:
            receipt = proof.receipt(conn, event_id)
        logged = verify.verify_receipt(receipt, keys(lit))
        assert logged.facts["id"] == event_id
        assert logged.facts["facts"] == {"lamp_id": f"lmp_{number}", "brightness": number}
        assert bool(logged.personal) == (number % 5 == 0)
        assert (logged.checkpoint.size, logged.checkpoint.origin) == (48, ORIGIN)


def test_a_receipt_from_its_parts(lit):
    with lit.database.read() as conn:
        told = json.loads(proof.receipt(conn, events(lit)[3]))
    facts, personal, salt = told["event"]["facts"], told["event"]["personal"], base64.b64decode(told["salt"])
    logged = verify.verify_event(facts, personal, salt, told["proof"], keys(lit))
    assert logged.facts["facts"]["brightness"] == 3


def test_a_proof_in_an_earlier_checkpoint(lit):
    with lit.database.read() as conn:
        early = proof.event_inclusion(conn, events(lit)[0], 16)
        assert "\n16\n" in early.note
        with pytest.raises(NotFound) as refused:
            proof.event_inclusion(conn, events(lit)[20], 16)
    assert refused.value.code == "not-in-checkpoint"


def test_every_position_and_size_has_its_proofs(lit):
    with lit.database.read() as conn:
        leaves = lit.column(LEAVES)
        for size in (16, 48):
            for position in range(size):
                made = proof.inclusion(conn, position, size)
                assert verify.verify_inclusion(leaves[position], made, keys(lit)).size == size
        for old, new in ((16, 16), (16, 48), (48, 48)):
            both = verify.verify_consistency(proof.consistency(conn, old, new), keys(lit))
            assert tuple(each.size for each in both) == (old, new)


LEAVES = "SELECT leaf FROM ledger_leaf ORDER BY position"


def test_what_does_not_exist_is_not_proved(lit):
    with lit.database.read() as conn:
        for ask in (
            lambda: proof.receipt(conn, "evt_unheard_of"),
            lambda: proof.inclusion(conn, 48),
            lambda: proof.inclusion(conn, -1),
            lambda: proof.inclusion(conn, 0, 17),
            lambda: proof.consistency(conn, 16, 17),
            lambda: proof.consistency(conn, 0, 16),
        ):
            with pytest.raises(NotFound):
                ask()
        with pytest.raises(Invalid):
            proof.consistency(conn, 48, 16)


def test_an_event_too_young_for_a_leaf_is_said_to_be(lit):
    lit.light(1, first=30)
    with lit.database.read() as conn, pytest.raises(NotFound, match="within a minute"):
        proof.receipt(conn, events(lit)[-1])


def test_a_log_without_checkpoint_proves_nothing(house):
    with house.database.read() as conn, pytest.raises(NotFound) as refused:
        proof.inclusion(conn, 0)
    assert refused.value.code == "no-such-checkpoint"


def test_a_receipt_stays_good_after_the_person_was_erased(lit):
    with lit.database.read() as conn:
        receipt = proof.receipt(conn, events(lit)[5])
    lit.vault.destroy("sub_5", lit.clock.now())
    with lit.database.read() as conn:
        assert proof.receipt(conn, events(lit)[5]) == receipt
    assert verify.verify_receipt(receipt, keys(lit)).personal.keys() == {"sub_5"}
