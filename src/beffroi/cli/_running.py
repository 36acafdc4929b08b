"""The node that runs on this data, asked as its operating-system user.

Owns: `running`, `RunningNode`.
Promises: it is asked with the key that only who may read its folder can show; what it refuses comes back as it said it.
Never does: start a node, or open its data.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from beffroi.flow.local_key import read as read_local_key
from beffroi.ground.kernel.errors import BeffroiError, Unavailable
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import BANK_FILE_BYTES_MAX, LOCAL_ANSWER_S_MAX
from beffroi.ground.net import Answer, Outbound, Policy
from beffroi.ground.storage.lock import NodeLock
from beffroi.settings import Settings


class RunningNode:
    """Its JSON API on loopback; paths are those of the route table, filled in.

    Each call raises:
        BeffroiError: what the node refused, with its own code and words.
        Unavailable: it failed.

    """

    def __init__(self, settings: Settings, base_url: str) -> None:
        self._outbound = Outbound(Policy.read(own=(base_url.split("//", 1)[1],)))
        self._base = base_url
        self._headers = {"Authorization": f"Bearer {read_local_key(settings.data)}"}

    def get(self, path: str) -> dict[str, Any]:
        """What stands there."""
        return _read(self._outbound.get(self._base + path, headers=self._headers, body_bytes_max=BANK_FILE_BYTES_MAX))

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Do what the route does with `body`: JSON, unless `headers` say otherwise."""
        sent = {"Content-Type": "application/json"} | self._headers | dict(headers or {})
        return _read(self._outbound.post(self._base + path, body, headers=sent, total_s=LOCAL_ANSWER_S_MAX))


def running(settings: Settings) -> RunningNode | None:
    """The node that holds this data; None while none does."""
    lock = NodeLock(settings.data)
    if settings.data.exists() and lock.is_held():
        return RunningNode(settings, lock.note())
    return None


def quoted(name: str) -> str:
    """As one part of a path."""
    return quote(name, safe="")


def _read(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = parse(answer.body) if answer.body else {}
    if answer.status >= 500:  # noqa: PLR2004 (HTTP's own number)
        raise Unavailable("node-failed", f"the node answered {answer.status}")
    if answer.status >= 400:  # noqa: PLR2004
        detail = str(said.get("detail", f"the node answered {answer.status}"))
        raise BeffroiError(str(said.get("code", "refused")), detail)
    return said
