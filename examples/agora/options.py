"""What Agora is started with: the command line first, then the environment, then plain defaults.

Owns: `Options` and how it is put together.
Promises: secrets come from files or the environment, never from the command line, where others could read them.
Never does: reach beyond loopback; a forum without passwords is not for the open net.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MODES = ("publish-then-check", "hold-then-publish")
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """One site's settings. `node_url` None means: a plain site that asks nobody."""

    folder: Path
    port: int
    public_url: str
    node_url: str | None = None
    api_key: str = ""
    hook_secret: str = ""
    mode: str | None = None
    """A publishing mode to switch to at start; None keeps what the settings page says."""
    sample: bool = True


def read_options(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """`argv` without the program's name. Exits with status 2 and a sentence when something is missing."""
    parser = _parser()
    given = parser.parse_args(argv)
    port = given.port or int(environment.get("AGORA_PORT") or 8101)
    node_url = given.node or environment.get("AGORA_NODE_URL") or None
    api_key = _secret(given.api_key_file, environment.get("AGORA_API_KEY"))
    hook_secret = _secret(given.hook_secret_file, environment.get("AGORA_HOOK_SECRET"))
    if node_url and not (api_key and hook_secret):
        parser.error("a node needs an API key and a hook secret: --api-key-file and --hook-secret-file")
    return Options(
        folder=given.data or Path(environment.get("AGORA_DATA") or "data/agora"),
        port=port,
        public_url=(given.public_url or environment.get("AGORA_PUBLIC_URL") or f"http://{HOST}:{port}").rstrip("/"),
        node_url=node_url.rstrip("/") if node_url else None,
        api_key=api_key,
        hook_secret=hook_secret,
        mode=given.mode or environment.get("AGORA_MODE") or None,
        sample=not given.no_sample,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.agora", description="A small forum that asks a node.")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1 (AGORA_PORT; 8101)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder for agora.db (AGORA_DATA; data/agora)")
    parser.add_argument("--public-url", metavar="URL", help="how visitors reach the site (http://127.0.0.1:PORT)")
    parser.add_argument("--node", metavar="URL", help="the node to ask (AGORA_NODE_URL); without it: a plain site")
    parser.add_argument("--api-key-file", type=Path, metavar="F", help="file with the API key (or AGORA_API_KEY)")
    parser.add_argument("--hook-secret-file", type=Path, metavar="F", help="file with whsec_… (or AGORA_HOOK_SECRET)")
    parser.add_argument("--mode", choices=MODES, help="switch the publishing mode (also on the settings page)")
    parser.add_argument("--no-sample", action="store_true", help="start with an empty square")
    return parser


def _secret(path: Path | None, otherwise: str | None) -> str:
    return path.read_text().strip() if path else (otherwise or "")
