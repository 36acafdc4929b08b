"""What every state, act and code of the house is called on a page.

Owns: the words (message ids), glyphs and colours of the enums of all capabilities.
Promises: each member of each enum named here has its words (a test reads them all); the verb on a button is the
verb in the record.
Never does: hide a value it does not know: it shows the value itself.
"""

from dataclasses import dataclass
from enum import Enum

from beffroi.actions.model import Kind as RestrictionKind
from beffroi.actions.model import RestrictionState, Verification
from beffroi.cases.model import CaseKind, CaseState
from beffroi.content.model import ItemKind, ItemState, Visibility
from beffroi.decisions.model import Act, DecisionState, Exemption, GroundKind, RuleState, Source
from beffroi.ground.storage.effects import EffectState
from beffroi.matching.model import BankSource, LegalCategory, Opinion, Stage, Standing
from beffroi.matching.model import Verdict as MatchVerdict
from beffroi.notices.model import StatementKind, StatementState
from beffroi.parties.model import NodeKind, Service, Size
from beffroi.staff.model import Method, PersonState, Role, Way
from beffroi.threats.model import (
    Danger,
    DispatchState,
    Function,
    How,
    LetterKind,
    Outcome,
    Part,
    Receipt,
    RecipientState,
    ThreatState,
    Window,
)
from beffroi.threats.model import Way as LetterWay

from .words import N_


@dataclass(frozen=True, slots=True)
class Sign:
    """Glyph, colour and word of a state: always all three."""

    glyph: str
    kind: str
    """`done run late auth over you`, or empty."""
    words: str


_Named = dict[type[Enum], dict[str, str]]
_Signed = dict[type[Enum], dict[str, Sign]]

