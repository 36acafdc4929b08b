"""What a request is made of, and for whom.

Owns: `Sent`, `Whose`, and the three plain ways to ask.
Promises: nothing is made before it is asked for.
Never does: know a route; `asks` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beffroi.ground.kernel.ids import PersonId

from .askers import Asker
from .scene import Scene


@dataclass(frozen=True)
class Sent:
    """Parts of the address, query, and body. `more` goes to the client as it is."""

    parts: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Whose:
    """For whom the request is made up: the asker, and whose the thing is."""

    scene: Scene
    who: Asker
    thing: str

    @property
    def owner(self) -> PersonId:
        """The asker, where they are a person and it is their own; else somebody who is neither."""
        own = self.who.person if self.thing == "own" else None
        return own or self.scene.somebody

    @property
    def me(self) -> PersonId:
        """The asker; somebody else stands in for who is no person, and is never let in."""
        return self.who.person or self.scene.somebody


Ask = Callable[[Whose], Sent]


def plain(query: str = "", **form: Any) -> Ask:
    """No thing is named."""
    return lambda _whose: Sent(query=query, more={"data": form} if form else {})


def json_of(**body: Any) -> Ask:
    """A JSON body."""
    return lambda _whose: Sent(more={"json": body})


def about(make: Callable[[Whose], Mapping[str, object]], absent: Mapping[str, object], **more: Any) -> Ask:
    """A thing is named in the address: what `make` makes, or what is not there; with this form, query or body."""
    query, headers, body = more.pop("query", ""), more.pop("headers", {}), more.pop("body", None)

    def ask(whose: Whose) -> Sent:
        parts = absent if whose.thing == "absent" else make(whose)
        return Sent(parts, query, body if body is not None else ({"data": more} if more else {}), headers)

    return ask
