"""Things on a running node that belong to whom a test says: cases, decisions, banks, people, keys, sessions.

Owns: how each is made; `Scene.somebody`, who owns what is not the asker's.
Promises: a thing is fresh each time; making it needs no permission, because services ask for none.
Never does: go through a door.
"""

import io
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from PIL import Image

from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.actions.model import Verification
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.content.model import AccountGiven, MediaGiven, Submission
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act, Decision, Exemption, Ground, ItemRevision, Source
from beffroi.decisions.rules import Decide, ProposeRule
from beffroi.doors.console.session import desk
from beffroi.flow import decide as deciding
from beffroi.flow import notice as noticing
from beffroi.flow import order as ordering
from beffroi.flow import screening, warn
from beffroi.flow.verdict import Verdict
from beffroi.ground.kernel.ids import CaseId, DecisionId, EffectId, PersonId, RecipientId, ThreatId
from beffroi.ground.storage import Actor, Effect, Tx, effects
from beffroi.ground.storage.effects import EffectState
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service as matching
from beffroi.matching.model import Bank, BankTerms, Entry, EntryGiven, Stage
from beffroi.notices import store as notices
from beffroi.orders.model import Obstacle
from beffroi.orders.service import Arrival
from beffroi.parties import register
from beffroi.staff import enrol, keys, login, sessions
from beffroi.staff import service as staff
from beffroi.staff.login import Ceremony
from beffroi.staff.model import Credentials, Method, Role
from beffroi.staff.permissions import Permission
from beffroi.staff.proof import passkeys, totp
from beffroi.staff.proof import service as proofs
from beffroi.threats import service as threats
from beffroi.threats import store as threats_store
from beffroi.threats.model import Receipt
from tests.nodes import ACTOR, PASSWORD, PHRASE, Running
from tests.unit.orders.scene import FORM
from tests.unit.parties.invented import OFFICE, PHONE
from tests.unit.staff.rig import Device
from tests.unit.threats.scene import SIGN, VALMERE

SENTENCE = "Nothing frames the post as a report, and nothing is added to it."
_SOMEBODYS_ROLES = (Role.SENIOR_MODERATOR, Role.POLICY_LEAD, Role.ADMINISTRATOR)


