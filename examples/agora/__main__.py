"""`python -m examples.agora`: start the site and stay until told to stop."""

import logging
import os
import signal
import sys
import threading

import uvicorn

from .options import HOST, read_options
from .site import build


def main() -> None:
    """Serve until SIGTERM or Ctrl-C, then end with status 0."""
    options = read_options(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="agora: %(message)s")
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))  # uvicorn closes the site first, then raises the signal again
    if os.environ.get("AGORA_ENDS_WITH_STDIN"):
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    site = build(options)
    asks = f"asks the node at {options.node_url}" if options.node_url else "is a plain site: no node is connected"
    print(f"Agora at {options.public_url} {asks}", flush=True)
    uvicorn.run(site, host=HOST, port=options.port, log_level="warning", timeout_graceful_shutdown=3)


def _end_with_stdin() -> None:
    """Whoever started us holds the other end of the pipe; when it is gone, however it went, so are we."""
    while os.read(0, 1):  # unbuffered: a buffered read would be found holding its lock at exit
        pass
    os.kill(os.getpid(), signal.SIGTERM)


main()
