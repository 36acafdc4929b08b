"""The route table of the JSON API: method, path, permission, limit, handler.

Owns: the table.
Promises: what is not here does not exist; every row names its permission (None: open to everybody) and rate.
Never does: contain code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from beffroi.ground.kernel.limits import BANK_FILE_BYTES_MAX, MEDIA_BYTES_MAX
from beffroi.staff.permissions import Permission as P

from . import banks, handlers, metrics, order_wire, orders, register, threats, wire


@dataclass(frozen=True, slots=True)
class Route:
    """One row. `refuses`: statuses it may answer beside its own, 401, 403, 422 and 429 where they apply."""

    method: str
    path: str
    permission: P | None
    rate: str
    handler: Callable[..., Any]
    answer: Any
    status: int = 200
    refuses: tuple[int, ...] = ()
    body: bool = True
    raw_bytes_max: int = 0
    """Over 0: the body is a file of at most this size, not JSON."""
    text: bool = False
    """The answer is plain text; `answer` is None."""


_MACHINE = "60000/minute"
"""A thousand a second per key and path: a broken loop is stopped, a busy platform is held back by the queue (429)."""
_PUBLIC = "60/minute"
_CHANGES = (404, 409, 413, 415, 503)
"""What a command on one thing may be refused with."""

ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", None, "600/minute", handlers.health, wire.HealthOut, 200, (503,), body=False),
    Route("GET", "/metrics", P.METRICS_READ, "600/minute", metrics.metrics, None, body=False, text=True),
    Route("POST", "/api/v1/screen", P.SCREENING_ASK, _MACHINE, handlers.screen, wire.VerdictOut, 200, (404, 409, 413, 415, 503)),
    Route("POST", "/api/v1/screen/batch", P.SCREENING_ASK, _MACHINE, handlers.screen_batch, wire.BatchOut, 200, (413, 415, 503)),
    Route("GET", "/api/v1/backfill/{name}", P.SCREENING_ASK, _MACHINE, handlers.backfill_status, wire.BackfillOut, 200, (), body=False),
    Route("PUT", "/api/v1/backfill/{name}", P.SCREENING_ASK, _MACHINE, handlers.backfill, wire.BackfillOut, 200, (413, 415, 503)),
    Route("POST", "/api/v1/media", P.MEDIA_UPLOAD, _MACHINE, handlers.upload, wire.BlobOut, 201, (413, 415, 503), raw_bytes_max=MEDIA_BYTES_MAX),
    Route("POST", "/api/v1/events", P.PLATFORM_EVENTS_REPORT, _MACHINE, handlers.platform_event, wire.AcceptedOut, 200, (404, 413, 415, 503)),
    Route("POST", "/api/v1/notices", P.NOTICES_SUBMIT, "600/minute", handlers.notice, wire.NoticeOut, 201, (413, 415, 503)),
    Route("GET", "/api/v1/charter", P.CHARTER_READ, _MACHINE, handlers.charter_settings, wire.CharterOut, body=False),
    Route("GET", "/api/v1/banks", P.BANKS_READ, _MACHINE, banks.list_banks, wire.BanksOut, body=False),
    Route("POST", "/api/v1/banks", P.BANKS_MANAGE, _MACHINE, banks.create_bank, wire.AcceptedOut, 201, (409, 413, 415, 503)),
    Route("GET", "/api/v1/banks/{bank}/entries", P.BANKS_READ, _MACHINE, banks.list_entries, wire.EntriesOut, 200, (404,)),
    Route("POST", "/api/v1/banks/{bank}/entries", P.ENTRIES_MANAGE, _MACHINE, banks.import_entries, wire.ImportedOut, 200, (404, 413, 415, 503), raw_bytes_max=BANK_FILE_BYTES_MAX),
    Route("GET", "/api/v1/banks/{bank}/replay", P.BANKS_READ, _MACHINE, banks.replay, wire.ReplayOut, 200, (404,)),
    Route("POST", "/api/v1/banks/{bank}/promote", P.BANKS_PROMOTE, _MACHINE, banks.promote, wire.AcceptedOut, 200, (404, 409, 503)),
    Route("POST", "/api/v1/banks/{bank}/disable", P.BANKS_MANAGE, _MACHINE, banks.disable, wire.AcceptedOut, 200, (404, 409, 503)),
    Route("GET", "/api/v1/register", P.REGISTER_READ, _MACHINE, register.list_authorities, register.RegisterOut, body=False),
    Route("POST", "/api/v1/register", P.REGISTER_MANAGE, _MACHINE, register.add_authority, register.AuthorityOut, 201, (404, 413, 415, 503)),
    Route("POST", "/api/v1/register/{authority}/verify", P.REGISTER_MANAGE, _MACHINE, register.verify_authority, register.AuthorityOut, 200, (404, 409, 413, 415, 503)),
    Route("POST", "/api/v1/register/{authority}/end", P.REGISTER_MANAGE, _MACHINE, register.end_authority, register.AuthorityOut, 200, (404, 409, 413, 415, 503)),
    Route("POST", "/api/v1/orders", P.ORDERS_SUBMIT, _MACHINE, orders.receive_order, order_wire.ReceivedOut, 201, (413, 415, 503)),
    Route("GET", "/api/v1/orders", P.ORDERS_READ, _MACHINE, orders.list_orders, order_wire.OrdersOut, body=False),
    Route("GET", "/api/v1/orders/{order}", P.ORDERS_READ, _MACHINE, orders.show_order, order_wire.OrderOut, 200, (404,), body=False),
    Route("POST", "/api/v1/orders/{order}/answered", P.ORDERS_SUBMIT, _MACHINE, orders.answered_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/told", P.ORDERS_SUBMIT, _MACHINE, orders.told_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/execute", P.ORDERS_ANSWER, _MACHINE, orders.execute_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/found", P.ORDERS_ANSWER, _MACHINE, orders.found_items, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/clarify", P.ORDERS_ANSWER, _MACHINE, orders.clarify_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/impossible", P.ORDERS_ANSWER, _MACHINE, orders.impossible_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/call-back", P.ORDERS_ANSWER, _MACHINE, orders.call_back_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/reroute", P.ORDERS_ANSWER, _MACHINE, orders.reroute_order, order_wire.OrderOut, 200, _CHANGES),
    Route("POST", "/api/v1/orders/{order}/lapse", P.ORDERS_ANSWER, _MACHINE, orders.lapse_order, order_wire.OrderOut, 200, _CHANGES),
    Route("GET", "/api/v1/threats", P.THREATS_READ, "600/minute", threats.list_threats, wire.ThreatsOut, body=False),
    Route("GET", "/api/v1/threats/{threat}", P.THREATS_READ, "600/minute", threats.show_threat, wire.ThreatOut, 200, (404,), body=False),
    Route("GET", "/api/v1/policies", None, _PUBLIC, handlers.policies, wire.PoliciesOut, body=False),
    Route("GET", "/api/v1/organisation", None, _PUBLIC, handlers.organisation, wire.OrganisationOut, 200, (404,), body=False),
)  # fmt: skip
