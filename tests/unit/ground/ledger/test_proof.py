import base64
import json
from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound, Refusal, Unauthenticated
from beffroi.ground.kernel.limits import PROOF_LINES_MAX
from beffroi.ground.ledger import proof
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.ledger.proof import ConsistencyProof, InclusionProof, parse_proof
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.note import NoteKey
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
        logged = proof.verify_receipt(receipt, keys(lit))
        assert logged.facts["id"] == event_id
        assert logged.facts["facts"] == {"lamp_id": f"lmp_{number}", "brightness": number}
        assert bool(logged.personal) == (number % 5 == 0)
        assert (logged.checkpoint.size, logged.checkpoint.origin) == (48, ORIGIN)


def test_a_receipt_from_its_parts(lit):
    with lit.database.read() as conn:
        told = json.loads(proof.receipt(conn, events(lit)[3]))
    event, salt = json.dumps(told["event"]).encode(), base64.b64decode(told["salt"])
    logged = proof.verify_event(event, salt, told["proof"], keys(lit))
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
                assert proof.verify_inclusion(leaves[position], made, keys(lit)).size == size
        for old, new in ((16, 16), (16, 48), (48, 48)):
            both = proof.verify_consistency(proof.consistency(conn, old, new), keys(lit))
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
    assert proof.verify_receipt(receipt, keys(lit)).personal.keys() == {"sub_5"}


# Lies


@pytest.fixture
def receipt(lit):
    with lit.database.read() as conn:
        return json.loads(proof.receipt(conn, events(lit)[5]))


def lies_about(receipt):
    facts, personal = receipt["event"]["facts"], receipt["event"]["personal"]
    other_salt = base64.b64encode(bytes(32)).decode()
    lines = receipt["proof"].split("\n")
    yield "facts", {**receipt, "event": {"facts": {**facts, "actor": "node"}, "personal": personal}}
    yield "time", {**receipt, "event": {"facts": {**facts, "at": facts["at"] - 1}, "personal": personal}}
    yield "inner fact", {**receipt, "event": {"facts": {**facts, "facts": {}}, "personal": personal}}
    yield "personal", {**receipt, "event": {"facts": facts, "personal": {"sub_5": "00" * 32}}}
    yield "no personal", {**receipt, "event": {"facts": facts, "personal": {}}}
    yield "salt", {**receipt, "salt": other_salt}
    yield "position", {**receipt, "proof": receipt["proof"].replace(lines[1], f"index {int(lines[1][6:]) ^ 1}")}
    yield "step", {**receipt, "proof": receipt["proof"].replace(lines[2], lines[3])}
    yield "step less", {**receipt, "proof": receipt["proof"].replace(lines[2] + "\n", "", 1)}
    yield "step more", {**receipt, "proof": receipt["proof"].replace(lines[2], lines[2] + "\n" + lines[2], 1)}
    yield "checkpoint size", {**receipt, "proof": receipt["proof"].replace("\n48\n", "\n47\n")}
    yield "root", {**receipt, "proof": receipt["proof"].replace(lines[-4], lines[2])}
    yield "origin", {**receipt, "proof": receipt["proof"].replace(f"\n{ORIGIN}\n", "\nother.example\n")}


def test_every_lie_in_a_receipt_is_refused(lit, receipt):
    proof.verify_receipt(json.dumps(receipt).encode(), keys(lit))
    told = list(lies_about(receipt))
    assert len(told) == 13
    for name, lie in told:
        assert lie != receipt, name
        with pytest.raises(Refusal) as refused:
            proof.verify_receipt(json.dumps(lie).encode(), keys(lit))
        assert refused.value.code in {"not-included", "note-forged"}, name


def test_a_receipt_under_a_key_we_do_not_trust_is_refused(lit, receipt):
    with pytest.raises(Unauthenticated) as refused:
        proof.verify_receipt(json.dumps(receipt).encode(), [NoteKey(ORIGIN, bytes(32))])
    assert refused.value.code == "note-unsigned"


