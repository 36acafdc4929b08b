"""Bank files: read line by line, and written so that reading gives the same.

Owns: the forms of a bank file: a picture; one value a line; CSV with a header; JSON lines.
Promises: every line becomes an entry or stands in the list of refused ones with its number and the reason; nothing
is lost in silence; a list written here reads back equal, and no cell of it is a formula to a spreadsheet.
Never does: decode a picture itself (`read_picture` is handed in), write to the database, guess between two types of
the same shape: 64 hex digits are asked for as `sha256:…` or `pdq:…`, or by the name of the type.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, TypeVar

from beffroi.ground.kernel import json as strict_json
from beffroi.ground.kernel.errors import Invalid, TooLarge
from beffroi.ground.kernel.limits import BANK_FILE_BYTES_MAX, BANK_LINE_BYTES_MAX, IMPORT_ROWS_MAX
from beffroi.signals import registry
from beffroi.signals.model import Extracted

from . import rules
from .model import EntryGiven, Opinion

COLUMNS = ("type", "value", "opinion", "labels", "note", "description", "strain")
PICTURE_TYPES = ("pdq", "sha256")
"""What an imported picture leaves in a bank: how it looks, and the very file."""
_MD5_DIGITS, _AMBIGUOUS_DIGITS = 32, 64
_HEX = re.compile(r"[0-9a-fA-F]+")
_PREFIXED = re.compile(r"(\w+):(?!//)\s*(.+)", re.DOTALL)
_LINK = re.compile(r"h(?:tt|xx)ps?://\S+", re.IGNORECASE)
_SNIFF_BYTES = 4096
_NOTE_CHARS_MAX = 200
_DIGITS_MAX = 4
_FORMULA = "=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20"
_BEGINS = r"(?<![^;\t\r\n])"
_FORMULA_BEGINS = re.compile(rf"{_BEGINS}(?='*[{_FORMULA}])")
_QUOTED_FORMULA = re.compile(rf"{_BEGINS}'(?='*[{_FORMULA}])")
"""Where a spreadsheet would begin to calculate: at the beginning of a cell, and of what other locales take for one
(ASVS 5.0 1.2.10). Writing puts one apostrophe before it, reading takes one away."""
_LIST_SUFFIXES = frozenset({".csv", ".json", ".jsonl", ".ndjson", ".txt"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that became no entry: its number from 1 (0: the file as a whole), a code, a sentence."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds."""

    rows: tuple[EntryGiven, ...]
    refused: tuple[Refused, ...]


def parse(
    name: str,
    content: bytes,
    read_picture: Callable[[bytes], Extracted],
    *,
    signal_type: str | None = None,
    quality_min: int = 50,
) -> Parsed:
    """The entries in a file called `name`; `signal_type` says what plain lines are, where they do not say it.

    `read_picture` gives the signals of a picture's bytes; hashes of flat pictures (PDQ quality under `quality_min`)
    are refused, since they are near to every other flat picture.

    Raises:
        TooLarge: the file is over `BANK_FILE_BYTES_MAX`.
        Invalid: `signal_type` names none.

    """
    if len(content) > BANK_FILE_BYTES_MAX:
        raise TooLarge("bank-file-too-large", f"the file is {len(content)} bytes; the limit is {BANK_FILE_BYTES_MAX}")
    suffix = PurePath(name).suffix.lower()
    if suffix not in _LIST_SUFFIXES and not _is_text(content):
        return _picture(name, read_picture(content), quality_min)
    implied = signal_type or (suffix[1:] if suffix[1:] in registry.TYPES else None)
    if implied is not None:
        registry.type_named(implied, "signal_type")
    return _collected(_read_list(content, suffix, implied))


def pieces(rows: Iterable[T], size: int = IMPORT_ROWS_MAX) -> Iterator[list[T]]:
    """The rows in lists short enough for one transaction each."""
    rest = iter(rows)
    while piece := list(islice(rest, size)):
        yield piece


def to_csv(entries: Iterable[EntryGiven]) -> Iterator[str]:
    """Lines of CSV, the header first; `parse` reads them back equal."""
    for row in chain([COLUMNS], map(_cells, entries)):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow(row)
        yield buffer.getvalue()


