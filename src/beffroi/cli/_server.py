"""The web server of a node.

Owns: how uvicorn is set up, the same for every command that serves.
Promises: told to end, it ends the streams of open pages first, so that nobody waits for them.
Never does: handle a request.
"""

import socket

import uvicorn
from fastapi import FastAPI

from beffroi.settings import Settings


class Server(uvicorn.Server):
    """Ends the streams that would otherwise stay open as long as their pages."""

    def __init__(self, app: FastAPI, config: uvicorn.Config) -> None:
        """`app` is the application of a node, and what `config` serves."""
        super().__init__(config)
        self._app = app

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
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=5,
            proxy_headers=False,
        ),
    )
