"""Is a node fit to be started for real? Its settings, its files, its people.

Owns: what `beffroi config check` finds.
Promises: each finding has a stable code, its place, and says what to do; a note is worth knowing and no fault; nothing
is changed, and a database that is not there yet is no fault.
Never does: repeat what a start refuses by itself (`beffroi.app`).
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.net import Blocked, Policy
from beffroi.ground.net.policy import read_url
from beffroi.ground.storage import Database, migrate
from beffroi.parties import charter
from beffroi.settings import Settings
from beffroi.staff import duties, store
from beffroi.staff.model import Person


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is a setting, a file or a duty."""

    code: str
    place: str
    message: str
    is_note: bool = False


def check(settings: Settings) -> Iterator[Finding]:
    """Everything that should be put right, then what is worth knowing."""
    found = [*of_address(settings), *of_calls(settings), *of_files(settings), *of_people(settings)]
    yield from sorted(found, key=lambda finding: finding.is_note)


def of_address(settings: Settings) -> Iterator[Finding]:
    """How the world reaches it: over TLS, under one address, through a proxy that is named."""
    listens_here = settings.host in {"127.0.0.1", "::1", "localhost"}
    if not settings.base_url and not listens_here:
        yield Finding("no-base-url", "base_url", "it listens for others: say how they reach it, https://…")
    elif settings.base_url.startswith("http://") and not settings.is_loopback:
        yield Finding("no-tls", "base_url", "people sign in over it: put a TLS proxy before it and write https://…")
    if settings.base_url.startswith("https://") and not settings.trusted_proxies:
        told = "the proxy before it is not named: everybody seems to come from one address, and shares its limits"
        yield Finding("proxy-not-named", "trusted_proxies", told)
    if settings.base_url.startswith("https://") and not listens_here and not _is_private(settings.host):
        told = (
            "it listens for everybody in plain http, past the proxy: bind it to an address that only the proxy reaches"
        )
        yield Finding("listens-past-proxy", "host", told, is_note=True)
    if "://" in settings.origin or not settings.origin.isprintable() or " " in settings.origin:
        yield Finding("odd-origin", "log_origin", "a log's name is a host and a path, such as node.example/ledger")


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private and not ip_address(host).is_unspecified
    except ValueError:
        return False


def of_calls(settings: Settings) -> Iterator[Finding]:
    """Whether its own rules for calling out let it reach its platform and its monitor."""
    policy = Policy.read(own=settings.outbound_allow)
    calls = {"hook_url": settings.hook_url, "heartbeat_url": settings.heartbeat_url.get_secret_value()}
    if settings.platform == "matrix":
        calls = {"matrix_url": settings.matrix_url, "heartbeat_url": calls["heartbeat_url"]}
        for name, value in (("matrix_url", settings.matrix_url), ("matrix_token", settings.matrix_token)):
            if not value:
                yield Finding("no-matrix-server", name, "the homeserver cannot be reached without it")
    for name, url in calls.items():
        try:
            if url:
                policy.admit(read_url(url))
        except Blocked as blocked:
            yield Finding("call-blocked", name, f"{blocked.message}: name its host:port in outbound_allow")
    if settings.hook_url and settings.platform != "matrix" and not settings.hook_secret.get_secret_value():
        yield Finding("no-hook-secret", "hook_secret", "the platform cannot tell our webhooks from anybody else's")
    if not settings.hook_url and not settings.platform:
        yield Finding("no-platform", "hook_url", "decisions are recorded, and nothing can be carried out", is_note=True)
    if not settings.heartbeat_url.get_secret_value():
        yield Finding("no-heartbeat", "heartbeat_url", "a node that is dead pages nobody", is_note=True)


def of_files(settings: Settings) -> Iterator[Finding]:
    """Whether only the node's user reaches its files."""
    own = (settings.data, settings.data / "keys", settings.data / "blobs", settings.data / "backups")
    secret = (settings.data / "vault.db", settings.data / "pepper", *sorted((settings.data / "keys").glob("*")))
    for path, wanted in [*((each, 0o700) for each in own), *((each, 0o600) for each in secret)]:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("others-can-read", str(path), f"chmod {wanted:o} {path}")


def of_people(settings: Settings) -> Iterator[Finding]:
    """Whether the duties of the node can be met by the people who are there."""
    try:
        found = _people_and_duties(settings)
    except Unavailable as failure:
        yield Finding(failure.code, "database", failure.message)
        return
    if found is None:
        yield Finding("no-people-yet", "people", "there is no database yet: start the node once", is_note=True)
        return
    yield from _of_duties(*found, demo=settings.demo)


def _people_and_duties(settings: Settings) -> tuple[list[Person], tuple[duties.Duty, ...]] | None:
    database = Database(settings.database_url)
    try:
        if database.sqlite_path is not None and not database.sqlite_path.exists():
            return None
        if migrate.current(database) is None:
            return None
        migrate.require_head(database)
        with database.read() as conn:
            two = bool(charter.get(conn, "four_eyes.standing_rule"))
            return store.everybody(conn), duties.duties(two_for_rules=two)
    finally:
        database.close()


def _of_duties(people: list[Person], owed: tuple[duties.Duty, ...], *, demo: bool) -> Iterator[Finding]:
    for missing in duties.unmet(owed, people, demo=demo):
        yield Finding("duty-unmet", missing.duty.name, _says(missing))
    for leaning in duties.leanings(owed, people, demo=demo):
        told = f"if {leaning.person} begins, nobody else can do the other part: {leaning.duty.says}"
        yield Finding("duty-leans-on-one", leaning.duty.name, told, is_note=True)


def _says(missing: duties.Unmet) -> str:
    roles = " or ".join(role.value.replace("_", " ") for role in missing.roles)
    but = f"; only {', '.join(missing.alone)}, who cannot be both" if missing.alone else ""
    another = "another " if missing.alone else "a "
    return f"{missing.duty.says}: nobody is there who holds {missing.lacks}{but}. Invite {another}{roles}"
