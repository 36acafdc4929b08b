"""The forms that change something.

Owns: signing in, posting, editing, deleting, the profile, the publishing mode; and the door for webhooks.
Promises: what is saved and the message about it to the node are one transaction, so a crash loses neither.
Never does: wait for the node longer than `ASK_DEADLINE_MS`, and in publish-then-check not at all.
"""

import secrets
import sqlite3
import unicodedata
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse

from . import hooks, restrictions, screening, store
from .guards import HOOK_PATH, PICTURE_BYTES_MAX, TOO_LARGE
from .media import media_type
from .options import MODES
from .reading import LANGUAGES, own_editable
from .sender import LEASE_S
from .visit import COOKIE, Agora, Id, Member, Visitor

router = APIRouter()

TEXT_CHARS_MAX = 10_000
NAME_CHARS_MAX = 40
BIO_CHARS_MAX = 500
ALT_CHARS_MAX = 300


@router.post("/login")
def log_in(visit: Visitor, user: Annotated[int, Form(le=2**53)] = 0, name: Annotated[str, Form()] = "") -> Response:
    """Be somebody from the list (`user`), or somebody new or known by `name`. A demo: there are no passwords."""
    token = secrets.token_urlsafe()
    with visit.agora.store.write() as db:
        person = store.user(db, user) or _by_name(db, visit.agora, _line(name, NAME_CHARS_MAX, "name"))
        store.open_session(db, token, person.id)
    _nudge(visit.agora)
    answer = _see("/")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=visit.request.url.scheme == "https")
    return answer


