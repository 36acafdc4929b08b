"""The page behind the link of a warning: the authority says that it has it.

Owns: that page.
Promises: it shows our reference and nothing of the letter; opening it confirms nothing, because mail filters open
links; pressing its one button does.
Never does: ask who presses; whoever holds the link got the letter or the note.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.ground.kernel.errors import NotFound
from beffroi.threats import service, store
from beffroi.threats.model import Dispatch, LetterKind, Receipt
from beffroi.threats.rules import dispatch
from beffroi.threats.store import LinkRead

from ..web.door import Visit


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What the page says: which letter of which warning, and whether it is confirmed."""

    reference: str
    kind: LetterKind
    way: Dispatch


def receipt(visit: Visit) -> Response:
    """Do you have it?"""
    link = _link(visit)
    with visit.house.read() as conn:
        threat = store.THREATS.load(conn, link.threat)
    kind = threat.letters[link.number - 1].kind
    return visit.page("receipt.html", ReceiptView(threat.ref, kind, dispatch(threat, link.number, link.recipient)))


def confirm(visit: Visit) -> Response:
    """Yes."""
    link = _link(visit)
    visit.write(lambda tx: service.confirm(tx, link.threat, link.number, link.recipient, Receipt.LINK, None))
    return visit.go(f"/w/{visit.path('token')}")


def _link(visit: Visit) -> LinkRead:
    with visit.house.read() as conn:
        found = store.by_token(conn, visit.path("token"))
    if found is None:
        raise NotFound("no-such-letter", "no letter has this address")
    return found
