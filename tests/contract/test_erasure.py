"""Whoever is erased stands in no file, no table, no export and no restored backup; the log goes on and checks.

Each canary is a plainly artificial name that stands nowhere else. Before the erasure each of them is readable by the
product, so that the scan that finds none of them afterwards has looked for something that was there.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, MediaGiven
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import erasure, fsck, notice, screening, upkeep, warn
from beffroi.flow.fsck import Counts
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.ledger import proof, verify
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.records import Erased
from beffroi.ground.storage import Actor, events
from beffroi.ground.trust.keys import Purpose
from beffroi.notices import store as notices_store
from beffroi.parties import service as parties
from beffroi.parties import store as parties_store
from beffroi.parties.model import Representative
from beffroi.settings import Settings
from beffroi.staff import service as staff
from beffroi.staff import sessions
from beffroi.staff import store as staff_store
from beffroi.staff.model import Credentials, Identity, Method, Role
from beffroi.staff.proof import store as proofs
from beffroi.staff.proof import tokens
from beffroi.staff.proof.passkeys import Registered
from beffroi.staff.tables import binding_table
from beffroi.threats import service as threats
from beffroi.threats import store as threats_store
from beffroi.threats.model import Outcome, Part, Receipt
from beffroi.threats.routing import EMERGENCY
from tests.contract.months import SHELL, particulars
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import NOOR, PHRASE, SENTENCE, Node, opened
from tests.unit.flow.worked import Blind
from tests.unit.threats.scene import SIGN

NAMES = [
    *(
        "name",
        "bio",
        "profile-url",
        "account-id",
        "item-id",
        "post-url",
        "text",
        "media",
        "file-id",
        "parent",
        "thread",
    ),
    *(
        "link",
        "case-note",
        "exemption",
        "reversal",
        "notifier",
        "notifier-email",
        "explanation",
        "staff",
        "staff-email",
    ),
    *("agent", "passkey", "binding", "representative", "upload", "owed", "owed-id", "reasons", "connection"),
]
CANARY = {name: f"quillon-{name}-{number:02}" for number, name in enumerate(NAMES)}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def node(url: str, tmp_path: Path) -> Iterator[Node]:
    with opened(tmp_path / "node", Blind(), database=url) as made:
        yield made


class People:
    """Everybody of whom something is kept, in every capability."""

    def __init__(self, node: Node) -> None:
        self.node = node
        node.bank()
        self.post()
        self.decide()
        self.notify()
        self.staff()
        self.warn()
        self.edges()
        node.house.integrator.beat()

    def post(self) -> None:
        c = CANARY
        account = AccountGiven(c["account-id"], c["name"], f"https://agora.example/u/{c['profile-url']}", c["bio"])
        url = f"https://agora.example/p/{c['post-url']}"
        words = f"{c['text']}: {PHRASE}; see https://lamps.example/{c['link']}"
        media = (MediaGiven(c["file-id"], content=c["media"].encode()),)
        given = {"platform_id": c["item-id"], "account": account, "url": url, "media": media}
        self.node.post(1, words, parent=c["parent"], thread=c["thread"], **given)
        found = self.node.ask(content_store.item_by_platform_id, c["item-id"])
        assert found is not None
        self.item = found

    def decide(self) -> None:
        node, (case,) = self.node, self.node.cases()
        node.claim(case)
        node.write(cases.add_note, case.id, NOOR, f"a note about {CANARY['case-note']}")
        self.decision = node.decide(case, Act.REMOVE, exemption_sentence=f"{SENTENCE} {CANARY['exemption']}")
        node.move(minutes=2)
        node.work()
        self.case = case.id
        node.reverse(self.decision, f"It was a song of {CANARY['reversal']}")
        node.work()

    def notify(self) -> None:
        self.node.post(2, "a quiet evening", account=AccountGiven("u-2", "Somebody"))
        told = (f"{NOTICE.explanation} {CANARY['explanation']}", CANARY["notifier"], CANARY["notifier-email"])
        given = notice.NoticeGiven("https://agora.example/p/p-2", *told, good_faith=True)
        self.reference = notice.receive(self.node.house, Actor("public"), given).reference
        self.node.decide(self.node.cases()[0], Act.NO_ACTION)

    def staff(self) -> None:
        node, made = self.node, []
        for name, email in ((CANARY["staff"], CANARY["staff-email"] + "@node.example"), ("Ada", "ada@node.example")):
            identity = Identity(name, email, tokens.lookup_of(node.house.pepper, email))
            person = node.write(staff.create_person, identity, (Role.ADMINISTRATOR,), Credentials("hash", b"totp"))
            made.append(person.id)
        self.person = made[0]
        node.write(sessions.open_session, self.person, Method.PASSKEY, f"browser of {CANARY['agent']}")
        node.write(proofs.put_passkey, self.person, Registered(b"c", b"k", 0), f"ring of {CANARY['passkey']}")
        told = f"subject {CANARY['binding']}".encode()
        node.write(proofs.put_binding, self.person, "lookup of a binding", told)
        node.write(parties.establish, particulars(), Representative(CANARY["representative"], "rita@node.example"))
        self.representative = node.ask(parties_store.organisation).representative

    def warn(self) -> None:
        node = self.node
        opened = node.write(threats.open_, self.case, NOOR)
        said = {"reasons": f"They speak of {CANARY['reasons']} tonight.", "connection": CANARY["connection"]}
        wanted = replace(SIGN, threat=opened.id, parts=tuple(Part), **said)
        shown = warn.shown(node.house, NOOR, wanted).letter.digest
        node.write(threats.sign, replace(wanted, shown=shown), NOOR, can_mail=True)
        node.write(threats.confirm, opened.id, 1, EMERGENCY, Receipt.TELEPHONE, NOOR)
        node.write(threats.close, opened.id, NOOR, Outcome.ACTED)
        self.threat = opened.id

    def edges(self) -> None:
        house, account = self.node.house, AccountGiven(CANARY["account-id"], CANARY["name"])
        self.upload = screening.take_upload(house, Actor("key"), CANARY["upload"].encode())
        late = self.node.given(4, CANARY["owed"], platform_id=CANARY["owed-id"], account=account)
        screening.owe(house, Actor("key"), late)

    def read(self) -> str:
        """All that the product itself can read of them."""
        node, vault = self.node, self.node.house.vault
        account, notifier = self.item.account, node.ask(cases_store.notifier_by_reference, self.reference)
        posted = node.ask(content_store.posted, vault, self.item.id, 1)
        told: list[Any] = [
            posted,
            node.ask(content_store.profile, vault, account),
            node.ask(content_store.platform_id_of_item, self.item.id),
            node.ask(content_store.platform_id_of_account, account),
            node.ask(content_store.signals_of, self.item.id, 1),
            node.ask(cases_store.notes, vault, self.case),
            node.ask(decisions_store.notes, vault, self.decision.id),
            [node.ask(notices_store.token_of, vault, s.id) for s in node.statements(self.decision)],
            node.ask(threats_store.letter, vault, self.threat, 1),
            node.ask(staff_store.identities, vault),
            [str(i.name) + i.email for i in node.ask(staff_store.identities, vault).values()],
            node.ask(staff_store.sessions_of, vault, self.person),
            node.ask(proofs.passkeys_of, vault, self.person),
            node.ask(_bound, vault),
            node.ask(parties_store.representative, vault, self.representative) if self.representative else None,
        ]
        found = notifier and node.ask(cases_store.notice_of_subject, notifier)
        told.append(found and node.ask(cases_store.read_notice, vault, found.id))
        return str(told) + " ".join(self._files(posted))

    def _files(self, posted: Any) -> Iterator[str]:
        house = self.node.house
        for media in posted.media if posted else ():
            yield (house.vault.open(media.sealed.subject, house.blobs.get(media.sealed.blob), "media") or b"").decode()
        upload = self.node.ask(content_store.upload, self.upload)
        if upload is not None:
            yield (house.vault.open(upload.subject, house.blobs.get(upload.blob), "upload") or b"").decode()
        for effect in self.node.ask(_late):
            yield str(screening.owed(house, effect))

    def erase_everybody(self) -> list[SubjectId]:
        """By their own wish; the representative by a successor's naming first."""
        node = self.node
        node.write(staff.leave, self.person, None)
        node.write(parties.amend, particulars(), Representative("Rolf Successor", "rolf@node.example"))
        wanted = (CANARY["account-id"], self.reference, self.person, self.representative)
        return [erasure.ask(node.house, SHELL, str(whom)).subject for whom in wanted]

    def pass_time(self) -> None:
        """The remedies end, and with them what was still needed of anybody."""
        for days in (1, 1, 230, 1, 1, 1, 1):
            self.node.move(days=days)
            while self.node.sweep():
                pass
            self.node.work()


