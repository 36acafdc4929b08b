"""What the platform may show beside a link: a title and a sentence, in the user's language.

Owns: these few words; the statement itself stands on its page.
Promises: no accusation, nothing about terrorism in a title (reference/console §7).
Never does: repeat what was posted.
"""

from sqlalchemy import Connection

from beffroi.actions.model import Restriction
from beffroi.decisions import policies
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, Decision, GroundKind, Source
from beffroi.doors.platforms import StatementLink
from beffroi.doors.web.languages import Language, choose
from beffroi.doors.web.words import N_
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import NotFound
from beffroi.notices.model import Statement, StatementKind

_TITLES = {
    Act.REMOVE: N_("Your post is no longer visible"),
    Act.DISABLE: N_("Your post is no longer visible"),
    Act.RESTRICT_TERRITORIES: N_("Your post is not visible in some countries"),
    Act.LABEL: N_("We added a note to your post"),
    Act.HOLD: N_("Your post waits for a check"),
    Act.REJECT_UPLOAD: N_("Your upload was not published"),
    Act.WARN_ACCOUNT: N_("A warning about your account"),
    Act.SUSPEND_ACCOUNT: N_("Your account is suspended"),
}
_PUT_BACK = N_("Your post is visible again")
_BY_PERSON = N_("A person on our team decided this. Read why, and what you can do if you think we are wrong.")
_BY_RULE = N_("A rule did this. No person has looked yet. Read why, and what you can do.")
_BY_ORDER = N_("An authority ordered this, and the law obliges us. Read why, and what you can do.")
_ORDER_ENDED = N_("The order behind it has ended, and your post is visible again.")
_WE_WERE_WRONG = N_("We looked again. We were wrong, and put it back.")


def statement_link(conn: Connection, house: House, statement: Statement, token: str) -> StatementLink:
    """Where the statement stands and what to write beside the link."""
    decision = decisions_store.DECISIONS.load(conn, statement.decision)
    language = choose(statement.language)
    say = language.texts.gettext
    put_back = statement.kind is StatementKind.PUT_BACK
    title = say(_PUT_BACK if put_back else _TITLES[decision.act])
    summary = say(_summary(decision, put_back=put_back))
    return StatementLink(statement_url(house, token) or "", statement.code, language.tag, title, summary)


def _summary(decision: Decision, *, put_back: bool) -> str:
    if decision.source is Source.ORDER:
        return _ORDER_ENDED if put_back else _BY_ORDER
    return _WE_WERE_WRONG if put_back else _BY_RULE if decision.rule else _BY_PERSON


def statement_url(house: House, token: str | None) -> str | None:
    """The statement's page."""
    return None if token is None else f"{house.settings.public_url}/s/{token}"


def label(conn: Connection, restriction: Restriction) -> str:
    """The words of a label: the title of the clause it rests on."""
    decision = decisions_store.DECISIONS.load(conn, restriction.causes[0].decision)
    language: Language = choose("en")
    if decision.ground is not None and decision.ground.kind is GroundKind.TERMS:
        try:
            clause = policies.clause_of(conn, decision.ground)
        except NotFound:
            return language.texts.gettext(N_("A moderator added a note to this post."))
        return clause.title.get("en", clause.number)
    return language.texts.gettext(N_("A moderator added a note to this post."))
