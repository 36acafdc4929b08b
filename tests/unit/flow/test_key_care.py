"""Ceremonies and rotations: what is shown, what is recorded."""

import json
from datetime import timedelta

import pytest

from beffroi.flow import key_care
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.ledger import store as ledger
from beffroi.ground.ledger.checkpoint import open_checkpoint
from beffroi.ground.ledger.events import KeyRotated, KeysAttested, LogOpened
from beffroi.ground.storage import Actor, events
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.note import parse_vkey
from beffroi.staff import enrol
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Role

from .node import opened

OPERATOR = Actor("command-line", "somebody")
EMAILS = ("ada@node.example", "mara@node.example")


def invite(node, *emails):
    def work(tx):
        for email in emails:
            who = enrol.identity(node.house.pepper, email, email)
            staff.create_person(tx, who, (Role.ADMINISTRATOR,), Credentials("argon2", None), demo=False)

    node.write(work)


def recorded(node, kind):
    return [kind.from_facts(stored.facts) for stored in node.ask(events.of_type, kind.type())]


def test_what_is_shown_checks_what_the_node_signs(any_node):
    invite(any_node, *EMAILS)
    sheet = key_care.ceremony(any_node.house, OPERATOR, EMAILS)
    newest = any_node.ask(ledger.latest_checkpoint)
    assert open_checkpoint(newest.note, [parse_vkey(vkey) for vkey in sheet.vkeys]) == sheet.checkpoint
    assert sheet.origin == any_node.house.settings.origin
    assert sheet.follows is None
    [attested] = recorded(any_node, KeysAttested)
    assert attested.present == tuple(person.id for person in sheet.present)
    assert set(attested.keys) == {key.id for key in sheet.keys}


def test_nothing_shown_is_secret_and_nobodys_name_is_recorded(node):
    invite(node, *EMAILS)
    sheet = key_care.ceremony(node.house, OPERATOR, EMAILS)
    for path in (node.house.settings.data / "keys").glob("*.json"):
        secret = json.loads(path.read_text())["secret"]
        assert secret not in repr(sheet)
    assert "ada" not in json.dumps([event.facts() for event in recorded(node, KeysAttested)])


def test_one_person_alone_is_no_ceremony(node):
    invite(node, *EMAILS)
    for present in ((), EMAILS[:1], (EMAILS[0], EMAILS[0].upper())):
        with pytest.raises(Invalid) as refused:
            key_care.ceremony(node.house, OPERATOR, present)
        assert refused.value.code == "too-few-present"
    with pytest.raises(NotFound):
        key_care.ceremony(node.house, OPERATOR, (*EMAILS, "nobody@node.example"))
    assert recorded(node, KeysAttested) == []


@pytest.fixture
def renamed(folder):
    """A node that sealed under one name, and was started under another and sealed there, too."""
    with opened(folder) as first:
        invite(first, *EMAILS)
        old = key_care.ceremony(first.house, OPERATOR, EMAILS).checkpoint
    with opened(folder, log_origin="node.example/ledger-2") as second:
        second.house.integrator.beat()
        yield second, old


def test_the_new_name_follows_the_old_one_and_is_opened_once(renamed):
    node, old = renamed
    sheet = key_care.ceremony(node.house, OPERATOR, EMAILS)
    assert (sheet.origin, sheet.follows) == ("node.example/ledger-2", old)
    [opened_log] = recorded(node, LogOpened)
    assert (opened_log.after_origin, opened_log.after_size) == (old.origin, old.size)
    assert opened_log.after_root == old.root.hex()
    assert key_care.ceremony(node.house, OPERATOR, EMAILS).follows is None
    assert len(recorded(node, LogOpened)) == 1


def test_a_rotation_is_recorded_with_its_overlap(node):
    before = node.house.ring.signing(Purpose.LEDGER).id
    fresh = key_care.rotate(node.house, OPERATOR, Purpose.LEDGER, timedelta(days=7))
    [told] = recorded(node, KeyRotated)
    assert (told.old, told.fresh, told.purpose) == (before, fresh.id, "ledger")
    assert told.accepted_until == node.clock.now() + timedelta(days=7)
    assert [key.id for key in node.house.ring.signers(Purpose.LEDGER)] == [fresh.id, before]
    node.house.integrator.beat()
