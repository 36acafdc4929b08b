"""Every message of the program, and the catalogues brought up to date.

`python -m tests.unit.doors.web.catalogues` rewrites `src/beffroi/locale/*.po`: new messages come in empty, messages
that are gone go out, translations stay.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from beffroi.parties.settings import SETTINGS

SOURCE = Path(__file__).parents[4] / "src" / "beffroi"
LOCALES = SOURCE / "locale"
_MARKERS = {"N_", "_"}


def templates() -> list[Path]:
    return sorted(SOURCE.glob("doors/*/templates/**/*.html"))


def messages() -> Iterator[tuple[str, int, str | tuple[str, str]]]:
    """(file, line, message) of every marked text; a pair for singular and plural."""
    for path in templates():
        options = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
        for line, _function, message, _comments in babel_extract(
            BytesIO(path.read_bytes()), ("_", "gettext", "ngettext"), (), options
        ):
            parts = tuple(part for part in message if part) if isinstance(message, tuple) else (message,)
            if parts and parts[0]:
                yield str(path.relative_to(SOURCE)), line, parts[0] if len(parts) == 1 else parts
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKERS:
                words = ast.literal_eval(node.args[0])
                yield str(path.relative_to(SOURCE)), node.lineno, words
    for setting in SETTINGS.values():
        yield "parties/settings.py", 0, setting.words
        yield "parties/settings.py", 0, setting.decides


@cache
def extracted() -> Catalog:
    """What the program says, in the order of its files; places without line numbers, so that diffs stay small."""
    found = Catalog(project="beffroi", charset="utf-8", fuzzy=False)
    for place, _line, message in messages():
        found.add(message, locations=[(place, 0)])
    return found


def updated(language: str, old: bytes, fresh: Catalog) -> bytes:
    """The catalogue of `language` with exactly today's messages."""
    catalogue = read_po(BytesIO(old), locale=language)
    catalogue.update(fresh, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    out = BytesIO()
    write_po(out, catalogue, width=120, sort_by_file=True, include_lineno=False, omit_header=False)
    return _without_dates(out.getvalue())


def _without_dates(po: bytes) -> bytes:
    fields = rb"POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator|Language-Team"
    return re.sub(rb'"(' + fields + rb'): [^"]*"\n', b"", po)


if __name__ == "__main__":
    today = extracted()
    for po in sorted(LOCALES.glob("*.po")):
        po.write_bytes(updated(po.stem, po.read_bytes(), today))
        done = read_po(BytesIO(po.read_bytes()))
        print(po.name, len(done), "messages,", sum(1 for m in done if m.id and not m.string), "without translation")
