import base64
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Invalid, Refusal, Unauthenticated
from beffroi.ground.kernel.limits import PROOF_LINES_MAX
from beffroi.ground.ledger import proof, verify
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.ledger.verify import ConsistencyProof, InclusionProof, parse_proof
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.note import NoteKey
from tests.unit.ground.ledger.conftest import ORIGIN


@pytest.fixture
def lit(house):
    """Two checkpoints, of 16 and of 48 leaves."""
    house.light(10)
    house.beat()
    house.light(20, first=10)
    house.beat()
    return house


def keys(house):
    return log_keys(ORIGIN, house.ring.verifying(Purpose.LEDGER))


def events(house):
    return house.column("SELECT id FROM event ORDER BY seq")


def test_checking_needs_no_database():
    code = "import sys, beffroi.ground.ledger.verify; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
    verify.verify_receipt(json.dumps(receipt).encode(), keys(lit))
    told = list(lies_about(receipt))
    assert len(told) == 13
    for name, lie in told:
        assert lie != receipt, name
        with pytest.raises(Refusal) as refused:
            verify.verify_receipt(json.dumps(lie).encode(), keys(lit))
        assert refused.value.code in {"not-included", "note-forged"}, name


def test_a_receipt_under_a_key_we_do_not_trust_is_refused(lit, receipt):
    with pytest.raises(Unauthenticated) as refused:
        verify.verify_receipt(json.dumps(receipt).encode(), [NoteKey(ORIGIN, bytes(32))])
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
        verify.verify_receipt(json.dumps({**receipt, **change}).encode(), keys(lit))
    assert refused.value.code == "receipt-malformed"


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"7", b'"x"', b"{}"])
def test_what_is_no_json_object_is_refused(raw):
    with pytest.raises(Invalid):
        verify.verify_receipt(raw, [])


@pytest.mark.parametrize("salt", ["", base64.b64encode(bytes(31)).decode()])
def test_a_salt_of_another_size_is_refused(lit, receipt, salt):
    with pytest.raises(Invalid) as refused:
        verify.verify_receipt(json.dumps({**receipt, "salt": salt}).encode(), keys(lit))
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
            verify.verify_consistency(lie, keys(lit))
        assert refused.value.code == "not-consistent"


def test_two_logs_are_not_one(lit):
    with lit.database.read() as conn:
        good = proof.consistency(conn, 16, 48)
    signed = lit.new_integrator("node.example/ledger-2").beat()
    trusted = [*keys(lit), *log_keys("node.example/ledger-2", lit.ring.verifying(Purpose.LEDGER))]
    with pytest.raises(Invalid) as refused:
        verify.verify_consistency(replace(good, new_note=signed.note), trusted)
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


def test_the_highest_position_there_is():
    assert parse_proof(TEXT.replace("index 7", f"index {2**63 - 1}")).position == 2**63 - 1


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
