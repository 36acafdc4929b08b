"""The ledger for people of this node: its seals, what happened, and the proof that an event is in it.

Owns: the handlers of the ledger page.
Promises: facts only, which hold no personal data; a proof is shown as a stranger would get it, with the keys to
check it by.
Never does: write; open what is sealed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.limits import NAME_CHARS_MAX
from beffroi.ground.ledger import proof
from beffroi.ground.ledger import store as ledger
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.ledger.store import StoredCheckpoint
from beffroi.ground.storage import events
from beffroi.ground.storage.events import StoredEvent
from beffroi.ground.trust.keys import Purpose

from ..web.door import Visit
from .names import Names, names

_SHOWN, _SEALS_SHOWN = 50, 5


@dataclass(frozen=True, slots=True)
class Seal:
    """One checkpoint, its root hash in base64."""

    stored: StoredCheckpoint
    root: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """Seals and events, newest first. `about`: the events of one row alone, by its id."""

    origin: str
    seals: tuple[Seal, ...]
    vkeys: tuple[str, ...]
    events: tuple[tuple[StoredEvent, int | None], ...]
    about: str
    older: int | None
    names: Names


@dataclass(frozen=True, slots=True)
class ProofView:
    """One event, where its leaf stands, and the way from the leaf to the root; None while it has none."""

    event: StoredEvent
    facts: str
    position: int | None
    size: int
    path: tuple[str, ...]
    encoded: str
    vkeys: tuple[str, ...]
    names: Names


def ledger_page(visit: Visit) -> Response:
    """The newest events and seals; those of one row, if the address asks."""
    about, below = visit.asked("about").strip()[:NAME_CHARS_MAX], visit.asked("below")
    with visit.house.read() as conn:
        events = _events(conn, about, int(below) if below.isdecimal() else None)
        shown = LedgerView(
            origin=visit.house.settings.origin,
            seals=tuple(_seal(each) for each in ledger.newest_checkpoints(conn, _SEALS_SHOWN)),
            vkeys=_vkeys(visit),
            events=tuple((event, ledger.position_of(conn, event.id)) for event in events),
            about=about,
            older=events[-1].seq if len(events) == _SHOWN else None,
            names=names(conn, visit.house.vault),
        )
    return visit.page("console_ledger.html", shown)


def event(visit: Visit) -> Response:
    """One event with its proof."""
    with visit.house.read() as conn:
        found = events.by_id(conn, visit.path("event"))
        if found is None:
            raise NotFound("no-such-event", "there is no event with this id")
        shown = _proof_view(conn, visit, found)
    return visit.page("ledger_event.html", shown)


def receipt(visit: Visit) -> Response:
    """One event with its proof as a file; whoever gets it can check it alone."""
    with visit.house.read() as conn:
        body = proof.receipt(conn, visit.path("event"))
    name = f'attachment; filename="{visit.path("event")}.json"'
    return Response(body, media_type="application/json", headers={"Content-Disposition": name})


def _events(conn: Connection, about: str, below: int | None) -> list[StoredEvent]:
    return events.newest(conn, _SHOWN, about=about, below=below)


def _proof_view(conn: Connection, visit: Visit, found: StoredEvent) -> ProofView:
    position, newest = ledger.position_of(conn, found.id), ledger.latest_checkpoint(conn)
    sealed = position is not None and newest is not None and position < newest.size
    made = proof.event_inclusion(conn, found.id) if sealed else None
    return ProofView(
        event=found,
        facts=_written(found.facts),
        position=position if sealed else None,
        size=newest.size if newest else 0,
        path=tuple(base64.b64encode(step).decode() for step in made.path) if made else (),
        encoded=made.encode() if made else "",
        vkeys=_vkeys(visit),
        names=names(conn, visit.house.vault),
    )


def _seal(stored: StoredCheckpoint) -> Seal:
    return Seal(stored, base64.b64encode(stored.root).decode())


def _vkeys(visit: Visit) -> tuple[str, ...]:
    """The keys by which others check the seals, as they configure them."""
    house = visit.house
    return tuple(key.vkey for key in log_keys(house.settings.origin, house.ring.verifying(Purpose.LEDGER)))


def _written(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True)
