"""The pages that show something and change nothing.

Owns: the front page, posts and their pictures, profiles, the settings and integration pages.
Promises: a post's page and its pictures answer with the same status (`sight`), because that status is how the
node makes sure that a restriction is in force.
Never does: name a post that the visitor may not see.
"""

import sqlite3
from typing import Any

from fastapi import APIRouter, HTTPException, Response

from . import hooks, outbox, restrictions, screening, store
from .options import MODES
from .store import Post
from .visit import Id, Member, Visit, Visitor

router = APIRouter()

LANGUAGES = {"en": "English", "ar": "العربية", "de": "Deutsch", "fr": "Français", "pl": "Polski", "und": "another"}


@router.get("/health")
def health(visit: Visitor) -> dict[str, Any]:
    """Answers at once, whatever the node does."""
    sender = visit.agora.sender
    node = "none" if sender is None else {True: "up", False: "down", None: "unknown"}[sender.is_node_up]
    with visit.agora.store.read() as db:
        return {"status": "ok", "node": node, "outbox": len(outbox.queued(db))}


@router.get("/")
def front(visit: Visitor) -> Response:
    """The square."""
    with visit.agora.store.read() as db:
        posts = visit.seen(db, store.posts(db))
        may_post = visit.user is not None and not visit.is_suspended(db, visit.user.id)
    return visit.page("front.html", posts=posts, may_post=may_post, languages=LANGUAGES)


@router.get("/p/{post_id}")
def post(visit: Visitor, post_id: Id) -> Response:
    """One post: 200; 410 when it is gone; 451 where it is not shown; 404 when it is kept back or unknown."""
    with visit.agora.store.read() as db:
        found = _post(db, post_id)
        sight = visit.see(db, found)
    if sight.status == 404:
        raise HTTPException(404)
    template = "post.html" if sight.status == 200 else "tombstone.html"
    return visit.page(template, sight.status, post=found, sight=sight)


@router.get("/p/{post_id}/edit")
def edit(member: Member, post_id: Id) -> Response:
    """The form for the next version."""
    visit, user = member
    with visit.agora.store.read() as db:
        found = own_editable(db, visit, post_id, user.id)
    return visit.page("edit.html", post=found)


@router.get("/media/{picture_id}")
def media(visit: Visitor, picture_id: Id) -> Response:
    """A picture's bytes, or exactly the status of its post."""
    with visit.agora.store.read() as db:
        found = store.picture(db, picture_id)
        if found is None:
            raise HTTPException(404)
        post_id, media_type, content = found
        sight = visit.see(db, _post(db, post_id))
    if sight.status != 200:
        raise HTTPException(sight.status)
    return Response(content, media_type=media_type, headers={"Content-Security-Policy": "default-src 'none'; sandbox"})


@router.get("/u/{user_id}")
def profile(visit: Visitor, user_id: Id) -> Response:
    """Somebody's profile; 410 to others while the account is suspended or its name or bio removed."""
    is_self = visit.user is not None and visit.user.id == user_id
    with visit.agora.store.read() as db:
        person = store.user(db, user_id)
        if person is None:
            raise HTTPException(404)
        hidden = [r for r in restrictions.on(db, f"u-{user_id}", visit.at) if r.kind != "warn"]
        posts = visit.seen(db, store.posts(db, author=user_id))
    if hidden and not is_self:
        return visit.page("hidden.html", 410, restriction=hidden[0])
    return visit.page("profile.html", person=person, posts=posts, is_self=is_self, hidden=hidden)


@router.get("/login")
def login(visit: Visitor) -> Response:
    """Choose who to be."""
    with visit.agora.store.read() as db:
        return visit.page("login.html", people=store.users(db))


@router.get("/settings")
def settings(visit: Visitor) -> Response:
    """The publishing mode."""
    with visit.agora.store.read() as db:
        return visit.page("settings.html", mode=screening.mode(db), modes=MODES, charter=screening.charter(db))


@router.get("/integration")
def integration(visit: Visitor) -> Response:
    """What went to the node, what came back, what it told us: a page to learn from."""
    with visit.agora.store.read() as db:
        parts: dict[str, Any] = {
            "queued": outbox.queued(db),
            "settled": outbox.settled(db),
            "webhooks": hooks.last(db),
            "mode": screening.mode(db),
            "charter": screening.charter(db),
        }
    return visit.page("integration.html", sender=visit.agora.sender, **parts)


def _post(db: sqlite3.Connection, post_id: int) -> Post:
    found = store.post(db, post_id)
    if found is None:
        raise HTTPException(404)
    return found


def own_editable(db: sqlite3.Connection, visit: Visit, post_id: int, user_id: int) -> Post:
    """The visitor's own post, if it is public now: nobody edits what is held, removed or restricted."""
    found = _post(db, post_id)
    if found.author.id != user_id:
        raise HTTPException(404)
    sight = visit.see(db, found)
    if sight.why != "public":
        raise HTTPException(409, "This post cannot be edited while it is kept back or restricted.")
    return found
