"""`beffroi serve`: one node, until it is told to stop.

Owns: starting uvicorn on a composed node.
Promises: SIGTERM and Ctrl-C end it after what is under way; the first start prints the one-time link for the
administrator; standard error has the log, one JSON object a line (docs/operate.md).
Never does: read charter settings from files.
"""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from beffroi.app import application, open_node
from beffroi.flow import first_start
from beffroi.ground.kernel.log import written_to
from beffroi.settings import Settings

from ._options import settings_from
from ._server import server_of


def serve(
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")] = None,
) -> None:
    """Run a node."""
    run(settings_from(config, data=data, port=port, host=host))


def leave(_number: int, _frame: object) -> None:
    """Unwind, so that everything that was opened is closed."""
    raise SystemExit(0)


def run(settings: Settings) -> None:
    """Run a node with these settings until it is told to stop."""
    signal.signal(signal.SIGTERM, leave)  # uvicorn raises it again when it is done; then the house must close too
    with written_to(sys.stderr), open_node(settings) as node:
        link = first_start.link(node.house)
        if link is not None:
            typer.echo(
                f"First start. Create the administrator within 24 hours: {settings.public_url}/first-start/{link}"
            )
        typer.echo(f"Node at {settings.public_url}")
        server_of(application(node), settings).run()