class Scene:
    """The node, and the makers of things on it."""

    def __init__(self, node: Running) -> None:
        """`node` has no crew at work any more: what waits goes on waiting."""
        self.node, self.house, self._numbers = node, node.house, count(1)
        self.somebody = self.person(*_SOMEBODYS_ROLES)

    def name(self, what: str) -> str:
        """A name that nothing else here has."""
        return f"{what}-{next(self._numbers)}"

    # ── people, and how they prove who they are ───────────────────────────────────────────────────

    def person(self, *roles: Role, is_suspended: bool = False) -> PersonId:
        """Somebody with these roles."""
        name = self.name("person")
        who = enrol.identity(self.house.pepper, name.capitalize(), f"{name}@node.example")
        proof = Credentials(self.house.hasher.hash(PASSWORD), None)

        def work(tx: Tx) -> PersonId:
            made = staff.create_person(tx, who, roles or (Role.MODERATOR,), proof, demo=True)
            if is_suspended:
                staff.suspend(tx, made.id, None)
            return made.id

        return self.house.write("law", ACTOR, work)

    def bound_person(self) -> PersonId:
        """Somebody whom an identity provider vouches for."""
        person, lookup = self.person(), self.name("lookup")
        self.house.write("law", ACTOR, lambda tx: proofs.bind(tx, person, lookup, b"{}"))
        return person

    def authority(self) -> str:
        """A body that somebody entered into the register."""
        return self.house.write("law", ACTOR, lambda tx: register.propose(tx, OFFICE, self.somebody)).id

    def order_given(self, **changes: object) -> dict[str, Any]:
        """An order as a platform's own tool hands it in."""
        form = FORM.model_copy(update={"reference_number": self.name("VOO")} | changes)
        now = self.house.clock.now()
        sent = {"sender": OFFICE.contact.email, "received_at": now.isoformat(), "signed": True, "language": "en"}
        return {"order": form.model_dump(mode="json"), **sent}

    def order(self, kind: str) -> str:
        """An order that is `open`, `unsigned`, `clarified` (asked for, that is), or names a `located` post."""
        pinned, second = self.authority(), self.person()
        self.house.write("law", ACTOR, lambda tx: register.pin(tx, pinned, second, PHONE))
        url = f"https://agora.example/p/{self.name('ordered')}"
        if kind == "located":
            given = Submission(self.name("post"), AccountGiven("u-1", "Mara"), text="a lamp", url=url)
            screening.screen(self.house, ACTOR, [given])
        form = FORM.model_copy(update={"reference_number": self.name("VOO"), "urls": (url,)})
        came = Arrival(OFFICE.contact.email, self.house.clock.now(), signed=kind != "unsigned", language="en")
        order, _ = ordering.receive(self.house, ACTOR, form, came, lambda _url: None)
        if kind == "clarified":
            ordering.clarify(self.house, ACTOR, self.somebody, order, (Obstacle.MANIFEST_ERRORS,))
        return order

    def key(self, owner: PersonId) -> str:
        """An API key that an administrator issued."""
        scopes = [Permission.HEALTH_READ]
        return self.house.write("law", ACTOR, lambda tx: keys.issue(tx, self.name("key"), scopes, owner, 1).key.id)

    def session(self, owner: PersonId) -> str:
        """One more session of theirs."""
        return self.house.write("law", ACTOR, lambda tx: sessions.open_session(tx, owner, Method.PASSWORD_CODE).session)

    def link(self) -> str:
        """The token by which somebody who was invited joins."""
        name = self.name("guest")
        who = enrol.identity(self.house.pepper, name.capitalize(), f"{name}@node.example")
        return self.house.write("law", ACTOR, lambda tx: staff.invite(tx, who, [Role.MODERATOR], None).token)

    def code_of_link(self, token: str) -> str:
        """What the telephone shows that scanned the page behind the link."""
        secret = totp.derived(self.house.pepper, f"link|{token}")
        return totp.code(secret, self.house.clock.now())

    def device(self) -> Device:
        """A device with a passkey that nobody has registered."""
        return Device(origin=self.house.settings.public_url, credential=self.name("credential").encode())

    def passkey(self, owner: PersonId, device: Device | None = None) -> str:
        """A passkey of theirs, on `device`."""
        device, challenge = device or self.device(), b"c" * 32
        party = desk(self.house).party
        made = passkeys.registered(
            party, challenge, device.create(passkeys.offer(party, challenge, owner, "x@node.example", "X", []))
        )
        return self.house.write("law", ACTOR, lambda tx: proofs.add_passkey(tx, owner, made, self.name("passkey")))

    def challenge(self) -> Ceremony:
        """A challenge for a passkey, as the sign-in page asks for it."""
        return login.challenge(desk(self.house), "10.0.0.7")

    # ── work ──────────────────────────────────────────────────────────────────────────────────────

    def case(self, owner: PersonId | None = None, *, is_picture: bool = False) -> CaseId:
        """A case about a post, with a picture if wanted; `owner` holds it."""
        name = self.name("post")
        media = (MediaGiven(media_type="image/png", content=png()),) if is_picture else ()
        author = AccountGiven(self.name("account"), "Mara")
        post = Submission(name, author, text=PHRASE, language="en", media=media)
        [verdict] = screening.screen(self.house, NODE, [post], awaited=False)
        assert isinstance(verdict, Verdict)
        assert verdict.case is not None
        with self.house.read() as conn:
            opened = cases_store.by_ref(conn, verdict.case)
        assert opened is not None
        case = opened.id
        if owner is not None:
            self.house.write("law", ACTOR, lambda tx: cases.claim(tx, case, owner, timedelta(hours=1)))
        return case

    def revision(self, case: CaseId) -> ItemRevision:
        """The post that the case is about."""
        with self.house.read() as conn:
            about = cases_store.CASES.load(conn, case).items[0]
        return ItemRevision(about.item, about.revision)

    def opened_media(self, owner: PersonId) -> tuple[CaseId, str]:
        """A case and its item, whose picture `owner` has opened."""
        case = self.case(is_picture=True)
        item = self.revision(case).item
        self.house.write("law", ACTOR, lambda tx: cases.open_media(tx, case, item, owner, 1))
        return case, item

    def ground(self, clause: str = "4.2") -> Ground:
        """A clause of the node's terms; 4.3 asks for two people."""
        whole = self.node.ground
        return Ground(whole.kind, whole.policy, whole.policy_number, clause)

    def decision(self, owner: PersonId, clause: str = "4.2") -> Decision:
        """A removal that `owner` decided, or under 4.3 proposed."""
        case = self.case(owner)
        why = self.ground(clause), Exemption.PUBLIC_DEBATE, SENTENCE
        wanted = Decide(case, Act.REMOVE, (self.revision(case),), None, *why, (), None, Source.OWN_SCREENING)
        return deciding.decide(self.house, Actor("person", owner), owner, wanted).decision

    def statement(self, owner: PersonId) -> tuple[DecisionId, str, str]:
        """A decision that was carried out: its id, its statement's, and the token of the statement's page."""
        decision = self.decision(owner).id
        with self.house.read() as conn:
            [restriction] = actions_store.of_decision(conn, decision)
        self.house.write("law", NODE, lambda tx: actions.carried_out(tx, restriction.id, Verification.VERIFIED))
        with self.house.read() as conn:
            [told] = notices.of_decision(conn, decision)
            token = notices.token_of(conn, self.house.vault, told.id)
        assert token is not None
        return decision, told.id, token

    def report(self) -> str:
        """The token of the page of somebody who gave notice."""
        words = "https://agora.example/x", "It calls on others.", "Ada", "ada@mail.example"
        given = noticing.NoticeGiven(*words, good_faith=True)
        return noticing.receive(self.house, Actor("public", ""), given).token

    # ── warnings ──────────────────────────────────────────────────────────────────────────────────

    def draft(self, owner: PersonId) -> str:
        """A warning that they opened and nobody signed."""
        case = self.case()
        return self.house.write("law", ACTOR, lambda tx: threats.open_(tx, case, owner).id)

    def warning(self, owner: PersonId) -> tuple[str, str]:
        """A warning that they signed, and whom it went to."""
        wanted = replace(SIGN, threat=ThreatId(self.draft(owner)))
        shown = warn.shown(self.house, owner, wanted).letter.digest
        warn.sign(self.house, ACTOR, owner, replace(wanted, shown=shown))
        with self.house.read() as conn:
            return wanted.threat, threats.addressed(conn, wanted.threat)[0]

    def confirmed_warning(self, owner: PersonId) -> str:
        """A warning that they signed and everybody has."""
        threat, to = self.warning(owner)
        self.house.write(
            "law", ACTOR, lambda tx: threats.confirm(tx, ThreatId(threat), 1, RecipientId(to), Receipt.TELEPHONE, owner)
        )
        return threat

    def recipient(self, owner: PersonId) -> str:
        """An entry of the register that they pinned and nobody has called."""
        entry = replace(VALMERE, name=self.name("police"), country="XW", email="")
        return self.house.write("law", ACTOR, lambda tx: threats.pin(tx, entry, owner).id)

    def receipt(self) -> str:
        """The token of the page on which an authority says that it has a letter."""
        threat, to = self.warning(self.somebody)

        def work(tx: Tx) -> str:
            subject = threats_store.subject_of(tx.conn, ThreatId(threat))
            assert subject is not None
            threats_store.make_link(tx, ThreatId(threat), 1, RecipientId(to), subject)
            token = threats_store.token_of(tx.conn, tx.vault, ThreatId(threat), 1, RecipientId(to))
            assert token is not None
            return token

        return self.house.write("law", ACTOR, work)

    # ── rules ─────────────────────────────────────────────────────────────────────────────────────

    def bank(self, owner: PersonId, stage: Stage = Stage.OBSERVE) -> Bank:
        """A bank of theirs."""

        def work(tx: Tx) -> Bank:
            made = matching.create_bank(tx, BankTerms(self.name("bank"), "for tests"), owner)
            return matching.promote(tx, made.id, owner) if stage is Stage.ACTIVE else made

        return self.house.write("law", ACTOR, work)

    def entry(self, owner: PersonId) -> Entry:
        """An entry that they added to a bank of theirs."""
        bank, phrase = self.bank(owner), f"a lantern called {self.name('lantern')}"
        return self.house.write(
            "law", ACTOR, lambda tx: matching.add_entry(tx, bank.id, EntryGiven("phrase", phrase), owner)
        )

    def rule(self, owner: PersonId) -> str:
        """A standing rule that they proposed."""
        now = self.house.clock.now()
        span = now, now + timedelta(days=30)
        wanted = ProposeRule(self.name("rule"), self.bank(owner).id, Act.HOLD, 10, self.ground(), *span, 10)
        return self.house.write("law", ACTOR, lambda tx: decisions.propose_rule(tx, wanted, owner).id)

    # ── the record ────────────────────────────────────────────────────────────────────────────────

    def failed_effect(self) -> EffectId:
        """Something that could not be delivered."""
        key = self.name("effect")
        self.house.write("law", ACTOR, lambda tx: tx.intend(Effect("late-verdict", key, {})))

        def fail(tx: Tx) -> EffectId:
            intended = effects.by_key(tx.conn, key)
            assert intended is not None
            effects.settle(tx.conn, intended.id, tx.now, EffectState.FAILED, {})
            return intended.id

        return self.house.write("law", ACTOR, fail)


def png(colour: str = "teal") -> bytes:
    """A small picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(written, "png")
    return written.getvalue()
