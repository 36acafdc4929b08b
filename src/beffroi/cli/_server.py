"""The web server of a node.

Owns: how uvicorn is set up, the same for every command that serves.
Promises: told to end, it ends the streams of open pages first, so that nobody waits for them; what was there at the
start is not searched for garbage again, since one such search holds up every upload that waits.
Never does: handle a request.
"""

import gc
import socket

import uvicorn
from fastapi import FastAPI

from beffroi.settings import Settings


class Server(uvicorn.Server):
    """Sets aside what stays; ends the streams that would otherwise stay open as long as their pages."""

    def __init__(self, app: FastAPI, config: uvicorn.Config) -> None:
        """`app` is the application of a node, and what `config` serves."""
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take modules, tables and routes out of the garbage collector's sight, then listen."""
        gc.collect()
        gc.freeze()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the streams, then everything else."""
        self._app.state.streams.stop()
        await super().shutdown(sockets)


def server_of(app: FastAPI, settings: Settings) -> Server:
    """A server for the application of a node."""
    return Server(
        app,
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            log_config=None,  # its lines go where ours go
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=5,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
        ),
    )
