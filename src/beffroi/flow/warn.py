"""Warning out: a moderator reads of a threat to life; the police of the States concerned are told (TCO 14(5), DSA 18).

Owns: the road of a warning's first letter, and whether letters can be mailed at all.
Promises: what a person signed does not wait for the database (DESIGN §5.10): if it cannot be written it goes onto the
spool, and leaves as soon as it is entered; what leaves is what they saw.
Never does: begin by itself: there is a person behind every letter, and no machine's way in.
"""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import PersonId, ThreatId
from beffroi.ground.kernel.limits import WARNINGS_LISTED_MAX
from beffroi.ground.net import MailServer
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled
from beffroi.settings import Settings
from beffroi.threats import rules, service, store, views
from beffroi.threats.model import ThreatState
from beffroi.threats.rules import Sign
from beffroi.threats.service import Composed

from .carry import Carried, carry
from .house import House

_SIGN = TypeAdapter(Sign)


def mail_server(settings: Settings) -> MailServer | None:
    """The organisation's own mail server; None where none is set."""
    if not settings.mail_host:
        return None
    password = settings.mail_password.get_secret_value()
    told = settings.mail_host, settings.mail_port, settings.mail_security, settings.mail_from
    return MailServer(*told, user=settings.mail_user, password=password)


def shown(house: House, person: PersonId, command: Sign) -> Composed:
    """Exactly what would leave, and to whom; nothing is written.

    Raises:
        NotFound: there is no such warning.
        Conflict: nobody has said whose node this is.

    """
    with house.read() as conn:
        threat = store.THREATS.load(conn, command.threat)
        can_mail = mail_server(house.settings) is not None
        return service.compose(conn, house.vault, threat, command, person, house.clock.now(), can_mail=can_mail)


def sign(house: House, actor: Actor, person: PersonId, command: Sign) -> bool:
    """A person signs, and it leaves. Returns whether it is in the record already.

    Raises:
        Invalid: it says too little.
        Conflict: it is no draft any more, or what would leave is not what they saw.

    """
    rules.check(command)
    body = {"person": person, "sign": _SIGN.dump_python(command, mode="json")}
    return carry(house, actor, WARNING, body | {"can_mail": mail_server(house.settings) is not None})


def rows(house: House) -> list[dict[str, Any]]:
    """The newest warnings as facts, newest first."""
    with house.read() as conn:
        return [views.row(threat) for threat in store.newest(conn, WARNINGS_LISTED_MAX)]


def row(house: House, named: str) -> dict[str, Any]:
    """The warning with this id or reference.

    Raises:
        NotFound: there is none.

    """
    with house.read() as conn:
        return views.row(store.by_ref(conn, named) or store.THREATS.load(conn, named))


def _enter(tx: Tx, act: Spooled) -> None:
    command = _SIGN.validate_python(act.body["sign"])
    service.sign(tx, command, PersonId(act.body["person"]), can_mail=act.body["can_mail"])


def _may_sign(conn: Connection, act: Spooled) -> None:
    if store.THREATS.load(conn, _threat(act)).state is not ThreatState.DRAFT:
        raise Conflict("not-a-draft", "this warning was signed or dropped already")


def _is_signed(conn: Connection, act: Spooled) -> bool:
    threat = store.THREATS.load(conn, _threat(act))
    return threat.warning is not None and threat.warning.signed_by == act.body["person"]


def _threat(act: Spooled) -> ThreatId:
    return ThreatId(act.body["sign"]["threat"])


WARNING = Carried("warning", _enter, _may_sign, _is_signed)
