"""A node at which every kind of thing is kept, each for a reason of its own, and what must become of it.

Owns: `Story`: what happens on the first day, and each thing's end in days after it (None: it stays).
Promises: everything comes about by the commands of the product; nothing is written into a table directly.
Never does: move the clock by more than its story needs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case, CaseKind
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, MediaGiven
from beffroi.decisions.model import Act
from beffroi.doors.platforms import Done, Refused
from beffroi.flow import erasure, notice, screening, warn
from beffroi.flow import order as order_flow
from beffroi.ground.kernel.ids import BlobKey, PersonId, SubjectId
from beffroi.ground.kernel.limits import WARNING_KEPT_DAYS
from beffroi.ground.records.holds import HoldWhy
from beffroi.ground.storage import Actor
from beffroi.ground.storage.effects import EffectState, by_key, recent
from beffroi.notices.views import challenge_until
from beffroi.orders import store as orders_store
from beffroi.orders.service import Arrival
from beffroi.parties import service as parties
from beffroi.parties import store as parties_store
from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Representative, Service, Size
from beffroi.staff import keys, sessions
from beffroi.staff import service as staff
from beffroi.staff import store as staff_store
from beffroi.staff.model import Credentials, Identity, Method, Role
from beffroi.staff.permissions import PLATFORM_SCOPES
from beffroi.staff.proof import store as proofs
from beffroi.staff.proof import tokens
from beffroi.staff.proof.passkeys import Registered
from beffroi.staff.proof.throttle import Tally
from beffroi.threats import service as threats
from beffroi.threats import store as threats_store
from beffroi.threats.model import Outcome, Receipt
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import IOANA, NOOR, PHRASE, PLATFORM, SENTENCE, TOMAS, Node
from tests.unit.orders.scene import FORM
from tests.unit.threats.scene import SIGN, VALMERE

SHELL = Actor("command-line", "test")
WITH_LINK = "a quiet evening, see https://lamps.example/quiet"


@dataclass(frozen=True)
class Thing:
    """Something that is kept: whether it is there, and how many days after the first day it must be gone."""

    name: str
    is_there: Callable[[], bool]
    days: float | None


class Story:
    """One node's first day."""

    def __init__(self, node: Node) -> None:
        self.node, self.start = node, node.clock.now()
        self.things: list[Thing] = []
        node.bank()
        told = node.clock.now() + timedelta(hours=1)
        self.contested = (challenge_until(told, 6) - self.start) / timedelta(days=1)
        for part in (
            self.quiet, self.decided, self.let_pass, self.waiting, self.reversed, self.noticed, self.held, self.wished,
            self.edges, self.people, self.organisation, self.ordered, self.warned, self.crashed,
        ):  # fmt: skip
            part()
        node.sweep()

    # what is looked at

    def thing(self, name: str, is_there: Callable[[], bool], days: float | None) -> None:
        self.things.append(Thing(name, is_there, days))

    def words(self, number: int, days: float | None) -> None:
        item = self.item(number)
        self.thing(
            f"words of {number}",
            lambda: self.node.ask(content_store.posted, self.node.house.vault, item.id, 1) is not None,
            days,
        )

    def signals(self, number: int, days: float | None) -> None:
        item = self.item(number)
        assert self.node.ask(content_store.signals_of, item.id, 1)
        self.thing(f"signals of {number}", lambda: bool(self.node.ask(content_store.signals_of, item.id, 1)), days)

    def located(self, number: int, days: float | None) -> None:
        item = self.item(number)
        locate = content_store.platform_id_of_item
        self.thing(f"place of {number}", lambda: self.node.ask(locate, item.id) is not None, days)

    def account(self, number: int, days: float | None) -> None:
        account, vault = self.item(number).account, self.node.house.vault
        known = content_store.platform_id_of_account
        self.thing(f"account of {number}", lambda: self.node.ask(known, account) is not None, days)
        self.key(f"account of {number}", SubjectId(account), days)
        self.thing(f"name of {number}", lambda: self.node.ask(content_store.profile, vault, account) is not None, days)

    def key(self, name: str, subject: SubjectId, days: float | None) -> None:
        vault = self.node.house.vault
        assert vault.knows(subject)
        self.thing(f"key of {name}", lambda: not vault.is_destroyed(subject), days)

    def files(self, number: int, days: float | None) -> None:
        item = self.item(number)
        posted = self.node.ask(content_store.posted, self.node.house.vault, item.id, 1)
        (media,) = posted.media
        self.key(f"file of {number}", media.sealed.subject, days)
        self.blob(f"file of {number}", media.sealed.blob, days)

    def blob(self, name: str, blob: BlobKey, days: float | None) -> None:
        self.thing(f"blob of {name}", lambda: self.node.house.blobs.has(blob), days)

    def table(self, name: str, count: Callable[..., Any], days: float | None) -> None:
        self.thing(name, lambda: bool(self.node.ask(count)), days)

    def item(self, number: int) -> Any:
        return self.node.ask(content_store.item_by_platform_id, f"p-{number}")

    def post(self, number: int, text: str = PHRASE, **more: Any) -> None:
        self.node.post(
            number, f"{text}, says {number}", account=AccountGiven(f"u-{number}", f"Keeper {number}"), **more
        )

    def case(self, number: int) -> Case:
        (case,) = [c for c in self.node.cases() if any(i.item == self.item(number).id for i in c.items)]
        return case

    # what happens

    def quiet(self) -> None:
        """A post that matches nothing."""
        self.post(1, WITH_LINK)
        self.words(1, 7)
        self.signals(1, 30)
        self.located(1, 30)
        self.account(1, 31)

    def decided(self) -> None:
        """Removed; the author was told, and can contest it; it stays removed."""
        self.post(2, media=(MediaGiven("file-2", content=b"a file of two"),))
        case = self.case(2)
        self.node.claim(case)
        self.node.write(cases.add_note, case.id, NOOR, "look at the lamp")
        self.node.write(cases.open_media, case.id, self.item(2).id, NOOR, 3)
        self.node.decide(case)
        self._told(2)
        self.words(2, self.contested)
        self.files(2, self.contested)
        self.located(2, None)
        self.account(2, None)
        vault, item, before = self.node.house.vault, self.item(2), self.start - timedelta(seconds=1)
        self.table("exposure", lambda conn: cases_store.opened_since(conn, case.id, NOOR, before), 90)
        self.table("note of the case", lambda conn: cases_store.notes(conn, vault, case.id), self.contested)
        made = self.node.ask(_decision_of, item.id)
        self.table("sentence", lambda conn: _has_sentence(conn, vault, made), self.contested)
        self.table("link", lambda conn: _has_link(conn, item.account), self.contested)

    def let_pass(self) -> None:
        """A match that a person let pass."""
        self.post(3)
        self.node.decide(self.case(3), Act.NO_ACTION)
        self.words(3, 1)
        self.account(3, 31)

    def waiting(self) -> None:
        """A case that nobody ever decides."""
        self.post(4)
        self.words(4, None)
        self.account(4, None)

    def reversed(self) -> None:
        """Removed, found wrong the same day, put back: the last telling counts, and then nothing is left of it."""
        self.post(5)
        decision = self.node.decide(self.case(5))
        self._told(5)
        self.node.reverse(decision)
        self.node.work()
        self.words(5, self.contested)
        self.located(5, self.contested + 1)
        self.account(5, self.contested + 3)

    def noticed(self) -> None:
        """Two notices: one is answered, one never."""
        for number in (6, 7):
            self.post(number, "a quiet evening")
            url = f"https://agora.example/p/p-{number}"
            notice.receive(self.node.house, Actor("public"), notice.NoticeGiven(url, *_words(number)))
        self.node.decide(self.case(6), Act.NO_ACTION)
        for number, days in ((6, self.contested), (7, None)):
            subject = self.node.ask(_notifier_of, self.item(number).id)
            self.key(f"notifier of {number}", subject, days)
            self.table(f"notice of {number}", lambda conn, s=subject: cases_store.notice_of_subject(conn, s), days)
            self.words(number, days)

    def held(self) -> None:
        """A post that matches nothing, of somebody in a proceeding."""
        self.post(8, WITH_LINK)
        until = self.node.clock.now() + timedelta(days=300)
        erasure.hold(self.node.house, SHELL, "u-8", until, HoldWhy.REVIEW)
        self.words(8, 300)
        self.signals(8, 300)
        self.account(8, 302)
        asked = erasure.ask(self.node.house, SHELL, "u-8")
        assert asked.waits_until == until

    def wished(self) -> None:
        """Whoever asks to go while a decision can be contested: what nothing needs goes at once."""
        self.post(9)
        self.node.post(90, WITH_LINK, account=AccountGiven("u-9", "Keeper 9"))
        self.node.decide(self.case(9))
        self._told(9)
        asked = erasure.ask(self.node.house, SHELL, "u-9")
        assert asked.waits_until is not None
        self.words(9, self.contested)
        self.words(90, 0)
        self.account(9, self.contested)  # though it stands removed: whoever asks to go has waived being put back

    def edges(self) -> None:
        """An upload nobody names; a verdict that the platform will not hear; a backfill whose key is revoked."""
        house = self.node.house
        key = screening.take_upload(house, PLATFORM, b"sent ahead")
        sealed = self.node.ask(content_store.upload, key)
        self.key("upload", sealed.subject, 1 / 24)
        self.blob("upload", sealed.blob, 1 / 24)
        screening.owe(house, PLATFORM, self.node.given(10, "too late", account=AccountGiven("u-10", "Keeper 10")))
        self.node.move(seconds=2)
        self.node.platform.answers = [Refused("not now", final=True)]
        self.node.work()
        (late,) = [e for e in self.node.ask(recent, limit=99) if e.kind == screening.LATE]
        assert self.node.ask(by_key, late.key).state is EffectState.FAILED
        self.key("verdict owed", SubjectId(late.payload["subject"]), 8)
        self.blob("verdict owed", BlobKey(late.payload["blob"]), 8)

    def people(self) -> None:
        """Somebody who works here and leaves after a month, with everything they were known by."""
        administrator = self._person("Ada", Role.ADMINISTRATOR)
        leaver = self._person("Leo", Role.MODERATOR)
        self.leaver = leaver
        issued = self.node.write(keys.issue, "machine", PLATFORM_SCOPES, administrator, days=700)
        screening.backfill(self.node.house, Actor("key", issued.key.id), "old", "page-2", [])
        self.key_of_machine = issued.key.id
        self.table("backfill", lambda conn: content_store.backfill(conn, issued.key.id, "old"), 30)
        self.node.write(sessions.open_session, leaver, Method.PASSKEY, "a browser")
        self.node.write(proofs.put_passkey, leaver, Registered(b"credential", b"key", 0), "a ring")
        self.node.write(proofs.put_recovery, leaver, [b"r" * 32])
        self.node.write(proofs.put_binding, leaver, "lookup of a binding", b"told by the provider")
        self.node.write(proofs.put_ceremony, b"c" * 32, "sign-in", b"x", self.start + timedelta(minutes=9), None)
        identity = Identity("Invited", "invited@node.example", "lookup of invited")
        self.node.write(staff.invite, identity, (Role.MODERATOR,), administrator)
        self.node.write(_try_to_sign_in)
        vault = self.node.house.vault
        self.table("sessions", lambda conn: staff_store.sessions_of(conn, vault, leaver), 1)
        self.table("tries", _tries, 30)
        self.table("passkeys", lambda conn: proofs.passkeys_of(conn, vault, leaver), 31)
        self.table("binding", lambda conn: proofs.person_by_binding(conn, "lookup of a binding"), 31)
        self.table("recovery codes", lambda conn: proofs.recovery_of(conn, leaver), 31)
        told = challenge_until(self.start + timedelta(days=30 + 31), 6)
        self.key("leaver", SubjectId(leaver), (told - self.start) / timedelta(days=1))

    def month_later(self) -> None:
        """Somebody leaves, a machine's key is revoked."""
        self.node.write(keys.revoke, self.key_of_machine)
        self.node.write(staff.leave, self.leaver, None)

    def organisation(self) -> None:
        """A legal representative: published, until they are erased."""
        self.node.write(parties.establish, particulars(), Representative("Rita Representative", "rita@node.example"))
        subject = self.node.ask(parties_store.organisation).representative
        self.key("representative", subject, None)

    def ordered(self) -> None:
        """An order that its issuer withdrew: what it says goes when that can be contested no more."""
        house, now = self.node.house, self.node.clock.now()
        came = Arrival("orders@office.example", now, signed=False, language="en")
        order, _ = order_flow.receive(house, PLATFORM, FORM, came, lambda _url: None)
        order_flow.told(house, PLATFORM, order, order_flow.Fact.WITHDRAWN)
        days = (challenge_until(now, 6) - self.start) / timedelta(days=1)
        self.thing("words of an order", lambda: self.node.ask(orders_store.words, house.vault, order) is not None, days)
        self.key("an order", orders_store.subject_of(order), days)

    def warned(self) -> None:
        """A warning about an account and one about nobody's: confirmed and closed on the first day, kept for a year."""
        node = self.node
        pinned = node.write(threats.pin, VALMERE, TOMAS)
        node.write(threats.confirm_recipient, pinned.id, IOANA)
        self.post(11)
        case = self.case(11)
        notice.receive(node.house, Actor("public"), notice.NoticeGiven("https://agora.example/p/none", *_words(11)))
        (nobodys,) = [c for c in node.cases() if c.kind is CaseKind.NOTICE]
        for name, of in (("an account", case), ("nobody", nobodys)):
            opened = node.write(threats.open_, of.id, NOOR)
            wanted = replace(SIGN, threat=opened.id)
            shown = warn.shown(node.house, NOOR, wanted).letter.digest
            node.write(threats.sign, replace(wanted, shown=shown), NOOR, can_mail=True)
            node.write(threats.confirm, opened.id, 1, pinned.id, Receipt.TELEPHONE, NOOR)
            node.write(threats.close, opened.id, NOOR, Outcome.ACTED)
            vault, made = node.house.vault, opened.id
            self.table(
                f"letter about {name}",
                lambda conn, t=made, v=vault: threats_store.letter(conn, v, t, 1),
                WARNING_KEPT_DAYS,
            )
            if opened.account is None:
                self.key(f"warning about {name}", SubjectId(made), WARNING_KEPT_DAYS)
            node.decide(of, Act.NO_ACTION)
        self.account(11, WARNING_KEPT_DAYS)
        node.move(seconds=1)  # what follows finds its own key by the instant at which it was made

    def crashed(self) -> None:
        """Bytes that were sealed and written, and then nothing pointed to them."""
        house = self.node.house
        blob = screening._put(house, SubjectId(screening.fresh("sub", house.clock.now())), b"of a crash", "media")
        (key,) = [s for s in house.vault.living("sub_") if s[4:14] == screening.fresh("sub", house.clock.now())[4:14]][
            -1:
        ]
        made = house.clock.now().timestamp()
        os.utime(house.blobs._path(blob), (made, made))
        self.key("crash", key, 1)
        self.blob("crash", blob, 1)

    def _told(self, number: int) -> None:
        """Past the undo hold, the platform does it and tells the author."""
        self.node.platform.answers = [Done("done")] * 2
        self.node.move(minutes=2)
        self.node.work()

    def _person(self, name: str, role: Role) -> PersonId:
        email = f"{name.lower()}@node.example"
        identity = Identity(name, email, tokens.lookup_of(self.node.house.pepper, email))
        made = self.node.write(staff.create_person, identity, (role,), Credentials("hash", b"totp"))
        return PersonId(made.id)


