"""Links: where a text points to.

Owns: the signal type `url`: finding links in text, and the one way to write each (WHATWG URL Standard, by ada).
Promises: a link written with or without scheme, in capitals, with a default port, a fragment, a trailing dot, an
international name, credentials or the usual defanging (`hxxps://files[.]example/x`) has one canonical value.
Never does: fetch, resolve or shorten anything; decide that two different paths are the same page.

Two choices of ours: `http` and `https` count as one and are written `https`, and what stands before an `@` in the host
is dropped, since it changes nothing about the page and may be somebody's password.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from ada_url import URL

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import URL_CHARS_MAX, URLS_PER_TEXT_MAX

from ..digest import same_or_not
from ..model import Reading, SignalType

_SCHEMES = frozenset({"http:", "https:", "ftp:"})
_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\])"
_REST = r"[^\s<>\"“”«»]"
_LINK = re.compile(
    rf"""
    (?P<full> (?<!\w) (?:https?|hxxps?|ftp) (?::|\[:\])// {_REST}{{1,{URL_CHARS_MAX}}} )
    |
    (?<![\w@./:\-\])]) (?P<bare>
        (?P<host> (?:[\w-]{{1,63}}{_DOT}){{1,20}} (?P<last> xn--[a-z0-9-]{{2,59}} | [^\W\d_]{{2,63}} ) )
        (?![\w@-]) (?::\d{{1,5}})?
        (?P<path> [/?\#]{_REST}{{0,{URL_CHARS_MAX}}} )?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+\-]*:|(?!\S*\.)|//", re.IGNORECASE)
"""A scheme, or nothing that could be a host: without a dot before its colon it is not `files.example:8080`."""
_DEFANGED = re.compile(_DOT + r"|\[:\]|^hxxp(?=s?(?::|\[:\]))", re.IGNORECASE)
_REFANGED = {"hxxp": "http", "[:]": ":"}
_TRAILING = ".,;:!?'*_~…،؛؟。、，！？’”»)]}）」』】》"  # noqa: RUF001 - closing punctuation of many scripts
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_COMMON_DOMAINS = (
    "com net org info biz io co me to cc tv ru su ua by kz de fr uk it es pt nl be at ch se no dk fi pl cz sk hu ro"
    " bg gr eu us ca mx br ar cl au nz jp cn hk tw kr in pk bd id my sg ph th vn tr ir iq sy lb jo ps il eg ly tn dz"
    " ma sd ye sa ae qa kw om so ng ke za tk ml ga cf gq ws xyz top site online club app dev link live page blog"
    " onion"
)
_BARE_DOMAINS = frozenset(_COMMON_DOMAINS.split())
"""Last labels after which a bare host without a path counts as a link: "Ende.Dann" and "main.py" should not."""


def normalise(url: str) -> str:
    """The canonical form of a link; scheme `https` where none is written.

    Raises:
        Invalid: not a link, another scheme than http, https, ftp, or longer than `URL_CHARS_MAX`.

    """
    return parse(url)


def parse(text: str, where: str = "") -> str:
    """See `normalise`; `where` is the place in the bank file."""
    written = _refanged(text.strip())
    if len(written) > URL_CHARS_MAX:
        raise Invalid("url-too-long", f"a link has at most {URL_CHARS_MAX} characters", where=where)
    try:
        url = URL(written if _SCHEME.match(written) else f"https://{written}")
    except ValueError:
        raise Invalid("not-a-url", "not a link by the WHATWG standard", where=where) from None
    if url.protocol not in _SCHEMES or not url.hostname:
        raise Invalid("unsupported-scheme", "a link begins with http, https or ftp", where=where)
    try:
        canonical = _canonical(url)
    except ValueError:  # nothing is left of a host of dots
        raise Invalid("not-a-url", "not a link by the WHATWG standard", where=where) from None
    if len(canonical) > URL_CHARS_MAX:
        raise Invalid("url-too-long", f"a link has at most {URL_CHARS_MAX} characters", where=where)
    return canonical


def of_text(text: str) -> tuple[Reading, ...]:
    """The links in a text, each once, in order; what is not a link after all is left out.

    Only the first `URLS_PER_TEXT_MAX` different candidates are looked at.
    """
    candidates = dict.fromkeys(_links(text))
    found: dict[str, None] = {}
    for link in islice(candidates, URLS_PER_TEXT_MAX):
        with suppress(Invalid):
            found[normalise(link)] = None
    return tuple(Reading(link) for link in found)


def _links(text: str) -> Iterator[str]:
    """What looks like a link, as written, without the sentence's punctuation after it."""
    for match in _LINK.finditer(text):
        if match["full"] or _is_meant(match):
            yield _trimmed(match[0])


def _is_meant(match: re.Match[str]) -> bool:
    """Whether a host without a scheme is meant as a link, rather than a missing space or a file name."""
    host: str = match["host"]
    return bool(
        match["path"] or host.lower().startswith("www.") or match["last"] in _BARE_DOMAINS or _refanged(host) != host,
    )


def _trimmed(link: str) -> str:
    """Without trailing punctuation; a closing bracket stays if it was opened inside the link."""
    end = len(link)
    while end and link[end - 1] in _TRAILING:
        closing = link[end - 1]
        opening = _BRACKETS.get(closing)
        if opening and link.count(opening, 0, end) >= link.count(closing, 0, end):
            break
        end -= 1
    return link[:end]


def _refanged(link: str) -> str:
    return _DEFANGED.sub(lambda match: _REFANGED.get(match[0].lower(), "."), link)


def _canonical(url: URL) -> str:
    url.hash = ""
    url.username = url.password = ""
    url.hostname = url.hostname.rstrip(".")
    if not url.search:
        url.search = ""
    return re.sub("^http:", "https:", url.href)


TYPE = SignalType(name="url", parse=parse, distance=same_or_not, distance_max=1, of_text=of_text)