def _bound(conn: Any, vault: Any) -> list[bytes | None]:
    rows = conn.execute(binding_table.select()).mappings()
    return [vault.open(SubjectId(row["person"]), row["sealed"], "binding") for row in rows]


def _late(conn: Any) -> list[dict[str, str]]:
    rows = conn.execute(text("SELECT payload FROM effect WHERE kind = 'late-verdict' AND state = 'intended'")).scalars()
    from beffroi.ground.kernel.json import parse

    return [row if isinstance(row, dict) else parse(row.encode()) for row in rows]


def files_with(folder: Path) -> list[str]:
    """Which canary stands in which file: database, write-ahead log, vault, blobs, keys, copies."""
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(contents) >= 3
    return [
        f"{name} in {path.name}"
        for path, bytes_ in contents.items()
        for name in NAMES
        if CANARY[name].encode() in bytes_
    ]


def tables_with(node: Node) -> list[str]:
    """Which canary stands in which table, whatever the column."""
    found = []
    with node.house.read() as conn:
        for keeping in KEEPINGS:
            for row in conn.execute(keeping.table.select()):
                said = repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
                found += [f"{name} in {keeping.table.name}" for name in NAMES if CANARY[name] in said]
    return found


def test_nobody_who_was_erased_stands_anywhere(
    node: Node, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    people, house = People(node), node.house
    readable = people.read()
    assert [name for name in NAMES if CANARY[name] not in readable and name != "post-url"] == []
    of_posting = node.ask(lambda conn: events.history(conn, "item", people.item.id))[0]
    receipt = node.ask(proof.receipt, of_posting.id)
    settings = Settings(data=house.settings.data, database=url)
    upkeep.back_up(settings, node.clock, tmp_path / "older", None, lambda *_: None)
    assert {found.split(" in ")[0] for found in files_with(tmp_path / "older")} <= {
        "account-id", "item-id", "file-id", "link",
    }, "in a backup without a chest only the platform's ids and addresses of links are to be read"  # fmt: skip

    subjects = people.erase_everybody()
    people.pass_time()

    assert [name for name in NAMES if CANARY[name] in people.read()] == []
    assert all(house.vault.is_destroyed(subject) for subject in subjects)
    house.integrator.beat()
    assert house.database.empty_log()
    assert tables_with(node) == []
    assert files_with(house.settings.data) == []
    assert [name for name in NAMES if CANARY[name] in caplog.text + "".join(capfd.readouterr())] == []
    _still_proved(node, receipt, subjects)
    _gone_from_older_copies(node, url, tmp_path)


def _still_proved(node: Node, receipt: bytes, subjects: list[SubjectId]) -> None:
    """The log checks, the receipt verifies, and that they were erased is in the log."""
    house = node.house
    with upkeep.open_premises(
        Settings(data=house.settings.data, database=house.settings.database), node.clock
    ) as found:
        assert [
            f.code for f in fsck.check(found, frozenset(PERFORMERS), node.clock.now(), Counts(), lambda *_: None)
        ] == []
    verify.verify_receipt(receipt, log_keys(house.settings.origin, house.ring.ever(Purpose.LEDGER)))
    for subject in subjects:
        told = [
            e for e in node.ask(lambda conn, s=subject: events.history(conn, "subject", s)) if e.type == Erased.type()
        ]
        assert len(told) == 1
        assert node.ask(proof.receipt, told[0].id), "it has its leaf"


def _gone_from_older_copies(node: Node, url: str, tmp_path: Path) -> None:
    """A backup from before, opened with the keys of now."""
    settings = Settings(data=node.house.settings.data, database=url)
    upkeep.back_up(settings, node.clock, tmp_path / "newer", tmp_path / "chest", lambda *_: None)
    assert files_with(tmp_path / "newer") == []
    target = Settings(data=tmp_path / "restored")
    upkeep.restore(target, node.clock, tmp_path / "older", tmp_path / "chest", same_log=False, progress=lambda *_: None)
    assert files_with(tmp_path / "restored") == []
    with upkeep.open_premises(target, node.clock) as found:
        codes = {f.code for f in fsck.check(found, frozenset(PERFORMERS), node.clock.now(), Counts(), lambda *_: None)}
    assert codes == set()
