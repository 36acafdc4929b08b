"""Letters into a real mail server: sealed or bare, refused or in doubt, and what the record says of it."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der

from beffroi.doors.workers import outward
from beffroi.flow import warn
from beffroi.ground.storage import Actor, effects
from beffroi.ground.storage.effects import EffectState
from beffroi.parties import service as parties
from beffroi.threats import service, store
from beffroi.threats.model import DispatchState, ThreatState
from tests.contract.months import particulars
from tests.smtp import mail_server
from tests.unit.flow.node import IOANA, NOOR, TOMAS, opened
from tests.unit.ground.trust.test_smime import certificate, pem
from tests.unit.threats.scene import REASONS, SIGN, VALMERE


@pytest.fixture
def box():
    with mail_server() as made:
        yield made


@pytest.fixture
def node(folder, box):
    mail = {"mail_host": "127.0.0.1", "mail_port": box.port, "mail_security": "none", "mail_from": "desk@agora.example"}
    with opened(folder, **mail) as made:
        made.bank()
        made.write(parties.establish, particulars())
        made.post(1)
        yield made
        assert made.sound()


def warned(node, **entry):
    """A warning to one recipient."""
    pinned = node.write(service.pin, replace(VALMERE, **entry), TOMAS)
    node.write(service.confirm_recipient, pinned.id, IOANA)
    draft = node.write(service.open_, node.cases()[0].id, NOOR)
    wanted = replace(SIGN, threat=draft.id, states=SIGN.states[:1])
    shown = warn.shown(node.house, NOOR, wanted).letter.digest
    warn.sign(node.house, Actor("person", NOOR), NOOR, replace(wanted, shown=shown))
    return draft.id


def perform(node):
    """One try of the one letter; the effect as it stands then."""
    [claimed] = [each for each in node.claimed() if each.kind == service.EFFECT]
    outward.perform(node.house, None, claimed)
    return node.ask(effects.by_key, claimed.key)


def way(node, threat):
    return node.ask(store.THREATS.load, threat).letters[0].dispatches[0]


def test_a_recipient_with_a_certificate_gets_the_letter_sealed(node, box):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = certificate(key)
    node.move(days=1)  # into the certificate's time
    threat = warned(node, certificate=pem(made))
    assert perform(node).state is EffectState.DONE
    [raw], [read] = box.came, box.messages
    assert b"lamp" not in raw
    inside = message_from_bytes(pkcs7_decrypt_der(read.get_content(), made, key, []), policy=default)
    assert REASONS in inside.get_body().get_content().replace("\n", " ")
    assert (way(node, threat).state, way(node, threat).sent_at) == (DispatchState.SENT, node.clock.now())
    assert node.ask(store.THREATS.load, threat).state is ThreatState.UNCONFIRMED


def test_one_without_gets_a_note_with_a_link_that_is_its_own(node, box):
    threat = warned(node)
    perform(node)
    [raw] = box.came
    to = way(node, threat).recipient
    token = node.ask(store.token_of, node.house.vault, threat, 1, to)
    assert f"/w/{token}".encode() in raw.replace(b"=\r\n", b"")
    assert b"lamp" not in raw
    assert box.envelopes == [("<desk@agora.example>", f"<{VALMERE.email}>")]


def test_what_is_refused_for_good_comes_back_to_a_person(node, box):
    box.says["RCPT"] = "550 nobody here"
    threat = warned(node)
    assert perform(node).state is EffectState.FAILED
    assert way(node, threat).state is DispatchState.FAILED
    assert node.ask(store.THREATS.load, threat).ring_at is not None


def test_a_letter_in_doubt_is_tried_again_under_the_same_name(node, box):
    threat = warned(node)
    box.hangs_up = "."
    assert perform(node).state is EffectState.INTENDED
    assert way(node, threat).state is DispatchState.WAITING
    box.hangs_up = ""
    node.move(minutes=2)
    assert perform(node).state is EffectState.DONE
    assert box.messages[0]["Message-ID"] == f"<{threat}.1.{way(node, threat).recipient}@agora.example>"


def test_nothing_is_mailed_of_somebody_who_was_erased_meanwhile(node, box):
    threat = warned(node)
    account = node.ask(store.THREATS.load, threat).account
    node.write(lambda tx: tx.vault.destroy(account, tx.now))
    assert perform(node).state is EffectState.FAILED
    assert box.came == []