@router.post("/logout")
def log_out(visit: Visitor) -> Response:
    """Be nobody again."""
    with visit.agora.store.write() as db:
        store.close_session(db, visit.request.cookies.get(COOKIE, ""))
    answer = _see("/")
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/posts")
def add_post(
    member: Member,
    text: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "en",
    alt: Annotated[str, Form()] = "",
    picture: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Post a text, a picture, or both."""
    visit, user = member
    content = picture.file.read(PICTURE_BYTES_MAX + 1) if picture else b""
    kind = _picture_kind(content)
    words = _text(text, TEXT_CHARS_MAX)
    if not words and kind is None:
        raise HTTPException(422, "Write something, or choose a picture.")
    with visit.agora.store.write() as db:
        if visit.is_suspended(db, user.id):
            raise HTTPException(403, "Your account is suspended: you cannot post at present.")
        state = screening.first_state(db, asks_node=visit.agora.sender is not None)
        post_id = store.add_post(db, user.id, words, language if language in LANGUAGES else "und", state)
        if kind:
            store.add_picture(db, post_id, kind, content, _text(alt, ALT_CHARS_MAX))
        message_id = _ask(db, visit.agora, post_id, "posted", state)
    _carry(visit.agora, message_id, state)
    return _see(f"/p/{post_id}")


@router.post("/p/{post_id}/edit")
def edit_post(member: Member, post_id: Id, text: Annotated[str, Form()] = "") -> Response:
    """The next version: asked about anew, and no restriction of an older version binds it."""
    visit, user = member
    words = _text(text, TEXT_CHARS_MAX)
    with visit.agora.store.write() as db:
        post = own_editable(db, visit, post_id, user.id)
        if visit.is_suspended(db, user.id):
            raise HTTPException(403, "Your account is suspended: you cannot post at present.")
        if not words and not post.pictures:
            raise HTTPException(422, "A post needs a text or a picture.")
        state = screening.first_state(db, asks_node=visit.agora.sender is not None)
        store.edit_post(db, post_id, words, state)
        message_id = _ask(db, visit.agora, post_id, "edited", state)
    _carry(visit.agora, message_id, state)
    return _see(f"/p/{post_id}")


@router.post("/p/{post_id}/delete")
def delete_post(member: Member, post_id: Id) -> Response:
    """Its author takes it away, whatever state it is in."""
    visit, user = member
    with visit.agora.store.write() as db:
        post = store.post(db, post_id)
        if post is None or post.author.id != user.id:
            raise HTTPException(404)
        if post.state != "deleted":
            store.delete_post(db, post_id)
            if visit.agora.sender:
                screening.tell_deleted(db, post)
    _nudge(visit.agora)
    return _see(f"/u/{user.id}")


@router.post("/profile")
def change_profile(member: Member, name: Annotated[str, Form()], bio: Annotated[str, Form()] = "") -> Response:
    """A new name or bio."""
    visit, user = member
    new = (_line(name, NAME_CHARS_MAX, "name"), _text(bio, BIO_CHARS_MAX))
    with visit.agora.store.write() as db:
        if new != (user.name, user.bio):
            try:
                store.change_profile(db, user.id, *new)
            except sqlite3.IntegrityError:
                raise HTTPException(409, "Somebody else has that name.") from None
            _tell_account(db, visit.agora, user.id)
    _nudge(visit.agora)
    return _see(f"/u/{user.id}")


@router.post("/notices/{notice_id}/read")
def read_notice(member: Member, notice_id: Id) -> Response:
    """Put a notice away; it stays on the profile page."""
    visit, user = member
    with visit.agora.store.write() as db:
        restrictions.mark_read(db, user.id, notice_id)
    return _see("/")


@router.post("/settings")
def change_settings(member: Member, mode: Annotated[str, Form()]) -> Response:
    """Switch the publishing mode. In this demo anybody who is signed in may."""
    visit, _ = member
    if mode not in MODES:
        raise HTTPException(422, "There is no such mode.")
    with visit.agora.store.write() as db:
        store.set_fact(db, "mode", mode)
    return _see("/settings")


@router.post(HOOK_PATH)
async def receive_webhook(request: Request) -> Response:
    """From the node. The signature is over the raw bytes, so nothing may parse them first."""
    agora: Agora = request.app.state.agora
    if not agora.options.hook_secret:
        raise HTTPException(404)
    raw, secret = await request.body(), agora.options.hook_secret
    reply = await run_in_threadpool(hooks.receive, agora.store, secret, dict(request.headers), raw)
    return JSONResponse(reply.body, reply.status)


# ── saying it to the node ──


def _ask(db: sqlite3.Connection, agora: Agora, post_id: int, event: str, state: str) -> int | None:
    """Queue the question about a post that was just saved; None without a node."""
    post = store.post(db, post_id)
    if agora.sender is None or post is None:
        return None
    lease_s = LEASE_S if state == "waiting" else 0
    return screening.ask(db, post, agora.options.public_url, event=event, lease_s=lease_s)


def _carry(agora: Agora, message_id: int | None, state: str) -> None:
    """hold-then-publish asks while the author waits, within the deadline; otherwise the sender's thread asks."""
    if agora.sender is None or message_id is None:
        return
    if state == "waiting":
        agora.sender.ask_now(message_id, screening.ASK_DEADLINE_MS / 1000)
    agora.sender.nudge()


def _tell_account(db: sqlite3.Connection, agora: Agora, user_id: int) -> None:
    user = store.user(db, user_id)
    if agora.sender and user:
        screening.tell_account(db, user, agora.options.public_url)


def _nudge(agora: Agora) -> None:
    if agora.sender:
        agora.sender.nudge()


# ── reading forms ──


def _by_name(db: sqlite3.Connection, agora: Agora, name: str) -> store.User:
    for user in store.users(db):
        if user.name.casefold() == name.casefold():
            return user
    added = store.add_user(db, name)
    _tell_account(db, agora, added.id)
    return added


def _picture_kind(content: bytes) -> str | None:
    """The media type; None when nothing was uploaded."""
    if len(content) > PICTURE_BYTES_MAX:
        raise HTTPException(413, TOO_LARGE)
    kind = media_type(content)
    if content and kind is None:
        raise HTTPException(415, "Pictures are PNG, JPEG, GIF or WebP.")
    return kind


def _text(given: str, chars_max: int) -> str:
    """Without control characters except line breaks; the browser's CR LF becomes LF."""
    lines = given.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    if len(words) > chars_max:
        raise HTTPException(422, f"Too long: at most {chars_max} characters.")
    return words


def _line(given: str, chars_max: int, what: str) -> str:
    words = unicodedata.normalize("NFKC", " ".join(_text(given, 10 * chars_max).split()))
    if not 0 < len(words) <= chars_max:
        raise HTTPException(422, f"A {what} has 1 to {chars_max} characters.")
    return words


def _see(path: str) -> RedirectResponse:
    """After a form comes a page: reloading it posts nothing twice."""
    return RedirectResponse(path, 303)
