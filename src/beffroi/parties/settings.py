"""Every charter setting: its values, the point of law it decides, and the words the public reads.

Owns: `SETTINGS`, the one registry.
Promises: a value that the law or the design forbids is not among the allowed ones, so it cannot be set by anybody;
every setting says what it decides.
Never does: hold the present value; that is a row (see `charter`). Operation settings are in `beffroi.settings`.
"""

from dataclasses import dataclass

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.limits import CHARTER_TEXT_CHARS_MAX

from .model import Value

_DIGITS = 10
"""No setting has numbers that long."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words. A single word means that it is fixed."""

    words: tuple[str, ...]

    def allows(self, value: object) -> bool:
        """Whether it is one of them."""
        return isinstance(value, str) and value in self.words

    def told(self) -> str:
        """The allowed values, for people."""
        return " | ".join(self.words)

    def read(self, typed: str) -> Value:
        """As it was typed."""
        return typed


@dataclass(frozen=True, slots=True)
class SomeOf:
    """At least one of a few words, each once."""

    words: tuple[str, ...]

    def allows(self, value: object) -> bool:
        """Whether all are among them and none stands twice."""
        if not isinstance(value, tuple) or not value:
            return False
        return sorted(word for word in self.words if word in value) == sorted(map(str, value))

    def told(self) -> str:
        """The allowed values, for people."""
        return " and ".join(self.words)

    def read(self, typed: str) -> Value:
        """Words between commas or spaces."""
        return tuple(typed.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int

    def allows(self, value: object) -> bool:
        """Whether it lies between; True is not a number here."""
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most

    def told(self) -> str:
        """The allowed values, for people."""
        return f"{self.least} … {self.most}"

    def read(self, typed: str) -> Value:
        """Digits as a number; anything else stays what it is, and is not allowed."""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _DIGITS else typed


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no; `fixed` where the design leaves no choice."""

    fixed: bool | None = None

    def allows(self, value: object) -> bool:
        """Whether it is a truth value, and not the forbidden one."""
        return isinstance(value, bool) and (self.fixed is None or value is self.fixed)

    def told(self) -> str:
        """The allowed values, for people."""
        return "yes | no" if self.fixed is None else ("yes" if self.fixed else "no")

    def read(self, typed: str) -> Value:
        """`yes` or `no`; anything else stays what it is, and is not allowed."""
        return {"yes": True, "no": False}.get(typed, typed)


@dataclass(frozen=True, slots=True)
class Words:
    """Free words of the organisation, shown as they are; may be empty."""

    def allows(self, value: object) -> bool:
        """Whether it is text of a bearable length."""
        return isinstance(value, str) and len(value) <= CHARTER_TEXT_CHARS_MAX

    def told(self) -> str:
        """The allowed values, for people."""
        return f"text, at most {CHARTER_TEXT_CHARS_MAX} characters"

    def read(self, typed: str) -> Value:
        """As it was typed."""
        return typed


@dataclass(frozen=True, slots=True)
class Setting:
    """One charter setting. `decides` names the point of law; `words` is what the transparency page says of it."""

    name: str
    form: OneOf | SomeOf | Whole | YesNo | Words
    default: Value
    decides: str
    words: str

    @property
    def is_fixed(self) -> bool:
        """Whether there is only one value it can have."""
        return self.form == YesNo(fixed=True) or (isinstance(self.form, OneOf | SomeOf) and len(self.form.words) == 1)

    def read(self, typed: str) -> Value:
        """The value that somebody typed into a form or a command line.

        Raises:
            Invalid: it may not have this value.

        """
        value = self.form.read(typed.strip())
        self.check(value)
        return value

    def check(self, value: Value) -> None:
        """Whether it may have this value.

        Raises:
            Invalid: it may not.

        """
        if not self.form.allows(value):
            raise Invalid("value-not-allowed", f"`{self.name}` allows: {self.form.told()}", where=self.name)


_FAIL = "Whether what could not be checked in time is published; neither the TCO Regulation nor the DSA says"

_ALL = (
    Setting(
        "fail.text", OneOf(("open", "closed")), "open", _FAIL,
        "When a text cannot be checked in time, is it published (open) or kept back (closed)?",
    ),
    Setting(
        "fail.media", OneOf(("open", "closed")), "open", _FAIL,
        "When a picture or film cannot be checked in time, is it published (open) or kept back (closed)?",
    ),
    Setting(
        "screening.visibility", OneOf(("public",)), "public",
        "TCO Art 2(3): only what is disseminated to the public; DSA Art 8: no general monitoring",
        "What is checked at all. Private messages are never checked, and no setting can change that.",
    ),
    Setting(
        "categories", SomeOf(("terrorist_content",)), ("terrorist_content",),
        "TCO Art 2(7): what the banks and policies of this node may be about",
        "What we look for. Any further category would be announced here first.",
    ),
    Setting(
        "undo_hold_s", Whole(0, 600), 60,
        "DSA Art 14(4): diligence; a slip of the hand is taken back before it has an effect",
        "How many seconds a moderator's decision waits, so that it can still be taken back.",
    ),
    Setting(
        "hold_h_max", Whole(1, 24), 24,
        "DSA Arts 14(4) and 17: an item held by a rule is published unless a person decides; a day at most",
        "How many hours a rule may hold a post back before a person has decided; then it is published.",
    ),
    Setting(
        "four_eyes.account_suspension", YesNo(fixed=True), True,  # noqa: FBT003  its value
        "DSA Arts 14(4) and 23: suspending an account is a decision of its own, with its own reasons",
        "Do two people decide before an account is suspended?",
    ),
    Setting(
        "four_eyes.standing_rule", YesNo(), True,  # noqa: FBT003  its value
        "None; a rule acts before a person has looked, so that one slip acts often. A node of one person may say no",
        "Does somebody other than its proposer approve a rule that acts before a person has looked?",
    ),
    Setting(
        "exposure.points_per_shift", Whole(10, 300), 90,
        "Directive 89/391/EEC Art 6: what a moderator must look at in one shift is bounded",
        "How much hard material, in points, one moderator is shown in a shift before a break is due.",
    ),
    Setting(
        "case_lease_min", Whole(5, 120), 15,
        "None; how long a case stays with somebody who does nothing",
        "How many minutes a case stays with the moderator who took it up.",
    ),
    Setting(
        "retention.unmatched_signals_days", Whole(0, 365), 30,
        "GDPR Art 5(1)(e): how long fingerprints of posts that matched nothing are kept",
        "For how many days we keep fingerprints of public posts in which we found nothing.",
    ),
    Setting(
        "retention.unmatched_text_days", Whole(0, 90), 7,
        "GDPR Art 5(1)(e): how long the text of posts that matched nothing is kept",
        "For how many days we keep the words of public posts in which we found nothing.",
    ),
    Setting(
        "remedies.complaint_months", Whole(6, 120), 6,
        "DSA Art 20(1): at least six months from the day the user was told",
        "For how many months a decision can be complained about.",
    ),
    Setting(
        "remedies.own_complaint", YesNo(), True,  # noqa: FBT003  its value
        "DSA Art 19: micro and small platforms need no complaint system; they may offer one",
        "Do we look at complaints even where the law does not oblige us to?",
    ),
    Setting(
        "remedies.out_of_court", Words(), "",
        "DSA Art 21(1): which certified bodies the statement names; all certified ones are open to the user",
        "Independent bodies that settle disputes with us, and how to reach them.",
    ),
)  # fmt: skip

SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _ALL}


def setting(name: str) -> Setting:
    """The setting of this name.

    Raises:
        NotFound: there is none.

    """
    found = SETTINGS.get(name)
    if found is None:
        raise NotFound("no-such-setting", "there is no charter setting of this name")
    return found