@pytest.mark.parametrize(
    "change",
    [
        {"salt": None},
        {"salt": 7},
        {"salt": "!"},
        {"event": None},
        {"event": {}},
        {"event": {"facts": None, "personal": {}}},
        {"event": {"facts": {}, "personal": 3}},
        {"event": {"facts": {}, "personal": "ab"}},
    ],
)
def test_what_is_not_a_receipt_is_refused(lit, receipt, change):
    with pytest.raises(Invalid) as refused:
        proof.verify_receipt(json.dumps({**receipt, **change}).encode(), keys(lit))
    assert refused.value.code == "receipt-malformed"


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"7", b'"x"', b"{}"])
def test_what_is_no_json_object_is_refused(raw):
    with pytest.raises(Invalid):
        proof.verify_receipt(raw, [])


@pytest.mark.parametrize("salt", ["", base64.b64encode(bytes(31)).decode()])
def test_a_salt_of_another_size_is_refused(lit, receipt, salt):
    with pytest.raises(Invalid) as refused:
        proof.verify_receipt(json.dumps({**receipt, "salt": salt}).encode(), keys(lit))
    assert refused.value.code == "salt-of-wrong-size"


def test_consistency_lies_are_refused(lit):
    with lit.database.read() as conn:
        good = proof.consistency(conn, 16, 48)
    lies = [
        ConsistencyProof(good.path[1:], good.old_note, good.new_note),
        ConsistencyProof((*good.path, bytes(32)), good.old_note, good.new_note),
        ConsistencyProof(good.path, good.new_note, good.old_note),
        ConsistencyProof((), good.old_note, good.new_note),
    ]
    for lie in lies:
        with pytest.raises(Invalid) as refused:
            proof.verify_consistency(lie, keys(lit))
        assert refused.value.code == "not-consistent"


def test_two_logs_are_not_one(lit):
    with lit.database.read() as conn:
        good = proof.consistency(conn, 16, 48)
    signed = lit.new_integrator("node.example/ledger-2").beat()
    trusted = [*keys(lit), *log_keys("node.example/ledger-2", lit.ring.verifying(Purpose.LEDGER))]
    with pytest.raises(Invalid) as refused:
        proof.verify_consistency(replace(good, new_note=signed.note), trusted)
    assert refused.value.code == "two-logs"


# The textual form (C2SP tlog-proof)

STEP = base64.b64encode(bytes(32)).decode()
TEXT = f"c2sp.org/tlog-proof@v1\nindex 7\n{STEP}\n{STEP}\n\nthe checkpoint\n"


def test_the_form_both_ways():
    made = InclusionProof(7, (bytes(32), bytes(32)), "the checkpoint\n")
    assert made.encode() == TEXT
    assert parse_proof(TEXT) == made


def test_a_proof_of_a_single_leaf_has_no_step():
    made = InclusionProof(0, (), "n\n")
    assert parse_proof(made.encode()) == made


def test_extra_lines_prove_nothing_and_are_passed_over():
    assert parse_proof(TEXT.replace("\nindex", "\nextra AAAA\nindex")) == parse_proof(TEXT)


def test_steps_up_to_the_limit():
    def of(count):
        return f"c2sp.org/tlog-proof@v1\nindex 0\n{(STEP + chr(10)) * count}\nn\n"

    assert len(parse_proof(of(PROOF_LINES_MAX)).path) == PROOF_LINES_MAX
    with pytest.raises(Invalid):
        parse_proof(of(PROOF_LINES_MAX + 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n\nn\n",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 7", "index 07"),
        TEXT.replace("index 7", "index -7"),
        TEXT.replace("index 7", "index ٧"),
        TEXT.replace("index 7", "index "),
        TEXT.replace("index 7", "7"),
        TEXT.replace("index 7", "index " + "9" * 20),
        TEXT.replace("index 7\n", ""),
        TEXT.replace(STEP, STEP[:-1]),
        TEXT.replace(STEP, STEP[:-2] + "B="),
        TEXT.replace(STEP, base64.b64encode(bytes(31)).decode()),
        TEXT.replace("\n\n", "\n"),
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(Invalid) as refused:
        parse_proof(text)
    assert refused.value.code == "proof-malformed"
