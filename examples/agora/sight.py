"""Who sees what: one pure function, asked for every post and every picture.

Owns: `look`, and through it the HTTP status by which a node checks that a restriction is in force.
Promises: the page of a post and the bytes of its pictures always get the same answer.
Never does: store visibility. It follows from state, restrictions, visitor and clock, so a hold ends by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .restrictions import Restriction
from .store import Post


@dataclass(frozen=True, slots=True)
class Sight:
    """What a visitor gets: `status` 200, 404, 410 or 451, why, and where the statement of reasons stands."""

    status: int
    why: str
    """public, waiting, held, refused, deleted, removed, disabled, territory."""
    statement_url: str | None = None
    until: str | None = None
    labels: tuple[Restriction, ...] = ()


def look(post: Post, restrictions: Sequence[Restriction], *, territory: str | None, is_author: bool, at: str) -> Sight:
    """What somebody in `territory` (None: nowhere special) may see of `post` at the instant `at`.

    `restrictions` are those in force at `at`. The strongest wins: gone everywhere, then kept back, then
    kept from a territory. Only the author sees what is kept back, and why.
    """
    if post.state == "deleted":
        return Sight(410, "deleted")
    for restriction in restrictions:
        if restriction.kind in {"remove", "disable"} and restriction.territories is None:
            return Sight(410, f"{restriction.kind}d", restriction.statement_url, restriction.until)
    kept_back = _kept_back(post, restrictions, is_author=is_author, at=at)
    if kept_back:
        return kept_back
    for restriction in restrictions:
        if territory and territory in (restriction.territories or ()):
            return Sight(451, "territory", restriction.statement_url, restriction.until)
    return Sight(200, "public", labels=tuple(r for r in restrictions if r.kind == "label"))


def _kept_back(post: Post, restrictions: Sequence[Restriction], *, is_author: bool, at: str) -> Sight | None:
    status = 200 if is_author else 404
    for restriction in restrictions:
        if restriction.kind == "hold":
            return Sight(status, "held", restriction.statement_url, restriction.until)
    if post.state == "held" and (post.held_until is None or at < post.held_until):
        return Sight(status, "held", post.statement_url, post.held_until)
    if post.state in {"waiting", "refused"}:
        return Sight(status, post.state, post.statement_url)
    return None
