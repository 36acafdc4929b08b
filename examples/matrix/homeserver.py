"""A real Synapse on loopback, in a folder of its own, with the module inside.

Owns: its configuration, its process, and making accounts without open registration.
Promises: nothing listens beyond loopback and nothing is federated; `close` ends the process and waits for it.
Never does: keep a secret anywhere but in its folder.
"""

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
START_S_MAX = 60


@dataclass
class Homeserver:
    """One Synapse. `module` is the module's configuration; without it Synapse runs alone."""

    folder: Path
    port: int
    module: dict[str, Any] | None = None
    name: str = "tower.example"
    more: dict[str, Any] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None

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
        if not (self.folder / "signing.key").exists():
            self._run("--generate-keys").wait(START_S_MAX)
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
        """Stop it and wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def account(self, name: str, password: str = "a heron on the weir", *, admin: bool = False) -> Client:
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
            made.raise_for_status()
            return Client(self.url, made.json()["user_id"], made.json()["access_token"])

    def guest(self) -> Client:
        """Somebody who has no account and just looks."""
        made = httpx.post(f"{self.url}/_matrix/client/v3/register?kind=guest", json={}, timeout=30, trust_env=False)
        made.raise_for_status()
        return Client(self.url, made.json()["user_id"], made.json()["access_token"])

    def _run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", "homeserver.yaml", *arguments]
        environment = os.environ | {"PYTHONPATH": str(MODULE)}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _secret(self) -> str:
        kept = self.folder / "secret"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(32))
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
            "signing_key_path": str(self.folder / "signing.key"),
            "registration_shared_secret": self._secret(),
            "macaroon_secret_key": self._secret(),
            "form_secret": self._secret(),
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "allow_guest_access": True,
            "server_notices": {"system_mxid_localpart": "notices", "room_name": "Notices of this server"},
            "rc_message": much,
            "rc_registration": much,
            "rc_login": {"address": much, "account": much, "failed_attempts": much},
            "rc_joins": {"local": much, "remote": much},
            "rc_admin_redaction": much,
            "rc_reports": much,
            "modules": modules,
        } | self.more
