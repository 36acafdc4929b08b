"""One visitor's request: who, from where, when, and the parts of the site they may use.

Owns: `Agora` (what the site is made of) and `Visit` (what every page is given).
Promises: a page learns of visibility only through `see` and `seen`.
Never does: change anything.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Path, Request, Response
from fastapi.templating import Jinja2Templates

from . import restrictions, sight, store
from .options import Options
from .sender import Sender
from .sight import Sight
from .store import Post, Store, User

COOKIE = "agora"
Id = Annotated[int, Path(ge=1, le=2**53)]
"""A number in an address; anything else is an address where nothing is."""


@dataclass(frozen=True, slots=True)
class Agora:
    """The whole site. Without a node there is no `sender`, and nobody is asked."""

    options: Options
    store: Store
    templates: Jinja2Templates
    sender: Sender | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One request."""

    request: Request
    agora: Agora
    user: User | None
    territory: str | None
    at: str

    def see(self, db: sqlite3.Connection, post: Post) -> Sight:
        """What this visitor may see of `post`."""
        return sight.look(
            post,
            restrictions.on(db, f"p-{post.id}", self.at),
            territory=self.territory,
            is_author=self.user is not None and self.user.id == post.author.id,
            at=self.at,
        )

    def seen(self, db: sqlite3.Connection, posts: Iterable[Post]) -> list[tuple[Post, Sight]]:
        """Those of `posts` that this visitor may see."""
        looked = ((post, self.see(db, post)) for post in posts)
        return [(post, sight) for post, sight in looked if sight.status == 200]

    def is_suspended(self, db: sqlite3.Connection, user_id: int) -> bool:
        """Whether the account may not post at present."""
        return any(each.kind == "suspend" for each in restrictions.on(db, f"u-{user_id}", self.at))

    def page(self, template: str, status: int = 200, **parts: Any) -> Response:
        """The HTML page; every template also gets the visit and the visitor's unread notices."""
        with self.agora.store.read() as db:
            notices = restrictions.notices(db, self.user.id) if self.user else []
        parts |= {"visit": self, "user": self.user, "notices": notices, "node_url": self.agora.options.node_url}
        return self.agora.templates.TemplateResponse(self.request, template, parts, status_code=status)

    def report_url(self, post: Post) -> str | None:
        """The node's public form for reporting illegal content, already naming this post."""
        options = self.agora.options
        if options.node_url is None:
            return None
        return f"{options.node_url}/notice?url={quote(f'{options.public_url}/p/{post.id}', safe='')}"


def _visit(request: Request) -> Visit:
    agora: Agora = request.app.state.agora
    territory = request.query_params.get("territory") or request.headers.get("x-demo-territory") or ""
    with agora.store.read() as db:
        user = store.session_user(db, request.cookies.get(COOKIE, ""))
    return Visit(
        request=request,
        agora=agora,
        user=user,
        territory=territory.upper() if re.fullmatch(r"[A-Za-z]{2}", territory) else None,
        at=store.stamp(store.now()),
    )


Visitor = Annotated[Visit, Depends(_visit)]


def _member(visit: Visitor) -> tuple[Visit, User]:
    if visit.user is None:
        raise HTTPException(303, headers={"Location": "/login"})
    return visit, visit.user


Member = Annotated[tuple[Visit, User], Depends(_member)]