WORDS: _Named = {
    Act: {
        Act.NO_ACTION: N_("No action"),
        Act.REMOVE: N_("Remove"),
        Act.DISABLE: N_("Disable in the Union"),
        Act.RESTRICT_TERRITORIES: N_("By territory"),
        Act.LABEL: N_("Label"),
        Act.HOLD: N_("Hold"),
        Act.REJECT_UPLOAD: N_("Refuse the upload"),
        Act.WARN_ACCOUNT: N_("Warn the account"),
        Act.SUSPEND_ACCOUNT: N_("Suspend the account"),
    },
    RestrictionKind: {
        RestrictionKind.REMOVE: N_("Removed"),
        RestrictionKind.DISABLE: N_("Disabled in the Union"),
        RestrictionKind.RESTRICT_TERRITORIES: N_("Hidden by territory"),
        RestrictionKind.LABEL: N_("Labelled"),
        RestrictionKind.HOLD: N_("Held"),
        RestrictionKind.REJECT_UPLOAD: N_("Upload refused"),
        RestrictionKind.WARN_ACCOUNT: N_("Account warned"),
        RestrictionKind.SUSPEND_ACCOUNT: N_("Account suspended"),
    },
    Exemption: {
        Exemption.PUBLIC_DEBATE: N_("Public debate"),
        Exemption.EDUCATION: N_("Education"),
        Exemption.JOURNALISM: N_("Journalism"),
        Exemption.ART: N_("Art"),
        Exemption.RESEARCH: N_("Research"),
        Exemption.COUNTER_TERRORISM: N_("Preventing or countering terrorism"),
    },
    GroundKind: {GroundKind.TERMS: N_("Own terms"), GroundKind.LAW: N_("Law")},
    Source: {
        Source.OWN_SCREENING: N_("Screening at upload"),
        Source.NOTICE: N_("Notice by a user"),
        Source.OWN_INITIATIVE: N_("A moderator found it"),
        Source.ORDER: N_("A removal order"),
    },
    Verification: {
        Verification.VERIFIED: N_("Seen gone from outside"),
        Verification.NOT_VERIFIABLE: N_("Cannot be checked from outside"),
        Verification.STILL_VISIBLE: N_("Still visible from outside"),
        Verification.STILL_HIDDEN: N_("Still hidden from outside"),
    },
    CaseKind: {
        CaseKind.ITEM: N_("Post"),
        CaseKind.ACCOUNT: N_("Account"),
        CaseKind.NOTICE: N_("Notice about something not found here"),
    },
    ItemKind: {
        ItemKind.POST: N_("Post"),
        ItemKind.PROFILE_NAME: N_("Profile name"),
        ItemKind.PROFILE_BIO: N_("Profile text"),
        ItemKind.AVATAR: N_("Profile picture"),
    },
    ItemState: {ItemState.LIVE: N_("On the platform"), ItemState.DELETED_BY_AUTHOR: N_("Deleted by its author")},
    Visibility: {
        Visibility.PUBLIC: N_("Everybody, without login"),
        Visibility.UNLISTED: N_("Whoever has the link"),
        Visibility.CLOSED_GROUP: N_("A closed group"),
        Visibility.PRIVATE: N_("Private"),
    },
    LegalCategory: {LegalCategory.TERRORIST_CONTENT: N_("Terrorist content, Art 2(7) TCO")},
    BankSource: {
        BankSource.OWN: N_("Our own"),
        BankSource.PARTNER: N_("A partner"),
        BankSource.EXCHANGE: N_("An exchange"),
        BankSource.PUBLIC_BODY: N_("A public body"),
        BankSource.ORDER: N_("An order"),
    },
    Opinion: {
        Opinion.POSITIVE: N_("This is what the bank is for"),
        Opinion.NEGATIVE: N_("Not this: silences matches as close"),
        Opinion.DISPUTED: N_("Disputed: never acts"),
    },
    Standing: {
        Standing.SILENCED: N_("Silenced by a negative entry"),
        Standing.DISPUTED: N_("Entry disputed"),
        Standing.OBSERVED: N_("Only observed"),
        Standing.ACTING: N_("Opens a case"),
    },
    MatchVerdict: {MatchVerdict.CONFIRMED: N_("Was right"), MatchVerdict.OVERTURNED: N_("Was wrong")},
    Role: {
        Role.MODERATOR: N_("Moderator"),
        Role.SENIOR_MODERATOR: N_("Senior moderator"),
        Role.POLICY_LEAD: N_("Policy lead"),
        Role.ADMINISTRATOR: N_("Administrator"),
        Role.OVERSEER: N_("Overseer"),
    },
    NodeKind: {
        NodeKind.PLATFORM: N_("A platform"),
        NodeKind.AUTHORITY: N_("An authority"),
        NodeKind.OVERSEER: N_("An overseer"),
    },
    Size: {
        Size.MICRO: N_("Micro: fewer than 10 people"),
        Size.SMALL: N_("Small: fewer than 50 people"),
        Size.MEDIUM: N_("Medium: fewer than 250 people"),
        Size.LARGE: N_("Large"),
        Size.VERY_LARGE: N_("Very large: designated under Art 33 DSA"),
    },
    Service: {
        Service.HOSTING: N_("Hosting, Art 3(g)(iii) DSA"),
        Service.ONLINE_PLATFORM: N_("Online platform, Art 3(i) DSA"),
    },
    Method: {
        Method.PASSWORD_CODE: N_("Password and code"),
        Method.PASSWORD_RECOVERY: N_("Password and recovery code"),
        Method.PASSKEY: N_("Passkey"),
        Method.LINK: N_("One-time link"),
        Method.SINGLE_SIGN_ON: N_("Single sign-on"),
        Method.DEMO: N_("Demo password"),
    },
    Way: {
        Way.PASSWORD: N_("Password and code"),
        Way.PASSKEY: N_("Passkey"),
        Way.SINGLE_SIGN_ON: N_("Single sign-on"),
    },
    StatementKind: {
        StatementKind.RESTRICTED: N_("Statement of reasons"),
        StatementKind.PUT_BACK: N_("Put back"),
    },
    Function: {
        Function.INVESTIGATE: N_("Criminal police or prosecutors"),
        Function.CONTACT_POINT: N_("Contact point, Art 12(2) TCO"),
        Function.EUROPOL: N_("Europol"),
    },
    How: {
        How.NOTICE: N_("Notice by a user"),
        How.OWN_REVIEW: N_("A moderator found it"),
        How.MATCH: N_("A match, then a moderator"),
    },
    Danger: {
        Danger.LIFE: N_("A life"),
        Danger.SERIOUS_INJURY: N_("Serious injury"),
        Danger.SAFETY: N_("Safety"),
    },
    Window: {
        Window.HOURS: N_("Within hours"),
        Window.DAYS: N_("Within days"),
        Window.HAPPENED: N_("Has happened"),
        Window.UNKNOWN: N_("No time is named"),
    },
    Part: {
        Part.POST: N_("The post"),
        Part.FILES: N_("What was attached"),
        Part.ACCOUNT: N_("Account name and number"),
        Part.PROFILE: N_("Profile"),
        Part.CONNECTION: N_("Last connection"),
    },
    LetterKind: {
        LetterKind.WARNING: N_("Warning"),
        LetterKind.SUPPLEMENT: N_("Supplement"),
        LetterKind.RETRACTION: N_("Retraction"),
    },
    LetterWay: {
        LetterWay.SEALED: N_("e-mail, encrypted to them"),
        LetterWay.NOTE: N_("e-mail that says only to call; the letter on paper"),
        LetterWay.PAPER: N_("on the telephone and on paper"),
    },
    Receipt: {
        Receipt.TELEPHONE: N_("On the telephone"),
        Receipt.MAIL: N_("By e-mail"),
        Receipt.IN_PERSON: N_("In person"),
        Receipt.LINK: N_("They confirmed it themselves"),
    },
    Outcome: {
        Outcome.ACTED: N_("They acted"),
        Outcome.NO_DANGER: N_("They found no danger"),
        Outcome.KNOWN_ALREADY: N_("They knew already"),
        Outcome.NOT_TOLD: N_("They do not say"),
    },
}

