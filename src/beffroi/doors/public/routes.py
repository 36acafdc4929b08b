"""The table of the public pages: method, path, permission (none: they are for everybody), rate, handler.

Owns: the table.
Promises: what is not here does not exist.
Never does: contain code.
"""

from ..web.door import OPEN, Route
from . import pages, receipt

_READ, _WRITE, _TILES = "120/minute", "10/minute", "6000/minute"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", OPEN, _READ, pages.front),
    Route("GET", "/s/{token}", OPEN, _READ, pages.statement),
    Route("GET", "/w/{token}", OPEN, _READ, receipt.receipt),
    Route("POST", "/w/{token}", OPEN, _READ, receipt.confirm),
    Route("GET", "/contact", OPEN, _READ, pages.contact),
    Route("GET", "/report", OPEN, _READ, pages.report_form),
    Route("POST", "/report", OPEN, _WRITE, pages.report),
    Route("GET", "/report/{token}", OPEN, _READ, pages.report_status),
    Route("GET", "/policies", OPEN, _READ, pages.policies),
    Route("GET", "/transparency", OPEN, _READ, pages.transparency),
    Route("GET", "/transparency/settings.json", OPEN, _READ, pages.transparency_json),
    Route("GET", "/ledger", OPEN, _READ, pages.ledger),
    Route("GET", "/ledger/{path:path}", OPEN, _TILES, pages.ledger_file),
)
