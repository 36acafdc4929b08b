"""The demo's sample: an invented platform with people, terms, banks and a rule.

Owns: what a demo node holds at its first start.
Promises: everything in it is invented; it is filled once; its people can sign in nowhere but in a demo.
Never does: run outside `demo`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from beffroi.decisions import policies
from beffroi.decisions import service as decisions
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, Clause, Ground, GroundKind
from beffroi.decisions.rules import ProposeRule
from beffroi.ground.kernel.errors import ensure
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Tx
from beffroi.ground.storage.files import read_private, write_private
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service as matching
from beffroi.matching.model import BankTerms, ContentGround, EntryGiven
from beffroi.parties import charter
from beffroi.parties import service as parties
from beffroi.parties import store as parties_store
from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Service, Size
from beffroi.signals import Posted, extract
from beffroi.staff import keys
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Identity, Role
from beffroi.staff.permissions import PLATFORM_SCOPES
from beffroi.staff.proof import tokens

from . import sample_warning
from .house import House

_UNDO_HOLD_S = 8
PASSWORD = "beffroi demo only"  # noqa: S105 (refused outside the demo, where these people do not exist)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample person."""

    name: str
    email: str
    roles: tuple[Role, ...]

    @property
    def role(self) -> str:
        """The main role in words."""
        return self.roles[0].value.replace("_", " ")


PEOPLE = (
    Sample("Noor H.", "noor@agora.example", (Role.MODERATOR,)),
    Sample("Tomas W.", "tomas@agora.example", (Role.SENIOR_MODERATOR,)),
    Sample("Ioana P.", "ioana@agora.example", (Role.POLICY_LEAD,)),
    Sample("Ada K.", "ada@agora.example", (Role.ADMINISTRATOR,)),
    Sample("Ossian V.", "ossian@overseer.example", (Role.OVERSEER,)),
)
_CLAUSES = (
    Clause(
        "4.1",
        {"en": "Threats", "ar": "التهديد"},
        {
            "en": "You may not threaten to hurt people or to destroy what they need.",
            "ar": "لا يجوز التهديد بإيذاء الناس أو بتدمير ما يحتاجون إليه.",
        },
        "terrorist_content",
        5,
        four_eyes=False,
    ),
    Clause(
        "4.2",
        {"en": "Calls to violence", "ar": "الدعوة إلى العنف"},
        {
            "en": "You may not post content that calls on others to attack people or places, "
            "even indirectly or by praise.",
            "ar": "لا يجوز نشر محتوى يدعو إلى مهاجمة الناس أو الأماكن، ولو بصورة غير مباشرة أو بالمديح.",
        },
        "terrorist_content",
        4,
    ),
    Clause(
        "4.3",
        {"en": "Support for violent groups", "ar": "دعم الجماعات العنيفة"},
        {
            "en": "You may not recruit or collect for groups that attack people.",
            "ar": "لا يجوز التجنيد أو جمع الأموال لجماعات تهاجم الناس.",
        },
        "terrorist_content",
        4,
        four_eyes=True,
    ),
)
_PHRASES = (
    ("the herons watched", ContentGround.INCITES),
    ("number nineteen came home", ContentGround.SOLICITS_PARTICIPATION),
    ("the lamps go out on market day", ContentGround.INCITES),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the terminal prints, and the key the site is started with."""

    people: tuple[Sample, ...]
    password: str
    api_key: str


def fill(house: House, picture: bytes | None = None) -> Told:
    """Fill an empty demo node; `picture` is banked. A filled one is left as it is."""
    ensure(house.settings.demo, "not-a-demo", "sample data belongs to the demo")
    key = house.settings.data / "site.key"
    with house.read() as conn:
        is_new = parties_store.organisation(conn) is None
    if is_new:
        people = house.write("law", NODE, lambda tx: _people(tx, house))
        house.write("law", NODE, lambda tx: _house_rules(tx, people["policy_lead"]))
        written = house.write("law", NODE, lambda tx: _site_key(tx, people["administrator"]))
        write_private(key, written.encode())
        _banks(house, people, picture)
        sample_warning.fill(house, people)
    return Told(PEOPLE, PASSWORD, (read_private(key) or b"").decode())


def _people(tx: Tx, house: House) -> dict[str, PersonId]:
    """All sample people; their ids by main role."""
    made = {}
    credentials = Credentials(house.hasher.hash(PASSWORD), None)
    for sample in PEOPLE:
        identity = Identity(sample.name, sample.email, tokens.lookup_of(house.pepper, sample.email))
        person = staff.create_person(tx, identity, sample.roles, credentials, demo=True)
        made[sample.roles[0].value] = person.id
    return made


def _site_key(tx: Tx, administrator: PersonId) -> str:
    return keys.issue(tx, "Agora, the demo site", PLATFORM_SCOPES, administrator, days=365).written


def _house_rules(tx: Tx, lead: PersonId) -> None:
    contact = ContactPoint("orders@agora.example", "Agora, Market Square 1, Oostmark", "+000 000 0000", "always")
    particulars = Particulars(
        name="Agora",
        kind=NodeKind.PLATFORM,
        country="XA",
        languages=("en", "ar"),
        contact=contact,
        complaints=ContactPoint("look-again@agora.example"),
        size=Size.MEDIUM,
        service=Service.ONLINE_PLATFORM,
    )
    parties.establish(tx, particulars)
    policies.publish(tx, None, "Agora terms", _CLAUSES, lead)
    charter.set(tx, "undo_hold_s", _UNDO_HOLD_S, lead, "So that whoever tries the demo sees a decision take effect.")


def _banks(house: House, people: Mapping[str, PersonId], picture: bytes | None) -> None:
    senior, lead = people["senior_moderator"], people["policy_lead"]
    pictures = BankTerms("Harbour pictures", "Pictures that our moderators confirmed", radius_bits=31)
    phrases = BankTerms("Kettle phrases", "Sentences that point to a call to violence")
    partner = BankTerms("Lighthouse list", "What a partner lists; not tried yet", terms_of_use="for comparison only")
    poster = extract(house.decoder, [Posted(None, (picture,))])[0] if picture is not None else None

    def work(tx: Tx) -> None:
        known = matching.create_bank(tx, pictures, lead)
        if poster is not None:
            for signal in poster.signals:
                if signal.type in {"pdq", "sha256"}:
                    given = EntryGiven(
                        signal.type,
                        signal.value,
                        labels=(ContentGround.INCITES.value,),
                        description="drawing, banner with words, no people",
                        strain=2,
                    )
                    entry = matching.add_entry(tx, known.id, given, lead)
                    matching.confirm_here(tx, entry.id, lead)
        said = matching.create_bank(tx, phrases, lead)
        for words, label in _PHRASES:
            matching.add_entry(tx, said.id, EntryGiven("phrase", words, labels=(label.value,)), lead)
        other = matching.create_bank(tx, partner, lead)
        matching.add_entry(tx, other.id, EntryGiven("phrase", "tent four has coffee"), lead)
        for bank in (known, said):
            matching.promote(tx, bank.id, lead)
        policy = decisions_store.all_policies(tx.conn)[0]
        ground = Ground(GroundKind.TERMS, policy.id, policy.number, "4.2")
        rule = ProposeRule(
            "Exact copies of confirmed pictures",
            known.id,
            Act.REJECT_UPLOAD,
            0,
            ground,
            tx.now,
            tx.now + timedelta(days=90),
            20,
        )
        proposed = decisions.propose_rule(tx, rule, senior)
        decisions.approve_rule(tx, proposed.id, lead)

    house.write("law", NODE, work)
    house.index.invalidate()