def particulars() -> Particulars:
    contact = ContactPoint("orders@node.example")
    kind, service = NodeKind.PLATFORM, Service.ONLINE_PLATFORM
    return Particulars("Node", kind, "XA", ("en",), contact, size=Size.MEDIUM, service=service)


def _words(number: int) -> tuple[str, str, str, bool]:
    return (NOTICE.explanation, f"Notifier {number}", f"notifier-{number}@mail.example", True)


def _decision_of(conn: Any, item: str) -> str:
    from beffroi.decisions import store as decisions

    return str(decisions.of_item(conn, item)[0].id)


def _has_sentence(conn: Any, vault: Any, decision: Any) -> bool:
    from beffroi.decisions import store as decisions

    return SENTENCE in decisions.notes(conn, vault, decision).values()


def _has_link(conn: Any, account: Any) -> bool:
    from beffroi.notices import store as notices

    return notices.has_links(conn, account)


def _notifier_of(conn: Any, item: Any) -> SubjectId:
    (found,) = [s for s in cases_store.notifiers(conn) if cases_store.notice_of_subject(conn, s).item == item]
    return found


def _try_to_sign_in(tx: Any) -> None:
    known = Tally(1, tx.now, None, tx.now + timedelta(days=30))
    assert proofs.tallies(tx, ["here", "there"])
    proofs.put_tallies(tx, {"here": Tally(3, tx.now), "there": known})


def _tries(conn: Any) -> int:
    from sqlalchemy import func, select

    from beffroi.staff.tables import try_table

    return int(conn.execute(select(func.count()).select_from(try_table)).scalar_one())


def day(story: Story) -> float:
    """How many days the story has gone on."""
    now: datetime = story.node.clock.now()
    return (now - story.start) / timedelta(days=1)
