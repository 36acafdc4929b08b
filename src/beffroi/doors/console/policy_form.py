"""The form in which a policy is written, clause by clause, and what a new version changes.

Owns: reading the form; the comparison of two versions, word by word.
Promises: pure; what was typed comes back as it was typed; a clause of which nothing was written is left out.
Never does: check a policy; `decisions.policies` does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from beffroi.decisions.model import Clause
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import CLAUSE_CHARS_MAX, NAME_CHARS_MAX, POLICY_CLAUSES_MAX
from beffroi.matching.model import LegalCategory

from ..web.forms import Form
from ..web.languages import offered

SEVERITIES = ("1", "2", "3", "4", "5")
_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Written:
    """One clause as it stands in the form; words by language."""

    number: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    severity: str = "3"
    four_eyes: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not any((self.number, *self.title.values(), *self.text.values()))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words: `same`, `new` or `gone`."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one clause: `new`, `gone` or `changed`. Words that changed, by what they are and language."""

    kind: str
    number: str
    words: tuple[tuple[str, str, tuple[Piece, ...]], ...] = ()
    severity: tuple[int, int] | None = None
    four_eyes: bool | None = None


def written(clauses: Sequence[Clause]) -> tuple[Written, ...]:
    """Published clauses, to be written anew."""
    return tuple(Written(c.number, c.title, c.text, str(c.severity), c.four_eyes) for c in clauses)


def read(form: Form) -> tuple[Written, ...]:
    """What was typed, without the clauses of which nothing was.

    Raises:
        Invalid: more clauses than a form has, or one that is too long.

    """
    count = form.whole("count")
    if not 0 <= count <= POLICY_CLAUSES_MAX:
        raise Invalid("too-many-clauses", f"a policy has at most {POLICY_CLAUSES_MAX} clauses", where="count")
    typed = (_typed(form, place) for place in range(count))
    return tuple(each for each in typed if not each.is_empty)


def clauses(typed: Sequence[Written]) -> tuple[Clause, ...]:
    """The clauses to be published.

    Raises:
        Invalid: a severity that no form of ours has.

    """
    return tuple(_clause(each) for each in typed)


def changes(before: Sequence[Clause], after: Sequence[Clause]) -> tuple[Change, ...]:
    """What a version changes, in its order; clauses that are gone come last."""
    old = {clause.number: clause for clause in before}
    new = {clause.number for clause in after}
    found = [_change(old.get(clause.number), clause) for clause in after]
    gone = [Change("gone", clause.number) for clause in before if clause.number not in new]
    return tuple(each for each in (*found, *gone) if each is not None)


def _typed(form: Form, place: int) -> Written:
    def words(name: str, chars_max: int) -> dict[str, str]:
        said = {each.tag: form.text(f"{name}-{each.tag}-{place}", chars_max) for each in offered()}
        return {tag: text for tag, text in said.items() if text}

    return Written(
        number=form.text(f"number-{place}", NAME_CHARS_MAX),
        title=words("title", NAME_CHARS_MAX),
        text=words("text", CLAUSE_CHARS_MAX),
        severity=form.text(f"severity-{place}") or "3",
        four_eyes=form.text(f"four_eyes-{place}") == "yes",
    )


def _clause(each: Written) -> Clause:
    if not each.number:
        raise Invalid("no-number", "each clause has a number", where="number")
    if each.severity not in SEVERITIES:
        raise Invalid("bad-severity", "a severity lies between 1 and 5", where="severity")
    category = LegalCategory.TERRORIST_CONTENT.value  # the only one without a charter change (DESIGN §5.12)
    return Clause(each.number, dict(each.title), dict(each.text), category, int(each.severity), each.four_eyes)


def _change(old: Clause | None, new: Clause) -> Change | None:
    if old is None:
        return Change("new", new.number)
    words = (*_reworded("title", old.title, new.title), *_reworded("text", old.text, new.text))
    severity = (old.severity, new.severity) if old.severity != new.severity else None
    four_eyes = new.four_eyes if old.four_eyes != new.four_eyes else None
    if not words and severity is None and four_eyes is None:
        return None
    return Change("changed", new.number, words, severity, four_eyes)


def _reworded(
    what: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[Piece, ...]]]:
    for tag in dict.fromkeys((*old, *new)):
        if old.get(tag) != new.get(tag):
            yield what, tag, tuple(_pieces(old.get(tag, ""), new.get(tag, "")))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """The words of both, in reading order, so that what is gone stands before what came for it."""
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    for step, i, j, k, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if step == "equal":
            yield Piece("same", "".join(left[i:j]))
            continue
        if i < j:
            yield Piece("gone", "".join(left[i:j]))
        if k < end:
            yield Piece("new", "".join(right[k:end]))
