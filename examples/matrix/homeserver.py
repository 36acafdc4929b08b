"""A real Synapse on loopback, in a folder of its own, with the module inside.

Owns: its configuration, its process, and making accounts without open registration.
Promises: nothing listens beyond loopback and nothing is federated; `close` ends the process and waits for it.
Never does: keep a secret anywhere but in its folder.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from .client import Client

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-synapse" / "bin" / "python"
MODULE = ROOT / "connectors" / "matrix-module"
START_S_MAX = 120
PASSWORD = "a heron on the weir"


@dataclass
class Homeserver:
    """One Synapse. `module` is the module's configuration; without it Synapse runs alone."""

    folder: Path
    port: int
    module: dict[str, Any] | None = None
    name: str = "tower.example"
    more: dict[str, Any] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None
    _people: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its client address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "homeserver.yaml").write_text(json.dumps(self._settings(), indent=1))
        self._process = self._run()
        until = time.monotonic() + START_S_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.close()
                raise RuntimeError(f"Synapse did not start:\n{self.log[-4000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.close()

    def close(self) -> None:
        """Stop it and wait until it is gone; hang up for everybody."""
        while self._people:
            self._people.pop().http.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def account(self, name: str, password: str = PASSWORD, *, admin: bool = False) -> Client:
        """Make an account, or sign in to it if it is there, as an administrator's script would."""
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as http:
            path = "/_synapse/admin/v1/register"
            nonce = http.get(path).json()["nonce"]
            said = "\0".join((nonce, name, password, "admin" if admin else "notadmin"))
            mac = hmac.new(self._secret().encode(), said.encode(), hashlib.sha1).hexdigest()
            body = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
            made = http.post(path, json=body)
            if made.status_code == 400:  # it is there already
                body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}}
                made = http.post("/_matrix/client/v3/login", json=body | {"password": password})
            return self._somebody(made)

    def guest(self) -> Client:
        """Somebody who has no account and just looks."""
        made = httpx.post(f"{self.url}/_matrix/client/v3/register?kind=guest", json={}, timeout=30, trust_env=False)
        return self._somebody(made)

    def _somebody(self, made: httpx.Response) -> Client:
        made.raise_for_status()
        self._people.append(Client(self.url, made.json()["user_id"], made.json()["access_token"]))
        return self._people[-1]

    def _run(self) -> "subprocess.Popen[bytes]":
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        environment = os.environ | {"PYTHONPATH": str(MODULE)}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _secret(self) -> str:
        return self._kept("secret", secrets.token_urlsafe(32))

    def _signing_key(self) -> str:
        """Path of the server's key, in the form of the signedjson library."""
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self._kept("signing.key", f"ed25519 a_{secrets.token_hex(2)} {seed}\n")
        return str(self.folder / "signing.key")

    def _kept(self, name: str, first: str) -> str:
        kept = self.folder / name
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(first)
        return kept.read_text()

    def _settings(self) -> dict[str, Any]:
        """JSON is YAML."""
        much = {"per_second": 1000, "burst_count": 1000}
        modules = [] if self.module is None else [{"module": "beffroi_synapse.Module", "config": self.module}]
        return {
            "server_name": self.name,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(self.folder / "pid"),
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client", "media"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": self._signing_key(),
            "registration_shared_secret": self._secret(),
            "macaroon_secret_key": self._secret(),
            "form_secret": self._secret(),
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "allow_guest_access": True,
            # A new database is brought up to date in steps with a pause of a second after each, and until then files
            # are not quarantined by their bytes.
            "background_updates": {"sleep_enabled": False},
            "server_notices": {
                "system_mxid_localpart": "notices",
                "room_name": "Notices of this server",
                "auto_join": True,
            },
            "rc_message": much,
            "rc_room_creation": much,
            "rc_media_create": much,
            "rc_registration": much,
            "rc_login": {"address": much, "account": much, "failed_attempts": much},
            "rc_joins": {"local": much, "remote": much},
            "rc_admin_redaction": much,
            "rc_reports": much,
            "modules": modules,
        } | self.more