SIGNS: _Signed = {
    CaseState: {
        CaseState.OPEN: Sign("free", "", N_("Free")),
        CaseState.AWAITS_SECOND: Sign("people", "run", N_("Needs a second")),
        CaseState.DECIDED: Sign("done", "done", N_("Decided")),
        CaseState.WITHDRAWN: Sign("none", "", N_("Nothing left to decide")),
        CaseState.SEALED: Sign("lock", "late", N_("Sealed")),
    },
    DecisionState: {
        DecisionState.PROPOSED: Sign("people", "run", N_("Waits for a second person")),
        DecisionState.MADE: Sign("done", "done", N_("Stands")),
        DecisionState.DECLINED: Sign("none", "", N_("Declined by the second person")),
        DecisionState.UNDONE: Sign("back", "", N_("Undone before it took effect")),
        DecisionState.REVERSED: Sign("back", "over", N_("Reversed, put back")),
    },
    RuleState: {
        RuleState.PROPOSED: Sign("clock", "run", N_("Waits for approval")),
        RuleState.ACTIVE: Sign("done", "done", N_("In force")),
        RuleState.PAUSED: Sign("pause", "late", N_("Paused by its cap")),
        RuleState.ENDED: Sign("none", "", N_("Ended")),
    },
    RestrictionState: {
        RestrictionState.PLANNED: Sign("clock", "run", N_("Planned")),
        RestrictionState.IN_FORCE: Sign("done", "done", N_("In force")),
        RestrictionState.FAILED: Sign("warning", "late", N_("Did not come about")),
        RestrictionState.LIFTING: Sign("clock", "run", N_("Being put back")),
        RestrictionState.LIFTED: Sign("back", "", N_("Put back")),
        RestrictionState.WITHDRAWN: Sign("back", "", N_("Undone before it took effect")),
    },
    Stage: {
        Stage.OBSERVE: Sign("eye", "run", N_("Observes only")),
        Stage.ACTIVE: Sign("done", "done", N_("Active")),
        Stage.PAUSED: Sign("pause", "late", N_("Paused by its brake")),
        Stage.DISABLED: Sign("none", "", N_("Disabled")),
    },
    StatementState: {
        StatementState.ISSUED: Sign("clock", "run", N_("On its way")),
        StatementState.DELIVERED: Sign("done", "done", N_("Delivered")),
        StatementState.UNDELIVERED: Sign("warning", "late", N_("Not delivered; the page stands")),
    },
    PersonState: {
        PersonState.INVITED: Sign("letter", "run", N_("Invited")),
        PersonState.ACTIVE: Sign("done", "done", N_("Active")),
        PersonState.SUSPENDED: Sign("pause", "late", N_("Suspended")),
        PersonState.LEFT: Sign("out", "", N_("Left")),
    },
    ThreatState: {
        ThreatState.DRAFT: Sign("clock", "run", N_("Not sent yet")),
        ThreatState.UNCONFIRMED: Sign("bell", "late", N_("Not confirmed")),
        ThreatState.CONFIRMED: Sign("done", "done", N_("Confirmed")),
        ThreatState.DROPPED: Sign("none", "", N_("Not sent")),
        ThreatState.CLOSED: Sign("check", "", N_("Closed")),
    },
    DispatchState: {
        DispatchState.WAITING: Sign("clock", "run", N_("Being mailed")),
        DispatchState.SENT: Sign("send", "", N_("Mailed")),
        DispatchState.FAILED: Sign("warning", "late", N_("Not mailed: telephone and paper")),
        DispatchState.BY_HAND: Sign("print", "run", N_("By telephone and on paper")),
    },
    RecipientState: {
        RecipientState.PINNED: Sign("clock", "run", N_("Nobody has called them yet")),
        RecipientState.CONFIRMED: Sign("done", "done", N_("Called back")),
        RecipientState.ENDED: Sign("none", "", N_("Ended")),
    },
    EffectState: {
        EffectState.INTENDED: Sign("clock", "run", N_("To be done")),
        EffectState.DONE: Sign("done", "done", N_("Done")),
        EffectState.FAILED: Sign("warning", "late", N_("Failed")),
        EffectState.CANCELLED: Sign("back", "", N_("Taken back")),
    },
}

