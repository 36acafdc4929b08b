"""Notice in: somebody tells us of content they consider illegal (DSA Art 16).

Owns: the road of a notice.
Promises: receipt is confirmed with a reference and a page of the notifier's own; a person decides.
Never does: act on a notice by itself, or show the notifier to anybody outside.
"""

from dataclasses import dataclass

from beffroi.cases import service as cases
from beffroi.cases.service import NoticeGiven
from beffroi.content import store as content_store
from beffroi.content.model import Item
from beffroi.ground.storage import Actor, Tx

from .house import House

__all__ = ["NoticeGiven", "Received", "receive"]


@dataclass(frozen=True, slots=True)
class Received:
    """What the notifier is given: a number to keep, and the token of their page."""

    reference: str
    token: str


def receive(house: House, actor: Actor, given: NoticeGiven) -> Received:
    """Take in a notice; it opens a case, or joins the one that is open for its item.

    Raises:
        Invalid: an element of Art 16(2) is missing.

    """

    def work(tx: Tx) -> Received:
        notice, token = cases.receive_notice(tx, given, _located(tx, given.url))
        return Received(notice.reference, token)

    return house.write("law", actor, work)


def _located(tx: Tx, url: str) -> Item | None:
    """The item at this address, if the platform ever told us of one."""
    return content_store.item_by_url(tx.conn, url)
