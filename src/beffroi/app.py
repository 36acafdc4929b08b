"""The composition root: settings → a house with all its parts → the web application.

Owns: what is built from what, and the order of opening and closing.
Promises: one node process per SQLite database; an older schema is refused; demo and test clock only on loopback.
Never does: anything a part could do itself.
"""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI

from beffroi import __version__
from beffroi.doors.api.app import handle_errors, routes
from beffroi.doors.console.signon import RETURN_PATH
from beffroi.doors.platforms import Connector, connectors
from beffroi.doors.site import attach
from beffroi.doors.workers import Crew
from beffroi.flow.blob_store import blob_store
from beffroi.flow.changes import Changes
from beffroi.flow.house import House
from beffroi.flow.local_key import LocalKey
from beffroi.flow.reactions import settle
from beffroi.flow.spool import keys_of
from beffroi.flow.told import tell
from beffroi.flow.watch import Watch
from beffroi.ground.kernel.clock import Clock, FakeClock, SystemClock
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import random_bytes
from beffroi.ground.ledger.integrate import Integrator
from beffroi.ground.net import Outbound, Policy
from beffroi.ground.storage import Database, Reserve, Spool, Vault, Writer, effects
from beffroi.ground.storage.files import kept
from beffroi.ground.storage.lock import NodeLock
from beffroi.ground.storage.migrate import require_head
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.ring import KeyRing
from beffroi.matching.keeper import IndexKeeper
from beffroi.settings import Settings
from beffroi.signals import Decoder
from beffroi.staff.proof.id_token import Wanted
from beffroi.staff.proof.passwords import Hasher
from beffroi.staff.proof.provider import Provider, Terms


@dataclass(frozen=True)
class Node:
    """A running node: its house, its platform, its crew."""

    house: House
    connector: Connector | None
    crew: Crew


@contextmanager
def open_house(settings: Settings, clock: Clock | None = None) -> Iterator[House]:
    """A house, closed on leaving.

    Raises:
        Invalid: demo, test clock or cheap passwords anywhere but on loopback.
        Unavailable: another process holds the data, or the schema is not at head (`beffroi migrate`).

    """
    refuse_toys_off_loopback(settings)
    clock = clock or (FakeClock(SystemClock().now()) if settings.test_clock else SystemClock())
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as closing:
        database = Database(settings.database_url)
        closing.callback(database.close)
        if database.is_sqlite:
            lock = NodeLock(settings.data)
            lock.take(settings.public_url)
            closing.callback(lock.release)
        require_head(database)
        vault = Vault(settings.data / "vault.db")
        closing.callback(vault.close)
        ring = KeyRing.open(settings.data / "keys", clock)
        decoder = closing.enter_context(Decoder(settings.decoders))
        reserve = Reserve(settings.data) if database.is_sqlite else None
        writer = Writer(database, vault, clock, settle, tell, reserve)
        closing.callback(writer.close)
        spool = Spool(settings.spool_folder, keys_of(ring))
        closing.callback(spool.close)
        local_key = LocalKey(settings.data)
        closing.callback(local_key.forget)
        outbound = Outbound(Policy.read(own=settings.outbound_allow))
        yield House(
            settings=settings,
            clock=clock,
            database=database,
            vault=vault,
            blobs=blob_store(settings),
            ring=ring,
            decoder=decoder,
            index=IndexKeeper(database, clock),
            outbound=outbound,
            writer=writer,
            integrator=Integrator(database, writer, ring, settings.origin, clock),
            changes=Changes(),
            hasher=Hasher(settings.argon2),
            pepper=kept(settings.data / "pepper", lambda: random_bytes(32)),
            local_key=local_key,
            spool=spool,
            reserve=reserve,
            watch=Watch(clock),
            provider=provider_of(settings, outbound, clock),
        )


@contextmanager
def open_node(settings: Settings) -> Iterator[Node]:
    """A house with its crew at work."""
    with open_house(settings) as house:
        if house.database.is_sqlite:  # one node process: whatever was begun, its worker is dead
            house.write("law", NODE, lambda tx: effects.release_all(tx.conn))
        connector = connector_of(settings, house)
        house.spool.make_ready()
        crew = Crew(house, connector)
        crew.start()
        try:
            yield Node(house, connector, crew)
        finally:
            crew.stop()


def provider_of(settings: Settings, outbound: Outbound, clock: Clock) -> Provider | None:
    """The organisation's identity provider, or None where none is set."""
    if not settings.oidc_issuer:
        return None
    wanted = Wanted(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_algorithm, settings.oidc_acr)
    called = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    returns_to = f"{settings.public_url}{RETURN_PATH}"
    return Provider(Terms(wanted, settings.oidc_client_secret.get_secret_value(), returns_to, called), outbound, clock)


def connector_of(settings: Settings, house: House) -> Connector | None:
    """The platform's connector, or None where none is set."""
    name = settings.platform or ("webhook" if settings.hook_url else "")
    if not name:
        return None
    wanted: dict[str, dict[str, object]] = {
        "webhook": {"hook_url": settings.hook_url, "secrets": [settings.hook_secret.get_secret_value()]},
        "matrix": {
            "url": settings.matrix_url,
            "token": settings.matrix_token.get_secret_value(),
            "visitor_token": settings.matrix_visitor_token.get_secret_value() or None,
            "suspend_by": settings.matrix_suspend_by,
        },
    }
    return connectors()[name](wanted[name], house.outbound, house.clock)


def refuse_toys_off_loopback(settings: Settings) -> None:
    """Demo people, a clock that can be moved, and cheap passwords exist on this machine only."""
    toys = {"demo": settings.demo, "test_clock": settings.test_clock, "argon2": settings.argon2 == "cheap"}
    for name, is_on in toys.items():
        if is_on and not settings.is_loopback:
            raise Invalid("not-off-loopback", f"{name} is for loopback only; this node listens elsewhere", where=name)


def application(node: Node) -> FastAPI:
    """The web application of a running node: API, console, public pages."""
    house = node.house
    app = FastAPI(
        title="Beffroi",
        version=__version__,
        description="A node's JSON API. Errors are problem details (RFC 9457).",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan,
    )
    app.state.house, app.state.connector, app.state.crew = house, node.connector, node.crew
    handle_errors(app)
    app.include_router(routes())
    attach(app, house)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    screeners = app.state.house.settings.screeners
    app.state.screening = ThreadPoolExecutor(screeners, thread_name_prefix="screening")
    yield
    app.state.screening.shutdown(wait=False, cancel_futures=True)
