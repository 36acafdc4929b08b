"""The order machine as law.md (b) and its correction tell it: a second statement of what is allowed, beside `rules`.

A state is the tuple of regions; each command says when it is allowed and what it then makes of the state. Nothing here
is taken from the product but the names.
"""

from dataclasses import dataclass, replace

PROVISIONAL, AUTHENTIC, FORGED = "provisional", "authentic", "forged"
OPEN, AWAITING, IMPOSSIBLE, SETTLED, LAPSED, REROUTED = (
    "open", "awaiting_clarification", "impossible", "settled", "lapsed", "rerouted",
)  # fmt: skip
LIVE, FINAL, SUSPENDED, WITHDRAWN = "live", "final", "suspended", "withdrawn"
BY_SCRUTINY, BY_COURT = "annulled_by_scrutiny", "annulled_by_court"


@dataclass(frozen=True)
class State:
    """The regions of an order of one item."""

    authentication: str = PROVISIONAL
    handling: str = OPEN
    validity: str = LIVE
    scrutiny: str = "none"
    appeal: str = "none"
    secrecy: str = "active"
    item: str = "pending"
    obstacle: bool = False

    @property
    def binds(self) -> bool:
        """Validity that is over ends the duty at once."""
        return self.validity in {LIVE, FINAL} and self.authentication != FORGED

    @property
    def is_secret(self) -> bool:
        return self.secrecy in {"active", "extended"}

    @property
    def is_open(self) -> bool:
        return self.item in {"pending", "in_hand"}


def _void(state: State) -> State:
    return replace(state, secrecy="ended") if state.is_secret else state


def after(state: State, command: str) -> State | None:
    """The state after a command; None where it is refused."""
    return _COMMANDS[command](state)


def _if(allowed: object, made: State) -> State | None:
    return made if allowed else None


def _settled(state: State) -> State:
    return replace(state, handling=SETTLED) if state.handling == OPEN and not state.is_open else state


def _can_execute(state: State) -> bool:
    return state.authentication == AUTHENTIC and state.binds and state.handling == OPEN


def _finalise(state: State) -> State | None:
    if state.authentication != AUTHENTIC or state.validity not in {LIVE, SUSPENDED}:
        return None
    if state.validity == LIVE:
        return replace(state, validity=FINAL)
    again = "pending" if state.item == "reinstated" else state.item
    return _settled(replace(state, validity=FINAL, handling=OPEN, item=again))


def _ends(state: State, validity: str, before: set[str]) -> State | None:
    never = state.authentication == FORGED or state.handling in {LAPSED, REROUTED}
    if never or state.validity not in before:
        return None
    ended = replace(state, validity=validity)
    # What was carried out is put back at once where nothing else keeps it down.
    down = state.item in {"disabled", "in_hand"}
    ended = replace(ended, item="reinstated") if down else ended
    return _void(ended) if validity in {BY_SCRUTINY, BY_COURT} else ended


def _scrutiny(state: State, heard: str, before: set[str]) -> State | None:
    if not state.binds or state.scrutiny not in before:
        return None
    noted = replace(state, scrutiny=heard)
    if heard != "infringement":
        return noted
    return _ends(noted, BY_SCRUTINY, {LIVE, SUSPENDED})


def _failed(state: State) -> State | None:
    if state.item != "in_hand":
        return None
    return replace(state, item="pending")


_COMMANDS = {
    "authenticate": lambda s: _if(s.authentication == PROVISIONAL, replace(s, authentication=AUTHENTIC)),
    "forged": lambda s: _if(s.authentication == PROVISIONAL, _void(replace(s, authentication=FORGED))),
    "reroute": lambda s: _if(
        s.authentication == PROVISIONAL and s.handling in {OPEN, AWAITING}, _void(replace(s, handling=REROUTED))
    ),
    "execute": lambda s: _if(_can_execute(s) and s.item == "pending", replace(s, item="in_hand")),
    "find": lambda s: _if(_can_execute(s) and s.item == "pending", _settled(replace(s, item="not_found"))),
    "done": lambda s: _if(s.item == "in_hand", _settled(replace(s, item="disabled"))),
    "failed": _failed,
    "clarify": lambda s: _if(
        s.binds and s.handling == OPEN and s.is_open, replace(s, handling=AWAITING, obstacle=True)
    ),
    "clarified": lambda s: _if(s.binds and s.handling == AWAITING, _settled(replace(s, handling=OPEN))),
    "lapse": lambda s: _if(s.binds and s.handling == AWAITING, replace(s, handling=LAPSED)),
    "impossible": lambda s: _if(
        s.binds and s.handling == OPEN and s.is_open, replace(s, handling=IMPOSSIBLE, obstacle=True)
    ),
    "ceased": lambda s: _if(s.binds and s.handling == IMPOSSIBLE, _settled(replace(s, handling=OPEN))),
    "answer_ii": lambda s: _if(s.item == "disabled", s),
    "answer_iii": lambda s: _if(s.obstacle, s),
    "withdraw": lambda s: _ends(s, WITHDRAWN, {LIVE, FINAL, SUSPENDED}),
    "suspend": lambda s: _ends(s, SUSPENDED, {LIVE}),
    "annul": lambda s: _ends(s, BY_COURT, {LIVE, SUSPENDED}),
    "finalise": _finalise,
    "ask_scrutiny": lambda s: _scrutiny(s, "asked", {"none", "no_infringement"}),
    "intend": lambda s: _scrutiny(s, "intended", {"none", "asked"}),
    "no_infringement": lambda s: _scrutiny(s, "no_infringement", {"asked", "intended"}),
    "infringement": lambda s: _scrutiny(s, "infringement", {"asked", "intended"}),
    "file_appeal": lambda s: _if(
        s.authentication == AUTHENTIC and s.appeal in {"none", "ended"}, replace(s, appeal="filed")
    ),
    "end_appeal": lambda s: _if(s.authentication == AUTHENTIC and s.appeal == "filed", replace(s, appeal="ended")),
    "extend_secrecy": lambda s: _if(s.secrecy == "active", replace(s, secrecy="extended")),
    "lift_secrecy": lambda s: _if(s.is_secret, replace(s, secrecy="ended")),
}
COMMANDS = tuple(_COMMANDS)
