"""`beffroi demo`: a platform node and a small hosting site, with sample data, on this machine.

Owns: starting both and ending both.
Promises: a second start keeps the data; Ctrl-C ends every process; nothing listens beyond loopback.
Never does: run where the node would be reachable from elsewhere.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from beffroi.app import application, open_node
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.flow import sample
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.storage.files import write_private
from beffroi.settings import Settings

from ._server import Server, server_of
from .serve import leave

_SITE = Path(__file__).resolve().parents[3] / "examples" / "agora"
_SITE_STOPS_S = 5


def demo(
    data: Annotated[Path, typer.Option(help="Folder for the demo's data.")] = Path("beffroi-demo"),
    port: Annotated[int, typer.Option(min=1, max=65534, help="Port of the node; the site takes the next one.")] = 8100,
    browser: Annotated[bool, typer.Option(help="Open the pages in a browser.")] = True,
) -> None:
    """Start a node and a small forum with sample data, on loopback."""
    began = SystemClock().monotonic()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for taken in (port, port + 1):
        _refuse_taken(taken)
    signal.signal(signal.SIGTERM, leave)  # until the server takes over: what was started must be stopped
    settings = _settings(data, port)
    with open_node(settings) as node:
        pictures = _draw_pictures(data)
        told = sample.fill(node.house, (pictures / "lantern-poster.png").read_bytes() if pictures else None)
        site = _start_site(settings, data, port + 1, told.api_key)
        server = server_of(application(node), settings)
        threading.Thread(target=_announce, args=(server, settings, port, told, began, browser), daemon=True).start()
        try:
            server.run()
        finally:
            _stop_site(site)


def _settings(data: Path, port: int) -> Settings:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = data / "hook-secret"
    if not secret.exists():
        write_private(secret, fresh_secret().encode())
    return Settings(
        data=data / "node",
        port=port,
        demo=True,
        hook_url=f"http://127.0.0.1:{port + 1}/hooks/beffroi",
        hook_secret=secret.read_text(),  # type: ignore[arg-type]
        outbound_allow=(f"127.0.0.1:{port + 1}",),
    )


def _start_site(settings: Settings, data: Path, port: int, api_key: str) -> "subprocess.Popen[bytes] | None":
    """The forum as a process of its own, as a real platform would be."""
    if not _SITE.is_dir():
        typer.echo("The demo site is not part of this installation; the node runs alone.", err=True)
        return None
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "AGORA_NODE_URL": settings.public_url,
        "AGORA_API_KEY": api_key,
        "AGORA_HOOK_SECRET": settings.hook_secret.get_secret_value(),
        "AGORA_DATA": str((data / "agora").resolve()),
        "AGORA_PORT": str(port),
        "AGORA_ENDS_WITH_STDIN": "1",  # however the node ends, the pipe closes and the site goes too
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "examples.agora"], cwd=_SITE.parents[1], env=environment, stdin=subprocess.PIPE
    )


def _draw_pictures(data: Path) -> Path | None:
    """A picture to bank and a near copy of it to post; None where the demo site is not installed."""
    folder = (data / "pictures").resolve()
    if _SITE.is_dir() and not folder.exists():
        command = [sys.executable, "-m", "examples.agora.pictures", str(folder)]
        subprocess.run(command, cwd=_SITE.parents[1], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return folder if folder.exists() else None


def _stop_site(site: "subprocess.Popen[bytes] | None") -> None:
    if site is None or site.poll() is not None:
        return
    site.send_signal(signal.SIGTERM)
    try:
        site.wait(_SITE_STOPS_S)
    except subprocess.TimeoutExpired:
        site.kill()
        site.wait()


def _announce(
    server: Server,
    settings: Settings,
    port: int,
    told: sample.Told,
    began: float,
    browser: bool,
) -> None:
    """Print the addresses once both answer."""
    site = f"http://127.0.0.1:{port + 1}"
    while not (server.started and _listens(port + 1)):
        if server.should_exit:
            return
        time.sleep(0.1)
    typer.echo(f"\n  The site   {site}\n  The node   {settings.public_url}/console")
    typer.echo("  Sign in as " + ", ".join(f"{person.email} ({person.role})" for person in told.people))
    typer.echo(f"  with the password  {told.password}")
    typer.echo(f"  A picture to post: {settings.data.parent / 'pictures' / 'lantern-poster-copy.jpg'}")
    typer.echo(f"\n  Ready after {SystemClock().monotonic() - began:.1f} s. Ctrl-C ends both.\n")
    if browser and sys.stdout.isatty():
        webbrowser.open(site)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refuse_taken(port: int) -> None:
    if _listens(port):
        raise Unavailable("port-taken", f"something listens on port {port} already; choose another with --port")
