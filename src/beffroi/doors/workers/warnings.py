"""A letter to an authority: from the record into the organisation's mail server.

Owns: one try of one letter to one recipient.
Promises: what is mailed is the letter that was signed; what a mail server refuses for good comes back to a person at
once, who has the telephone and the printed sheet.
Never does: hold a transaction while it calls.
"""

from collections.abc import Mapping
from typing import Any

from beffroi.doors.platforms import Done, Outcome, Refused, Retry, Unknown
from beffroi.flow.house import House
from beffroi.flow.warn import mail_server
from beffroi.ground.kernel.errors import BeffroiError, Refusal
from beffroi.ground.kernel.ids import RecipientId, ThreatId
from beffroi.ground.net import UnknownOutcome, submit
from beffroi.threats import rules, store
from beffroi.threats.letter import key
from beffroi.threats.mail import message


def mail_letter(house: House, payload: Mapping[str, Any]) -> Outcome:
    """Hand one letter in."""
    threat_id, number, to = ThreatId(payload["threat"]), int(payload["number"]), RecipientId(payload["recipient"])
    server = mail_server(house.settings)
    if server is None:
        return Refused("no mail server is set", final=True)
    with house.read() as conn:
        threat = store.THREATS.load(conn, threat_id)
        way = rules.dispatch(threat, number, to).way
        entry = store.RECIPIENTS.load(conn, to).entry
        letter = store.letter(conn, house.vault, threat_id, number)
        token = store.token_of(conn, house.vault, threat_id, number, to)
    if letter is None or token is None:
        return Refused("the account was erased", final=True)
    link = f"{house.settings.public_url}/w/{token}"
    named = key(threat_id, number, to)
    written = message(letter, entry, way, sender=server.sender, key=named, link=link, at=house.clock.now())
    try:
        submit(server, entry.email, written)
    except Refusal as refusal:
        return Refused(refusal.code, final=True)
    except UnknownOutcome as unknown:
        return Unknown(unknown.code)
    except BeffroiError as failure:
        return Retry(failure.code)
    return Done("sent")
