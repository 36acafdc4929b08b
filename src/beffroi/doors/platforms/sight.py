"""How an address looks to a logged-out visitor.

Owns: one look without cookies and credentials, past caches, and what it means for what was expected.
Promises: only a plain answer is a proof: 404, 410 and 451 say "not visible", 200 at the address itself says
"visible"; a login page, a consent wall, a time-out or an error prove nothing and are called not verifiable.
Never does: read the page; a "removed" notice under status 200 is a visible page by the contract.
"""

from typing import Final

from beffroi.actions.model import Verification
from beffroi.ground.kernel.errors import BeffroiError
from beffroi.ground.kernel.limits import SIGHT_REDIRECTS_MAX, SIGHT_TOTAL_S_MAX
from beffroi.ground.net import Outbound
from beffroi.ground.net.policy import Target, read_url

from .capabilities import Expect, Sighting

_GONE: Final = frozenset({404, 410, 451})
_OK: Final = 200
_PAST_CACHES: Final = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Accept": "text/html,*/*;q=0.8"}
_REDIRECTED: Final = "redirected"


def look(outbound: Outbound, url: str, expect: Expect, *, total_s: float = SIGHT_TOTAL_S_MAX) -> Sighting:
    """Whether `url` looks as expected from where this node stands."""
    try:
        answer = outbound.get(url, headers=_PAST_CACHES, follow=SIGHT_REDIRECTS_MAX, body_bytes_max=0, total_s=total_s)
        moved = not _same_page(read_url(url), read_url(answer.url))
    except BeffroiError as error:
        return Sighting(Verification.NOT_VERIFIABLE, error.code)
    return judge(answer.status, expect, moved=moved)


def look_from(
    outbound: Outbound, url: str, expect: Expect, territories: tuple[str, ...], vantage: str | None
) -> Sighting:
    """`look` for a restriction that holds only in `territories`, from a node whose connections come out in `vantage`.

    From outside them nothing can be seen of the restriction; from inside, one country speaks for itself alone.
    """
    if territories and vantage not in territories:
        return Sighting(Verification.NOT_VERIFIABLE, "seen-from-elsewhere")
    seen = look(outbound, url, expect)
    if seen.verification is Verification.VERIFIED and len(territories) > 1:
        return Sighting(Verification.NOT_VERIFIABLE, f"seen-from-{vantage}-only")
    return seen


def judge(status: int, expect: Expect, *, moved: bool) -> Sighting:
    """What an answer with `status` proves; `moved` if it came from another page than the one asked for. Pure."""
    if status == _OK and moved:
        return Sighting(Verification.NOT_VERIFIABLE, _REDIRECTED)
    reason = f"status-{status}"
    if status == _OK:
        fits = expect is Expect.VISIBLE
        return Sighting(Verification.VERIFIED if fits else Verification.STILL_VISIBLE, reason)
    if status in _GONE:
        fits = expect is Expect.NOT_VISIBLE
        return Sighting(Verification.VERIFIED if fits else Verification.STILL_HIDDEN, reason)
    return Sighting(Verification.NOT_VERIFIABLE, reason)


def _same_page(asked: Target, got: Target) -> bool:
    """The same but for https, `www.` and a slash at the end, which sites like to set right by a redirect."""
    return _page(asked) == _page(got)


def _page(target: Target) -> tuple[str, str]:
    return target.host.removeprefix("www."), target.path.rstrip("/")
