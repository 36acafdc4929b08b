"""The template environment, one per language and zone.

Owns: Jinja's settings, globals and filters.
Promises: everything is escaped; a name that does not exist is an error, never an empty text; a message may hold
markup, and what is put into it is escaped.
Never does: fetch; a template shows what it is handed.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from beffroi.ground.kernel.limits import QUOTE_CHARS_MAX

from .formats import Formats, clock_figure
from .icons import icon, mark
from .keys import Keymap, caps
from .languages import Language, languages
from .naming import PARTS, sign_of, words_of
from .qr import qr
from .static_files import static_url

_DOORS = ("beffroi.doors.web", "beffroi.doors.console", "beffroi.doors.public")


@lru_cache(maxsize=64)
def environment(tag: str, zone: tzinfo) -> Environment:
    """The environment that writes in the language `tag` (one of `languages`) and in `zone`."""
    language = languages()[tag]
    made = Environment(
        loader=ChoiceLoader([PackageLoader(door) for door in _DOORS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        language.texts.gettext, language.texts.ngettext, newstyle=True
    )
    made.globals.update(icon=icon, mark=mark, static=static_url, Keymap=Keymap, caps=caps, qr=qr, shown=clock_figure)
    made.globals.update(sign_of=sign_of, part_words=PARTS)
    made.filters.update(_filters(language, zone))
    return made


def _filters(language: Language, zone: tzinfo) -> dict[str, object]:
    formats = Formats(language, zone)
    return {
        "instant": formats.instant,
        "moment": formats.moment,
        "short_day": formats.short_day,
        "day": formats.day,
        "last_day": formats.last_day,
        "day_and_time": formats.day_and_time,
        "ago": formats.ago,
        "span": formats.span,
        "country": formats.country,
        "number": formats.number,
        "percent": formats.percent,
        "size": formats.size,
        "clock": clock_figure,
        "excerpt": excerpt,
        "words": lambda value: language.texts.gettext(words_of(value)),
        "marked": marked,
        "localized": lambda texts: localized(texts, language.tag),
        "localized_text": lambda texts: texts.get(language.tag, texts["en"]),
    }


def excerpt(text: str, chars_max: int = QUOTE_CHARS_MAX) -> str:
    """The beginning of somebody's words on one line."""
    line = " ".join(text.split())
    return line if len(line) <= chars_max else f"{line[: chars_max - 1].rstrip()}…"


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """Somebody's words with stretches (in characters, in order, apart) highlighted."""
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = max(at, end)
    return Markup("").join([*parts, escape(text[at:])])


def localized(texts: Mapping[str, str], tag: str) -> Markup:
    """Words of the organisation in the language `tag`; where it has none, in English, and marked as English."""
    if tag in texts:
        return escape(texts[tag])
    return Markup('<span lang="en" dir="ltr">{}</span>').format(texts["en"])
