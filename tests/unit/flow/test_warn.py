"""A warning on its road: with the record there, and with it away."""

from dataclasses import replace

import pytest

from beffroi.flow import spool as flow
from beffroi.flow import warn
from beffroi.flow.carry import carry
from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from beffroi.ground.records import spooled
from beffroi.ground.storage import Actor
from beffroi.parties import service as parties
from beffroi.settings import Settings
from beffroi.threats import service, store
from beffroi.threats.model import ThreatState
from tests.contract.months import particulars
from tests.unit.flow.node import NOOR
from tests.unit.threats.scene import SIGN

PERSON = Actor("person", NOOR)


@pytest.fixture
def draft(node):
    node.bank()
    node.write(parties.establish, particulars())
    node.post(1)
    return node.write(service.open_, node.cases()[0].id, NOOR)


def ready(node, draft, **changes):
    wanted = replace(SIGN, threat=draft.id, **changes)
    return replace(wanted, shown=warn.shown(node.house, NOOR, wanted).letter.digest)


def load(node, draft):
    return node.ask(store.THREATS.load, draft.id)


def test_it_is_signed_in_the_record(node, draft):
    assert warn.sign(node.house, PERSON, NOOR, ready(node, draft))
    assert load(node, draft).state is ThreatState.UNCONFIRMED
    with pytest.raises(Conflict):
        warn.sign(node.house, PERSON, NOOR, ready(node, draft))
    with pytest.raises(Invalid):
        warn.sign(node.house, PERSON, NOOR, replace(SIGN, threat=draft.id, reasons="soon"))
    assert [row["ref"] for row in warn.rows(node.house)] == [draft.ref]
    assert warn.row(node.house, draft.ref) == warn.row(node.house, draft.id)
    with pytest.raises(NotFound):
        warn.row(node.house, "W-none")


def test_what_is_signed_while_the_record_is_away_leaves_once_it_is_back(node, draft, monkeypatch):
    command = ready(node, draft)
    node.house.spool.make_ready()

    def full(*_: object, **__: object) -> None:
        raise Unavailable("record-not-written", "the disk is full")

    with monkeypatch.context() as away:
        away.setattr(node.house.writer, "run", full)
        assert not warn.sign(node.house, PERSON, NOOR, command)
    assert load(node, draft).state is ThreatState.DRAFT
    assert flow.drain(node.house) == 1
    signed = load(node, draft)
    assert (signed.state, signed.warning.signed_by) == (ThreatState.UNCONFIRMED, NOOR)
    assert node.ask(spooled.refused, draft.opened_at) == 0
    assert flow.drain(node.house) == 0


def test_a_commit_that_nobody_could_confirm_is_not_signed_twice(node, draft):
    command = ready(node, draft)
    warn.sign(node.house, PERSON, NOOR, command)
    body = {"person": NOOR, "sign": warn._SIGN.dump_python(command, mode="json"), "can_mail": False}
    from beffroi.ground.storage.spool import Spooled

    act = Spooled("warning", "spl_1", node.house.clock.now(), PERSON, body)
    assert node.ask(warn.WARNING.known, act)
    with pytest.raises(Conflict):
        node.ask(warn.WARNING.check, act)
    with pytest.raises(Conflict):
        carry(node.house, PERSON, warn.WARNING, body)


def test_a_mail_server_is_set_or_it_is_not(tmp_path):
    assert warn.mail_server(Settings(data=tmp_path)) is None
    told = warn.mail_server(Settings(data=tmp_path, mail_host="mail.example", mail_from="desk@agora.example"))
    assert (told.where, told.security) == ("mail.example:465", "tls")
