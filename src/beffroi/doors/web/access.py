"""Who asks: from a request to a `Principal`, once, before any handler.

Owns: the dependencies by which routes authorise, and the rate limit per caller.
Promises: deny by default: a route without a permission is open on purpose and says so in its table;
a key in the header wins over a cookie, and a cookie never opens the JSON API.
Never does: know what is behind a route.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from limits import RateLimitItem
from limits import parse as parse_rate
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from beffroi.flow.house import House
from beffroi.ground.kernel.errors import TooMany, Unauthenticated
from beffroi.ground.kernel.ids import KeyId
from beffroi.ground.storage import Tx
from beffroi.staff import keys
from beffroi.staff.permissions import PUBLIC, Permission, Principal, authorise
from beffroi.staff.permissions import Permission as P

LOCAL = Principal(
    "key",
    "local",
    permissions=frozenset(
        {
            P.BANKS_READ,
            P.BANKS_MANAGE,
            P.BANKS_PROMOTE,
            P.ENTRIES_MANAGE,
            P.HEALTH_READ,
            P.METRICS_READ,
            P.ORDERS_ANSWER,
            P.ORDERS_READ,
            P.ORDERS_SUBMIT,
            P.REGISTER_MANAGE,
            P.REGISTER_READ,
            P.THREATS_READ,
        }
    ),
)
"""The command line of the machine's own user, while the node runs; see `flow.local_key`."""
_LIMITER = FixedWindowRateLimiter(MemoryStorage())
"""Fixed windows count one number per caller; a moving window would keep every request of a busy platform."""


def house_of(request: Request) -> House:
    """The house behind this application."""
    house: House = request.app.state.house
    return house


def key_principal(request: Request) -> Principal:
    """The machine behind `Authorization: Bearer …`; the public without it.

    Raises:
        Unauthenticated: the key is malformed, unknown, revoked or expired.

    """
    header = request.headers.get("authorization")
    if header is None:
        return PUBLIC
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("bad-authorization", "send Authorization: Bearer <api key>")
    house = house_of(request)
    if house.local_key.fits(token.strip()):
        return LOCAL
    with house.read() as conn:
        shown = keys.check(conn, token.strip(), house.clock.now())
    if shown.note_due:
        house.writer.submit("bulk", shown.principal.actor, partial(_note_use, shown.principal.id))
    return shown.principal


def _note_use(key: str, tx: Tx) -> None:
    keys.note_use(tx, KeyId(key))


def allow(permission: Permission | None, rate: str) -> Callable[[Request], Principal]:
    """A check that lets those through who hold `permission` (None: everybody), `rate` times per caller."""
    _rate(rate)  # a wrong rate is found when the table is read

    def check(request: Request) -> Principal:
        principal = key_principal(request)
        if permission is not None:
            authorise(principal, permission)
        spend(request, principal, rate, request.url.path)
        return principal

    return check


@lru_cache(maxsize=64)
def _rate(words: str) -> RateLimitItem:
    return parse_rate(words)


def spend(request: Request, principal: Principal, rate: str, what: str) -> None:
    """Count this request against `rate`, per caller (person, key, or address) and thing asked for.

    Raises:
        TooMany: the rate is used up.

    """
    limit = _rate(rate)
    caller = principal.id or (request.client.host if request.client else "unknown")
    if not _LIMITER.hit(limit, house_of(request).settings.public_url, what, caller):
        raise TooMany("too-many-requests", f"at most {rate} here", retry_after_s=limit.get_expiry())