def to_json_lines(entries: Iterable[EntryGiven]) -> Iterator[str]:
    """Lines of JSON; `parse` reads them back equal."""
    for entry in entries:
        fields = {column: getattr(entry, column) for column in COLUMNS}
        yield json.dumps(fields | {"labels": list(entry.labels)}, ensure_ascii=False) + "\n"


def _collected(lines: Iterable[EntryGiven | Refused]) -> Parsed:
    rows: list[EntryGiven] = []
    refused: list[Refused] = []
    for line in lines:
        if isinstance(line, Refused):
            refused.append(line)
        else:
            rows.append(line)
    return Parsed(tuple(rows), tuple(refused))


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────


def _is_text(content: bytes) -> bool:
    head = content[:_SNIFF_BYTES]
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.end == len(head) == _SNIFF_BYTES  # a letter cut in two by our own looking
    return True


def _picture(name: str, read: Extracted, quality_min: int) -> Parsed:
    if read.undecodable:
        return Parsed((), (Refused(0, read.undecodable[0].reason, "the picture could not be decoded"),))
    signals = [signal for signal in read.signals if signal.type in PICTURE_TYPES]
    flat = [signal for signal in signals if signal.quality is not None and signal.quality < quality_min]
    note = PurePath(name).name[:_NOTE_CHARS_MAX]
    rows = tuple(EntryGiven(signal.type, signal.value, note=note) for signal in signals if signal not in flat)
    reason = f"too little in the picture: PDQ quality under {quality_min}"
    return Parsed(rows, tuple(Refused(0, "flat-picture", reason) for _ in flat))


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────


def _read_list(content: bytes, suffix: str, implied: str | None) -> Iterator[EntryGiven | Refused]:
    """Every line of a list, in whichever form it is."""
    lines = list(_decoded(content))
    first = next((line for _, line in lines if isinstance(line, str) and line.strip()), "")
    if suffix == ".csv":
        return _read_csv(lines, implied)
    if suffix in {".json", ".jsonl", ".ndjson"} or first.lstrip().startswith("{"):
        return _each_line(lines, lambda text: _from_json(text, implied))
    return _each_line(lines, lambda text: _from_plain(text, implied))


def _decoded(content: bytes) -> Iterator[tuple[int, str | Refused]]:
    """Lines with their numbers; what is too long or no UTF-8 is refused."""
    for number, raw in enumerate(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), start=1):
        if len(raw) > BANK_LINE_BYTES_MAX:
            yield number, Refused(number, "line-too-long", f"a line has at most {BANK_LINE_BYTES_MAX} bytes")
            continue
        try:
            yield number, raw.decode()
        except UnicodeDecodeError:
            yield number, Refused(number, "not-utf-8", "the line is not UTF-8")


def _each_line(
    lines: Iterable[tuple[int, str | Refused]], read: Callable[[str], EntryGiven | None]
) -> Iterator[EntryGiven | Refused]:
    for number, line in lines:
        if isinstance(line, Refused):
            yield line
        elif line.strip():
            yield from _attempt(number, partial(read, line.strip()))


def _attempt(number: int, make: Callable[[], EntryGiven | None]) -> Iterator[EntryGiven | Refused]:
    try:
        made = make()
    except (Invalid, TooLarge) as refusal:
        yield Refused(number, refusal.code, refusal.message)
    else:
        if made is not None:
            yield made


def _from_plain(text: str, implied: str | None) -> EntryGiven | None:
    """One value a line: `pdq:…` and the like, MD5 digests, links, or else a phrase; `# ` begins a remark."""
    if implied is not None:
        return rules.examine_entry(EntryGiven(implied, text))
    if text.startswith("# "):
        return None
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed is not None and prefixed[1] in registry.TYPES:
        return rules.examine_entry(EntryGiven(prefixed[1], prefixed[2]))
    if _HEX.fullmatch(text) and len(text) == _AMBIGUOUS_DIGITS:
        raise Invalid("ambiguous-hash", "64 hex digits: say sha256:… or pdq:…, or name the type")
    if _HEX.fullmatch(text) and len(text) == _MD5_DIGITS:
        return rules.examine_entry(EntryGiven("md5", text))
    return rules.examine_entry(EntryGiven("url" if _LINK.fullmatch(text) else "phrase", text))


