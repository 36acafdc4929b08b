"""The handlers for banks, as the command line calls them while the node runs.

Owns: nothing.
Promises: the same answers as the command line gives when it holds the data itself.
Never does: decide.
"""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Path, Query
from starlette.requests import Request

from beffroi.flow import banks as flow
from beffroi.ground.kernel.ids import PersonId
from beffroi.matching.model import BankSource, BankTerms

from . import wire
from .handlers import Caller, HouseIn

Bank = Annotated[str, Path(min_length=1, max_length=500)]
_PAGE = 1000


def list_banks(house: HouseIn) -> wire.BanksOut:
    """All banks with their numbers."""
    return wire.BanksOut(banks=tuple(wire.BankOut(**flow.as_row(line)) for line in flow.lines(house)))


def create_bank(given: wire.BankIn, house: HouseIn, who: Caller) -> wire.AcceptedOut:
    """A new bank; it observes."""
    terms = BankTerms(
        name=given.name,
        purpose=given.purpose,
        source=BankSource(given.source),
        radius_bits=given.radius_bits,
        hourly_cap=given.hourly_cap,
    )
    flow.create(house, who.actor, PersonId(str(who.actor)), terms)
    return wire.AcceptedOut()


def import_entries(bank: Bank, request: Request, house: HouseIn, who: Caller) -> wire.ImportedOut:
    """Read a file into a bank: a picture, hashes, phrases, CSV or JSON lines; `X-File-Name` names it."""
    name = unquote(request.headers.get("x-file-name", "upload.txt"))[:500]
    signal_type = request.headers.get("x-signal-type")
    done = flow.import_file(house, who.actor, PersonId(str(who.actor)), bank, name, request.state.body, signal_type)
    return wire.ImportedOut(**flow.imported_row(done))


def list_entries(bank: Bank, house: HouseIn, after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0) -> wire.EntriesOut:
    """A page of entries in the order in which they came, after the cursor."""
    page = flow.page(house, bank, after, _PAGE)
    rows: tuple[dict[str, Any], ...] = tuple(flow.entry_row(entry) for entry in page.entries)
    return wire.EntriesOut(entries=tuple(wire.EntryOut(**row) for row in rows), next_after=page.next_after)


def replay(bank: Bank, house: HouseIn) -> wire.ReplayOut:
    """What the bank would have done in the last fortnight."""
    return wire.ReplayOut(**flow.replay_row(flow.replay(house, bank)))


def promote(bank: Bank, house: HouseIn, who: Caller) -> wire.AcceptedOut:
    """Let it act: from observing, or again after the brake."""
    flow.promote(house, who.actor, PersonId(str(who.actor)), bank)
    return wire.AcceptedOut()


def disable(bank: Bank, house: HouseIn, who: Caller) -> wire.AcceptedOut:
    """It matches nothing any more, at once."""
    flow.disable(house, who.actor, PersonId(str(who.actor)), bank)
    return wire.AcceptedOut()
