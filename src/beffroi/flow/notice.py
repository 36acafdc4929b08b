"""Notice in: somebody tells us of content they consider illegal (DSA Art 16).

Owns: the road of a notice.
Promises: receipt is confirmed with a reference and a page of the notifier's own, also while the database is away; a
person decides.
Never does: act on a notice by itself, or show the notifier to anybody outside.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.service import NoticeGiven, Promised
from beffroi.content import store as content_store
from beffroi.content.model import Item
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled

from .carry import Carried, carry
from .house import House

__all__ = ["NoticeGiven", "Received", "receive"]


@dataclass(frozen=True, slots=True)
class Received:
    """What the notifier is given: a number to keep, and the token of their page.

    `is_entered`: it is in the record; otherwise it is kept on the spool, and the page is there once it is entered.
    """

    reference: str
    token: str
    is_entered: bool = True


def receive(house: House, actor: Actor, given: NoticeGiven) -> Received:
    """Take in a notice; it opens a case, or joins the one that is open for its item.

    Raises:
        Invalid: an element of Art 16(2) is missing.

    """
    cases.check_notice(given)
    promised = cases.promise_notice(house.clock.now())
    is_entered = carry(house, actor, NOTICE, {"given": asdict(given), "promised": asdict(promised)})
    return Received(promised.reference, promised.token, is_entered)


def _enter(tx: Tx, act: Spooled) -> None:
    given, promised = NoticeGiven(**act.body["given"]), Promised(**act.body["promised"])
    cases.receive_notice(tx, given, _located(tx, given.url), promised)


def _is_entered(conn: Connection, act: Spooled) -> bool:
    return cases_store.NOTICES.get(conn, act.body["promised"]["id"]) is not None


NOTICE = Carried("notice", _enter, known=_is_entered)


def _located(tx: Tx, url: str) -> Item | None:
    """The item at this address, if the platform ever told us of one."""
    return content_store.item_by_url(tx.conn, url)
