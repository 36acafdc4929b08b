"""A node in whose every field stands what somebody hopes a page will run.

Owns: who writes what where (`PLACES`); the addresses of the pages on which it is shown.
Promises: each value ends in `[place.payload]`, so that a page tells which of them it shows; all of it came in by the
commands that doors call, none past them.
Never does: look at a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.actions.model import Verification
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, MediaGiven, Submission
from beffroi.decisions import policies
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act, Clause, Exemption, ItemRevision, Source
from beffroi.decisions.rules import Decide, ProposeRule
from beffroi.flow import decide as deciding
from beffroi.flow import notice as noticing
from beffroi.flow import screening, warn
from beffroi.flow.verdict import Verdict
from beffroi.ground.kernel.ids import CaseId, PersonId
from beffroi.ground.kernel.limits import AGENT_CHARS_MAX, API_KEY_LABEL_CHARS_MAX, LABEL_CHARS_MAX
from beffroi.ground.storage import Actor, Effect, Tx, effects
from beffroi.ground.storage.effects import EffectState
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service as matching
from beffroi.matching.model import BankSource, BankTerms, EntryGiven
from beffroi.notices import store as notices
from beffroi.parties import charter
from beffroi.parties import service as parties
from beffroi.parties import store as parties_store
from beffroi.parties.model import ContactPoint, Representative
from beffroi.staff import enrol, keys, sessions
from beffroi.staff import service as staff
from beffroi.staff.model import Method, Role
from beffroi.staff.permissions import Permission
from beffroi.threats import service as threats
from beffroi.threats.model import Entry, Function, Link, Part, StateConcerned
from tests.authz.scene import Scene, png
from tests.nodes import ACTOR, PHRASE
from tests.unit.threats.scene import SIGN

from .payloads import PAYLOADS, as_email, as_word

T = TypeVar("T")
OUTSIDERS = {
    "account-name", "account-bio", "account-url", "post-text", "notice-words", "notice-url", "agent",
    "entry-description", "entry-label", "delivery-reason",
}  # fmt: skip
"""Written by people who do not work here."""
OPERATORS = {
    "note", "exemption", "reversal", "bank-name", "bank-purpose", "bank-source", "bank-terms", "rule-name",
    "policy-name", "clause-number", "clause-title", "clause-text", "person-name", "person-email", "key-label",
    "node-name", "contact-email", "contact-phone", "contact-post", "contact-hours", "representative-name",
    "representative-email", "charter-reason", "charter-words", "warning-reasons", "recipient-name", "recipient-phone",
    "recipient-hours", "recipient-source",
}  # fmt: skip
"""Written by people who do: one of them may mean harm to the others."""
PLACES = OUTSIDERS | OPERATORS
_CHARS_MAX = {"key-label": API_KEY_LABEL_CHARS_MAX, "entry-label": LABEL_CHARS_MAX, "agent": 60, "contact-phone": 400}
_ON_ONE_LINE = {"bank-name", "bank-purpose", "bank-source", "bank-terms", "entry-description"}
"""Control characters are refused there."""


def value(place: str, payload: str) -> str | None:
    """What is written there; None where the field is too short for it."""
    raw, tag = PAYLOADS[payload], f"[{place}.{payload}]"
    if place.endswith("email"):
        return as_email(f"{raw} {tag}")
    said = f"{raw.strip()} {tag}"
    if place in _ON_ONE_LINE | {"entry-label"}:
        said = "".join(letter for letter in as_word(said).replace(";", ",") if letter >= " ")
    return said if len(said) <= _CHARS_MAX.get(place, 400) else None


def said(place: str, payload: str) -> str:
    """The same for fields that must hold something: their tag alone where it is too long."""
    return value(place, payload) or f"[{place}.too-long]"


@dataclass(frozen=True)
class Pages:
    """Where what one payload wrote is shown: to people of this node, and to everybody."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]
    open_case: str