def _from_json(text: str, implied: str | None) -> EntryGiven:
    value = strict_json.parse(text.encode(), size_max=BANK_LINE_BYTES_MAX)
    if not isinstance(value, dict):
        raise Invalid("not-an-object", "a line of JSON holds one object")
    unknown = sorted(value.keys() - set(COLUMNS))
    if unknown:
        raise Invalid("unknown-key", f"{unknown[0][:40]!r} is no key of an entry", where=unknown[0][:40])
    return _from_fields(value, implied)


def _read_csv(lines: Iterable[tuple[int, str | Refused]], implied: str | None) -> Iterator[EntryGiven | Refused]:
    """Rows under a header with `value`; without one the columns are type, value, labels."""
    undecoded: list[Refused] = []
    reader = csv.reader(_texts(lines, undecoded), strict=True)
    header: list[str] | None = None
    while (row := _next_row(reader)) is not None:
        if isinstance(row, Refused):
            yield row
        elif header is None and "value" in (names := [cell.strip().lower() for cell in row]):
            header = names
            for name in names:
                if name not in COLUMNS:
                    yield Refused(reader.line_num, "unknown-column", f"the column {name[:40]!r} is not read")
        elif any(cell.strip() for cell in row):
            header = header or ["type", "value", "labels"]
            yield from _attempt(reader.line_num, partial(_from_cells, header, row, implied))
    yield from undecoded


def _texts(lines: Iterable[tuple[int, str | Refused]], undecoded: list[Refused]) -> Iterator[str]:
    """The readable lines, an empty one in place of each other, so that the numbers stay right."""
    for _, line in lines:
        if isinstance(line, Refused):
            undecoded.append(line)
        yield line if isinstance(line, str) else "\n"


def _next_row(reader: Any) -> list[str] | Refused | None:
    try:
        row: list[str] | None = next(reader, None)
    except csv.Error as error:
        return Refused(reader.line_num, "not-csv", f"the line is no CSV: {error}")
    return row


def _from_cells(names: list[str], cells: list[str], implied: str | None) -> EntryGiven:
    if len(cells) > len(names) and any(cells[len(names) :]):
        raise Invalid("too-many-cells", f"{len(cells)} cells under {len(names)} columns")
    plain = (_QUOTED_FORMULA.sub("", cell) for cell in cells)
    fields: dict[str, Any] = {name: cell for name, cell in zip(names, plain, strict=False) if name in COLUMNS and cell}
    if "labels" in fields:
        fields["labels"] = fields["labels"].split(";")
    if "strain" in fields:
        fields["strain"] = _whole(fields["strain"].strip())
    return _from_fields(fields, implied)


def _from_fields(fields: Mapping[str, Any], implied: str | None) -> EntryGiven:
    """The entry of named fields, examined.

    Raises:
        Invalid: a field is missing or of the wrong kind.

    """
    given = {"type": implied, **fields}
    labels, strain = given.pop("labels", []), given.pop("strain", 0)
    opinion = given.pop("opinion", Opinion.POSITIVE)
    for name in ("type", "value"):
        if not given.get(name):
            raise Invalid("missing-field", f"the {name} is missing", where=name)
    for name, value in given.items():
        if not isinstance(value, str):
            raise Invalid("not-text", f"{name} is text", where=name)
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise Invalid("not-labels", "labels are a list of texts", where="labels")
    if not isinstance(strain, int) or isinstance(strain, bool):
        raise Invalid("not-a-number", "strain is a whole number", where="strain")
    if not isinstance(opinion, str) or opinion not in set(Opinion):
        raise Invalid("unknown-opinion", f"opinions are {', '.join(Opinion)}", where="opinion")
    entry = EntryGiven(**given, labels=tuple(labels), strain=strain, opinion=Opinion(opinion))
    return rules.examine_entry(entry)


def _whole(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _DIGITS_MAX:
        raise Invalid("not-a-number", "strain is a whole number", where="strain")
    return int(digits)


def _cells(entry: EntryGiven) -> list[str]:
    cells = [";".join(entry.labels) if column == "labels" else str(getattr(entry, column)) for column in COLUMNS]
    return [_FORMULA_BEGINS.sub("'", cell) for cell in cells]
