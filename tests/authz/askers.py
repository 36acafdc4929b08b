"""Who asks in these tests: nobody, two machines, and one person of each role.

Owns: the columns of the matrix, and what each of them sends along to say who they are.
Promises: every question of a person comes with a session of its own, opened a moment before.
Never does: know what anybody may do.
"""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from beffroi.flow import local_key
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import sessions
from beffroi.staff.model import Method, Role
from tests.nodes import ACTOR, Running

ASKERS = ("public", "platform_key", "local_key", *(role.value for role in Role))
"""The columns, in their order."""


@dataclass(frozen=True)
class Asker:
    """One column. `person` is None for machines and the public."""

    name: str
    person: PersonId | None
    headers: dict[str, str]
    cookies: dict[str, str]


def asker(node: Running, name: str, person: PersonId | None = None) -> Asker:
    """They come to the door; `person`: somebody else of this role than the one whom the node began with."""
    if name == "public":
        return Asker(name, None, {}, {})
    if name == "platform_key":
        return Asker(name, None, node.bearer, {})
    if name == "local_key":
        token = local_key.read(node.house.settings.data)
        return Asker(name, None, {"Authorization": f"Bearer {token}"}, {})
    who = person or node.people[Role(name)]
    opened = node.house.write("law", ACTOR, lambda tx: sessions.open_session(tx, who, Method.PASSWORD_CODE))
    return Asker(name, who, {}, {sessions.cookie_name(https=False): opened.token})


def send(client: TestClient, who: Asker, method: str, path: str, headers: dict[str, str], **more: Any) -> Any:
    """What `who` sends, with nothing left over from before."""
    client.cookies.clear()
    cookie = "; ".join(f"{name}={value}" for name, value in who.cookies.items())
    sent = who.headers | headers | ({"Cookie": cookie} if cookie else {})
    return client.request(method, path, headers=sent, **more)
