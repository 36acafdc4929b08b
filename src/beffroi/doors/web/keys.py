"""The keys of every page, in one list: hint, legend and act come from the same line.

Owns: which keys exist and what they do, in words.
Promises: a template asks for a key by name and gets both the attribute that wires it and the cap that shows it;
a name that is not in the list of its page raises `KeyError`.
Never does: react to a key; `static/keys.js` presses the control that carries it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from .words import N_


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the legend; several names where one line tells of several controls."""

    does: str
    """Message id of what it does."""
    presses: tuple[tuple[str, str], ...]
    """(name, combination): `v`, `g q`, `ctrl+enter`."""
    in_bar: bool = False


def _key(does: str, **presses: str) -> Key:
    return Key(does, tuple(presses.items()))


def _shown(does: str, **presses: str) -> Key:
    return Key(does, tuple(presses.items()), in_bar=True)


EVERYWHERE = (
    _key(N_("Show these keys"), keys="?"),
    _key(N_("Find anything, run any command"), find="ctrl+k"),
    _key(N_("Go to queue · warnings"), go_queue="g q", go_warnings="g w"),
    _key(N_("Go to deliveries · health"), go_deliveries="g d", go_health="g h"),
    _key(N_("Light or dark"), theme="t"),
    _key(N_("Undo the last decision"), undo="z"),
)

_ROWS = (_shown(N_("Next · previous"), next="j", previous="k"), _shown(N_("Open"), open="enter"))

PAGES: dict[str, tuple[Key, ...]] = {
    "plain": (),
    "list": _ROWS,
    "queue": (
        *_ROWS,
        _shown(N_("Claim and open"), claim="c"),
        _shown(N_("Skip"), skip="s"),
        _shown(N_("Take a pause"), pause="p"),
    ),
    "case": (
        _shown(N_("Open or close the media"), media="v"),
        _shown(N_("Blur · grey"), blur="b", grey="g"),
        _shown(N_("No action"), act_0="0"),
        _shown(N_("Remove"), act_1="1"),
        _shown(N_("By territory"), act_2="2"),
        _shown(N_("Label"), act_3="3"),
        _shown(N_("Decide about the account"), account="4"),
        _key(N_("Record the decision"), record="ctrl+enter"),
        _key(N_("Claim or give back"), claim="c"),
        _key(N_("Skip · hand over"), skip="s", hand_over="h"),
        _key(N_("Second pair of eyes"), second="y"),
        _key(N_("Warn of a threat to life"), warn="w"),
        _key(N_("Seal: suspected child abuse"), seal="!"),
        _key(N_("Note"), note="n"),
    ),
    "account": (
        _shown(N_("No action"), act_0="0"),
        _shown(N_("Warn"), act_1="1"),
        _shown(N_("Suspend"), act_2="2"),
        _key(N_("Record the decision"), record="ctrl+enter"),
        _key(N_("Claim or give back"), claim="c"),
        _key(N_("Skip · hand over"), skip="s", hand_over="h"),
        _key(N_("Warn of a threat to life"), warn="w"),
        _key(N_("Note"), note="n"),
    ),
    "warning": (
        _shown(N_("When it would be"), window_0="1", window_1="2", window_2="3", window_3="4"),
        _shown(N_("Write down why · choose States"), reasons="r", states="s"),
        _shown(N_("Show what leaves"), shown="l"),
        _shown(N_("Sign and send"), sign="ctrl+enter"),
        _key(N_("Show as data"), data="d"),
        _key(N_("Do not warn"), drop="n"),
    ),
    "warned": (
        _shown(N_("The first one waiting has it · no answer"), confirm="y", called="n"),
        _shown(N_("Print"), print="p"),
        _key(N_("Say more · take it back"), more="m", retract="x"),
        _key(N_("Agree"), agree="a"),
    ),
    "second": (
        _shown(N_("Agree"), agree="a"),
        _shown(N_("Do not agree"), decline="d"),
        _shown(N_("Open or close the media"), media="v"),
        _key(N_("Claim or give back"), claim="c"),
        _key(N_("Skip · hand over"), skip="s", hand_over="h"),
        _key(N_("Blur · grey"), blur="b", grey="g"),
        _key(N_("Warn of a threat to life"), warn="w"),
        _key(N_("Seal: suspected child abuse"), seal="!"),
        _key(N_("Note"), note="n"),
    ),
}

_CAPS = {"ctrl": "Ctrl", "enter": "⏎"}


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys of one page, as templates use them."""

    page: str

    def lines(self) -> tuple[Key, ...]:
        """The whole legend: the page's own keys first."""
        return PAGES[self.page] + EVERYWHERE

    def bar(self) -> Iterator[Key]:
        """What the strip under the page shows."""
        return (line for line in PAGES[self.page] if line.in_bar)

    def press(self, name: str) -> Markup:
        """`data-key="v"` for the control that does `name`."""
        return Markup('data-key="{}"').format(self._combination(name))

    def cap(self, name: str) -> Markup:
        """`<kbd>V</kbd>` to stand on that control."""
        return caps(self._combination(name))

    def _combination(self, name: str) -> str:
        return {each: combination for line in self.lines() for each, combination in line.presses}[name]


def caps(combination: str) -> Markup:
    """Caps of a combination; keys pressed together or after each other stand side by side."""
    parts = combination.split("+") if len(combination) > 1 and "+" in combination else combination.split(" ")
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(_CAPS.get(part, part.upper())) for part in parts)
