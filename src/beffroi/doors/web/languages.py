"""Which languages the pages speak, and which one a visitor gets.

Owns: the catalogues: `src/beffroi/locale/<tag>.po`, one file per language, found by being there; English is the
source and stands in the templates themselves. `qps` and `qps-rtl` are made from it for tests and reviewers.
Promises: catalogues are compiled in memory when first used (tens of milliseconds), so no binary file can be
out of step with its source.
Never does: translate what a user or an authority wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.core import negotiate_locale, parse_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from beffroi.ground.kernel.limits import LANGUAGE_CHARS_MAX

from .pseudo import pseudo

SOURCE = "en"
PSEUDO, PSEUDO_RTL = "qps", "qps-rtl"
_FORMATS = {"en": "en_GB", PSEUDO: "en_GB", PSEUDO_RTL: "en_GB"}
_UNREVIEWED = "x-reviewed: no"


class _PseudoTranslations(NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages."""

    tag: str
    """BCP 47, as it stands in `lang` attributes."""
    name: str
    """What its speakers call it."""
    direction: str
    """`ltr` or `rtl`."""
    reviewed: bool
    """Whether somebody who speaks it has read the translation."""
    locale: Locale
    """How dates and numbers are written."""
    texts: NullTranslations


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Every language by tag, English first, pseudo-languages last."""
    found = {SOURCE: _language(SOURCE, NullTranslations(), reviewed=True)}
    for entry in sorted((files("beffroi") / "locale").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".po") and entry.name != f"{SOURCE}.po":
            tag = entry.name.removesuffix(".po")
            source = entry.read_bytes()
            found[tag] = _language(tag, compiled(source), reviewed=_UNREVIEWED.encode() not in source)
    for tag in (PSEUDO, PSEUDO_RTL):
        found[tag] = _language(tag, _PseudoTranslations(), reviewed=False)
    return found


def offered() -> tuple[Language, ...]:
    """The languages that a menu shows."""
    return tuple(each for each in languages().values() if each.tag not in (PSEUDO, PSEUDO_RTL))


def compiled(source: bytes) -> GNUTranslations:
    """A catalogue from the bytes of its `.po` file; fuzzy entries are left out."""
    binary = BytesIO()
    write_mo(binary, read_po(BytesIO(source)), use_fuzzy=False)
    binary.seek(0)
    return GNUTranslations(binary)


def choose(*wishes: str | None, accept: str | None = None) -> Language:
    """The first wish that is a language of ours, else the best of an `Accept-Language` header, else English.

    Wishes are tags in order of weight: what the address asks for, what the person set, what the browser remembers.
    """
    known = languages()
    for wish in wishes:
        if wish is not None and wish in known:
            return known[wish]
    tags = [tag.lower().replace("_", "-") for tag in known]
    best = negotiate_locale(_accepted(accept or ""), tags, sep="-")
    return known[next((tag for tag in known if tag.lower() == best), SOURCE)]


def _accepted(header: str) -> list[str]:
    """Tags of an `Accept-Language` header (RFC 9110 §12.5.4), the most wanted first; what is malformed is skipped."""
    weighed = []
    for part in header[:LANGUAGE_CHARS_MAX].split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            parse_locale(tag, sep="-")
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if weight > 0:
            weighed.append((weight, tag))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]


def _language(tag: str, texts: NullTranslations, *, reviewed: bool) -> Language:
    locale = Locale.parse(_FORMATS.get(tag, tag.replace("-", "_")))
    direction = "rtl" if tag == PSEUDO_RTL else locale.text_direction
    name = tag if tag in (PSEUDO, PSEUDO_RTL) else Locale.parse(tag.replace("-", "_")).get_display_name() or tag
    return Language(tag, name[:1].upper() + name[1:], direction, reviewed, locale, texts)