class World:
    """Everything that can be written, for each payload."""

    def __init__(self, scene: Scene) -> None:
        """On this node; `who` works there."""
        self.scene, self.house = scene, scene.house
        self.who = scene.person(*(Role.SENIOR_MODERATOR, Role.POLICY_LEAD, Role.ADMINISTRATOR))
        self.agents = scene.person(Role.MODERATOR)
        """Somebody with many browsers."""
        self.invited: list[PersonId] = []

    def write(self, payload: str) -> Pages:
        """Everything that `payload` can be written into."""
        bank = self._bank(payload)
        item, opened = self._post(payload, "open")
        self._case_words(payload, opened, item)
        _, decided = self._post(payload, "decided")
        decision, statement, token = self._decision(payload, decided)
        account = self._account_of(opened)
        self._rules(payload, bank)
        self._people(payload)
        self._delivery(payload)
        elsewhere, report = self._notice(payload)
        draft, warning = self._warning(payload, opened, decided)
        inside = (
            f"/console/cases/{elsewhere}", f"/console/cases/{opened}", f"/console/cases/{decided}",
            f"/console/decisions/{decision}", f"/console/threats/{draft}", f"/console/threats/{warning}",
            f"/console/decisions/{decision}/statements/{statement}", f"/console/items/{item}",
            f"/console/accounts/{account}", f"/console/banks/{bank}",
        )  # fmt: skip
        return Pages(inside, (f"/s/{token}", f"/report/{report}"), f"/console/cases/{opened}")

    def present(self, payload: str) -> None:
        """The node's own words of itself, of which there is one set at a time."""

        def work(tx: Tx) -> None:
            before = parties_store.organisation(tx.conn)
            assert before is not None
            point = ContactPoint(
                said("contact-email", payload), said("contact-post", payload), said("contact-phone", payload),
                said("contact-hours", payload),
            )  # fmt: skip
            told = replace(before.particulars, name=said("node-name", payload), contact=point, complaints=None)
            named = Representative(said("representative-name", payload), said("representative-email", payload), "", "")
            parties.amend(tx, told, named)
            words, reason = said("charter-words", payload), said("charter-reason", payload)
            charter.set(tx, "remedies.out_of_court", words, self.who, reason)

        self.house.write("law", ACTOR, work)

    def policy(self, chosen: list[str]) -> None:
        """One policy whose clauses are these payloads."""
        clauses = tuple(
            Clause(
                said("clause-number", name),
                {"en": said("clause-title", name), "ar": said("clause-title", name)},
                {"en": said("clause-text", name)},
                "terrorist_content",
                3,
            )
            for name in chosen
        )
        self._do(lambda tx: policies.publish(tx, None, said("policy-name", chosen[0]), clauses, self.who))

    # ── one kind of thing each ────────────────────────────────────────────────────────────────────

    def _do(self, work: Callable[[Tx], T]) -> T:
        return self.house.write("law", Actor("person", self.who), work)

    def _bank(self, payload: str) -> str:
        terms = BankTerms(
            said("bank-name", payload), said("bank-purpose", payload), BankSource.PARTNER,
            said("bank-source", payload), said("bank-terms", payload),
        )  # fmt: skip
        label = value("entry-label", payload)
        given = EntryGiven(
            "phrase", f"lamp number {payload}", labels=(label,) if label else (),
            note=PAYLOADS["formula"], description=said("entry-description", payload),
        )  # fmt: skip
        made = self._do(lambda tx: matching.create_bank(tx, terms, self.who))
        self._do(lambda tx: matching.add_entry(tx, made.id, given, self.who))
        self._do(lambda tx: matching.promote(tx, made.id, self.who))
        self.house.index.invalidate()
        return made.id

    def _post(self, payload: str, which: str) -> tuple[str, CaseId]:
        words = f"{said('post-text', payload)} {PHRASE}, and lamp number {payload}"
        author = AccountGiven(
            f"u-{payload}", said("account-name", payload), said("account-url", payload), said("account-bio", payload)
        )
        picture = MediaGiven(payload, "image/png", png())
        post = Submission(
            f"p-{payload}-{which}", author, text=words, language="en", media=(picture,),
            url=f"https://agora.example/p/{payload}/{which}",
        )  # fmt: skip
        [verdict] = screening.screen(self.house, NODE, [post], awaited=False)
        assert isinstance(verdict, Verdict)
        with self.house.read() as conn:
            case = cases_store.by_ref(conn, verdict.case or "")
        assert case is not None
        return case.items[0].item, case.id

    def _case_words(self, payload: str, case: CaseId, item: str) -> None:
        self._do(lambda tx: cases.add_note(tx, case, self.who, said("note", payload)))
        url = f"https://agora.example/p/{payload}/open"
        given = noticing.NoticeGiven(url, said("notice-words", payload), "Ada", "ada@mail.example", good_faith=True)
        noticing.receive(self.house, Actor("public", ""), given)
        self._do(lambda tx: cases.open_media(tx, case, item, self.who, 1))

    def _notice(self, payload: str) -> tuple[CaseId, str]:
        """About something that is not here: its case, which shows the address that was given, and its own page."""
        given = noticing.NoticeGiven(
            said("notice-url", payload), said("notice-words", payload), said("person-name", payload),
            said("person-email", payload), good_faith=True,
        )  # fmt: skip
        received = noticing.receive(self.house, Actor("public", ""), given)
        with self.house.read() as conn:
            notice = cases_store.notice_by_token(conn, received.token)
            waiting = cases_store.queue(conn, limit=1000)
        assert notice is not None
        return next(case.id for case in waiting if notice.id in case.notices), received.token

    def _decision(self, payload: str, case: CaseId) -> tuple[str, str, str]:
        self._do(lambda tx: cases.claim(tx, case, self.who, timedelta(hours=1)))
        with self.house.read() as conn:
            seen = tuple(ItemRevision(i.item, i.revision) for i in cases_store.CASES.load(conn, case).items)
        why = self.scene.ground(), Exemption.PUBLIC_DEBATE, said("exemption", payload)
        wanted = Decide(case, Act.REMOVE, seen, None, *why, (), None, Source.OWN_SCREENING)
        made = deciding.decide(self.house, Actor("person", self.who), self.who, wanted).decision
        with self.house.read() as conn:
            [restriction] = actions_store.of_decision(conn, made.id)
        self.house.write("law", NODE, lambda tx: actions.carried_out(tx, restriction.id, Verification.VERIFIED))
        deciding.reverse(self.house, Actor("person", self.who), self.who, made.id, said("reversal", payload))
        with self.house.read() as conn:
            told = notices.of_decision(conn, made.id)[0]
            token = notices.token_of(conn, self.house.vault, told.id)
        assert token is not None
        return made.id, told.id, token

    def _warning(self, payload: str, opened: CaseId, decided: CaseId) -> tuple[str, str]:
        """A draft, and a warning that was signed, to an entry of the register for it alone."""
        entry = Entry(
            said("recipient-name", payload), Function.INVESTIGATE, "XW", said("recipient-phone", payload),
            said("recipient-hours", payload), source=said("recipient-source", payload),
        )  # fmt: skip
        pinned = self._do(lambda tx: threats.pin(tx, entry, self.scene.somebody)).id
        self._do(lambda tx: threats.confirm_recipient(tx, pinned, self.who))
        draft = self._do(lambda tx: threats.open_(tx, opened, self.who)).id
        threat = self._do(lambda tx: threats.open_(tx, decided, self.who)).id
        wanted = replace(
            SIGN, threat=threat, reasons=said("warning-reasons", payload), parts=tuple(Part), connection="192.0.2.44",
            states=(StateConcerned("XW", Link.OFFENCE, stated=True),),
        )  # fmt: skip
        shown = warn.shown(self.house, self.who, wanted).letter.digest
        warn.sign(self.house, Actor("person", self.who), self.who, replace(wanted, shown=shown))
        self._do(lambda tx: threats.end_recipient(tx, pinned, self.who))  # so that the next one goes to its own alone
        self._do(lambda tx: threats.pin(tx, entry, self.who))
        return draft, threat

    def _account_of(self, case: CaseId) -> str:
        with self.house.read() as conn:
            item = cases_store.CASES.load(conn, case).items[0].item
            return content_store.ITEMS.load(conn, item).account

    def _rules(self, payload: str, bank: str) -> None:
        now = self.house.clock.now()
        span = now, now + timedelta(days=30)
        wanted = ProposeRule(said("rule-name", payload), bank, Act.LABEL, 0, self.scene.ground(), *span, 10)
        proposed = self._do(lambda tx: decisions.propose_rule(tx, wanted, self.scene.somebody))
        self._do(lambda tx: decisions.approve_rule(tx, proposed.id, self.who))

    def _people(self, payload: str) -> None:
        who = enrol.identity(self.house.pepper, said("person-name", payload), said("person-email", payload))
        self.invited.append(self._do(lambda tx: staff.invite(tx, who, [Role.MODERATOR], None).person.id))
        label, agent = value("key-label", payload), value("agent", payload)
        if label:
            self._do(lambda tx: keys.issue(tx, label, [Permission.HEALTH_READ], self.scene.somebody, 1))
        if agent:
            assert len(agent) <= AGENT_CHARS_MAX
            self._do(lambda tx: sessions.open_session(tx, self.agents, Method.PASSWORD_CODE, agent))

    def _delivery(self, payload: str) -> None:
        key, reason = f"lamp {payload}", said("delivery-reason", payload)
        self._do(lambda tx: tx.intend(Effect("late-verdict", key, {})))

        def fail(tx: Tx) -> None:
            intended = effects.by_key(tx.conn, key)
            assert intended is not None
            effects.settle(tx.conn, intended.id, tx.now, EffectState.FAILED, {"reason": reason})

        self._do(fail)


def written(payload: str) -> Mapping[str, str]:
    """What stands in the world of this payload, by place."""
    found = {place: value(place, payload) for place in PLACES}
    return {place: words for place, words in found.items() if words is not None}