LABELS = {
    "tco-2-7-a": N_("Incites to an offence, Art 2(7)(a)"),
    "tco-2-7-b": N_("Solicits an offence, Art 2(7)(b)"),
    "tco-2-7-c": N_("Solicits to take part in a group, Art 2(7)(c)"),
    "tco-2-7-d": N_("Instructs on weapons or methods, Art 2(7)(d)"),
    "tco-2-7-e": N_("Threatens to commit an offence, Art 2(7)(e)"),
}
"""Labels of entries that are grounds of the Regulation; free labels are shown as they are."""

TYPES = {
    "pdq": N_("near copy of a picture"),
    "sha256": N_("exact copy of a file"),
    "md5": N_("exact copy of a file, by an old digest"),
    "url": N_("address"),
    "phrase": N_("phrase"),
}
"""Signal types."""

PARTS = {
    "near_copy": N_("Near copy, distance %(distance)s of %(radius)s"),
    "match": N_("Match: %(type)s"),
    "more_banks": N_("Stands in %(count)s banks"),
    "confirmed_here": N_("Entry was confirmed on this node"),
    "bank_precision": N_("Bank was right in at least %(percent)s %% of decided cases"),
    "disputed": N_("Entry or bank is disputed"),
    "notices": N_("Notices by different users: %(count)s"),
    "label": N_("Label of the entry"),
    "no_label": N_("No label"),
    "earlier_confirmed": N_("Earlier confirmed items of the account: %(count)s"),
    "copies": N_("Near-identical posts: %(count)s"),
}
"""Lines of the priority (`cases.priority`)."""


EFFECTS = {
    "platform": N_("Act on the platform"),
    "inform": N_("Statement to the person"),
    "verdict": N_("Late verdict"),
    "warn": N_("Letter to an authority"),
}
"""Kinds of intended effects."""

VALUES = {
    "open": N_("open: it is published"),
    "closed": N_("closed: it is kept back"),
    "public": N_("what everybody can see"),
    "terrorist_content": N_("terrorist content"),
}
"""Values of charter settings."""


def words_of(value: object) -> str:
    """The message id of a value; the value itself where it has no words."""
    if isinstance(value, Enum):
        named = WORDS.get(type(value), {}).get(value.value)
        return named or (sign_of(value).words if type(value) in SIGNS else str(value.value))
    return (
        LABELS.get(str(value))
        or TYPES.get(str(value))
        or VALUES.get(str(value))
        or EFFECTS.get(str(value))
        or str(value)
    )


def sign_of(state: Enum) -> Sign:
    """Glyph, colour and message id of a state."""
    return SIGNS[type(state)][state.value]
