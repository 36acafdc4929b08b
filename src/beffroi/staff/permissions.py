"""Who may do what: one list of permissions, one table of roles, one function that asks.

Owns: `Permission`, what each role holds, what an API key may hold at most, `Principal`, `authorise`.
Promises: what is not granted is refused; an overseer reads everything and changes nothing.
Never does: look at the thing itself. Whether it is the actor's own is said by the caller; rules of a capability (whose
case, who decided first) come on top.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from beffroi.ground.kernel.errors import NotAllowed, Unauthenticated
from beffroi.ground.kernel.ids import KeyId, PersonId, SessionId
from beffroi.ground.kernel.limits import RECENT_AUTH_S_MAX
from beffroi.ground.storage import Actor

from .model import Role


class Permission(StrEnum):
    """`<thing>:<act>`. Keep the list alphabetised. A permission to read ends in `:read`."""

    API_KEYS_MANAGE = "api-keys:manage"
    API_KEYS_READ = "api-keys:read"
    BACKUP_MAKE = "backup:make"
    BANKS_MANAGE = "banks:manage"
    BANKS_PROMOTE = "banks:promote"
    BANKS_READ = "banks:read"
    CASES_CLAIM = "cases:claim"
    CASES_DECIDE = "cases:decide"
    CASES_HAND_OVER = "cases:hand-over"
    CASES_NOTE = "cases:note"
    CASES_READ = "cases:read"
    CASES_SEAL = "cases:seal"
    CASES_SECOND = "cases:second"
    CHARTER_CHANGE = "charter:change"
    CHARTER_READ = "charter:read"
    CREDENTIALS_CHANGE = "credentials:change"
    DECISIONS_READ = "decisions:read"
    DELIVERIES_READ = "deliveries:read"
    DELIVERIES_RETRY = "deliveries:retry"
    ENTRIES_CONFIRM = "entries:confirm"
    ENTRIES_MANAGE = "entries:manage"
    EXPOSURE_READ = "exposure:read"
    HEALTH_READ = "health:read"
    HISTORY_READ = "history:read"
    LEDGER_READ = "ledger:read"
    MEDIA_OPEN = "media:open"
    MEDIA_UPLOAD = "media:upload"
    METRICS_READ = "metrics:read"
    NOTICES_READ = "notices:read"
    NOTICES_SUBMIT = "notices:submit"
    ORDERS_ANSWER = "orders:answer"
    ORDERS_READ = "orders:read"
    ORDERS_SUBMIT = "orders:submit"
    ORGANISATION_MANAGE = "organisation:manage"
    ORGANISATION_READ = "organisation:read"
    PEOPLE_MANAGE = "people:manage"
    PEOPLE_READ = "people:read"
    PLATFORM_EVENTS_REPORT = "platform-events:report"
    POLICIES_PUBLISH = "policies:publish"
    POLICIES_READ = "policies:read"
    RECIPIENTS_MANAGE = "recipients:manage"
    RECIPIENTS_READ = "recipients:read"
    REGISTER_MANAGE = "register:manage"
    REGISTER_READ = "register:read"
    RESTRICTIONS_END = "restrictions:end"
    RESTRICTIONS_READ = "restrictions:read"
    ROLES_GRANT = "roles:grant"
    RULES_APPROVE = "rules:approve"
    RULES_PROPOSE = "rules:propose"
    RULES_READ = "rules:read"
    SCREENING_ASK = "screening:ask"
    SESSIONS_END = "sessions:end"
    THREATS_READ = "threats:read"
    THREATS_SECOND = "threats:second"
    THREATS_SEND = "threats:send"


P = Permission
Permissions = frozenset[Permission]

_READS: Permissions = frozenset(p for p in P if p.value.endswith(":read"))

OF_EVERYBODY: Permissions = frozenset({P.CREDENTIALS_CHANGE, P.EXPOSURE_READ, P.PEOPLE_READ, P.SESSIONS_END})
"""What every person may do with what is theirs alone."""

_MODERATOR: Permissions = frozenset({
    P.BANKS_READ, P.CASES_CLAIM, P.CASES_DECIDE, P.CASES_NOTE, P.CASES_READ, P.CASES_SEAL, P.CHARTER_READ,
    P.DECISIONS_READ, P.DELIVERIES_READ, P.ENTRIES_MANAGE, P.HEALTH_READ, P.HISTORY_READ, P.LEDGER_READ, P.MEDIA_OPEN,
    P.NOTICES_READ, P.ORDERS_ANSWER, P.ORDERS_READ, P.ORGANISATION_READ, P.POLICIES_READ, P.RECIPIENTS_READ,
    P.REGISTER_READ, P.RESTRICTIONS_READ, P.RULES_READ, P.THREATS_READ, P.THREATS_SEND,
})  # fmt: skip
_SENIOR_MODERATOR: Permissions = _MODERATOR | {
    P.BANKS_MANAGE, P.CASES_HAND_OVER, P.CASES_SECOND, P.DELIVERIES_RETRY, P.ENTRIES_CONFIRM, P.PEOPLE_READ,
    P.RECIPIENTS_MANAGE, P.RESTRICTIONS_END, P.RULES_PROPOSE, P.THREATS_SECOND,
}  # fmt: skip
_POLICY_LEAD: Permissions = frozenset({
    P.BANKS_MANAGE, P.BANKS_PROMOTE, P.BANKS_READ, P.CASES_READ, P.CHARTER_CHANGE, P.CHARTER_READ, P.DECISIONS_READ,
    P.DELIVERIES_READ, P.ENTRIES_CONFIRM, P.ENTRIES_MANAGE, P.HEALTH_READ, P.LEDGER_READ, P.NOTICES_READ,
    P.ORDERS_READ, P.ORGANISATION_READ, P.PEOPLE_READ, P.POLICIES_PUBLISH, P.POLICIES_READ, P.RECIPIENTS_MANAGE,
    P.RECIPIENTS_READ, P.REGISTER_MANAGE, P.REGISTER_READ, P.RESTRICTIONS_END, P.RESTRICTIONS_READ, P.RULES_APPROVE,
    P.RULES_PROPOSE, P.RULES_READ, P.THREATS_READ, P.THREATS_SECOND,
})  # fmt: skip
_ADMINISTRATOR: Permissions = frozenset({
    P.API_KEYS_MANAGE, P.API_KEYS_READ, P.BACKUP_MAKE, P.BANKS_READ, P.CHARTER_CHANGE, P.CHARTER_READ,
    P.DELIVERIES_READ, P.DELIVERIES_RETRY, P.HEALTH_READ, P.LEDGER_READ, P.METRICS_READ, P.ORGANISATION_MANAGE,
    P.ORGANISATION_READ, P.PEOPLE_MANAGE, P.PEOPLE_READ, P.POLICIES_READ, P.RECIPIENTS_MANAGE, P.RECIPIENTS_READ,
    P.REGISTER_MANAGE, P.REGISTER_READ, P.ROLES_GRANT, P.RULES_READ, P.SESSIONS_END,
})  # fmt: skip
_OVERSEER: Permissions = (_READS - {P.EXPOSURE_READ}) | {P.MEDIA_OPEN}

OF_ROLE: dict[Role, Permissions] = {
    Role.MODERATOR: _MODERATOR,
    Role.SENIOR_MODERATOR: _SENIOR_MODERATOR,
    Role.POLICY_LEAD: _POLICY_LEAD,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    Role.OVERSEER: _OVERSEER,
}
"""What each role may do, whosever it is. Administrators keep the house and see no content; nobody at all reads
how much somebody else has looked at."""

OF_ROLE_WHERE_OWN: dict[Role, Permissions] = {
    Role.MODERATOR: OF_EVERYBODY | {P.CASES_HAND_OVER, P.RESTRICTIONS_END},
    Role.SENIOR_MODERATOR: OF_EVERYBODY,
    Role.POLICY_LEAD: OF_EVERYBODY,
    Role.ADMINISTRATOR: OF_EVERYBODY,
    Role.OVERSEER: OF_EVERYBODY,
}
"""What each role may do only with what is its own: the case they hold, the restriction they decided, themselves."""

SCOPES: Permissions = frozenset({
    P.BANKS_READ, P.CHARTER_READ, P.DECISIONS_READ, P.DELIVERIES_READ, P.ENTRIES_MANAGE, P.HEALTH_READ, P.LEDGER_READ,
    P.MEDIA_UPLOAD, P.METRICS_READ, P.NOTICES_SUBMIT, P.ORDERS_READ, P.ORDERS_SUBMIT, P.PLATFORM_EVENTS_REPORT,
    P.POLICIES_READ, P.SCREENING_ASK,
})  # fmt: skip
"""All that an API key can ever be given: a machine neither decides nor looks at people or content."""

PLATFORM_SCOPES: Permissions = frozenset({
    P.CHARTER_READ, P.HEALTH_READ, P.MEDIA_UPLOAD, P.NOTICES_SUBMIT, P.ORDERS_READ, P.ORDERS_SUBMIT,
    P.PLATFORM_EVENTS_REPORT, P.POLICIES_READ, P.SCREENING_ASK,
})  # fmt: skip
"""What a platform's own key needs, and nothing more."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `permissions` holds for everything, `own_permissions` for what is theirs."""

    kind: Literal["person", "key", "public"]
    id: str = ""
    roles: frozenset[Role] = frozenset()
    permissions: Permissions = frozenset()
    own_permissions: Permissions = frozenset()
    session: SessionId | None = None
    recent_auth: datetime | None = None
    """When they last proved who they are."""

    @property
    def actor(self) -> Actor:
        """As events name them."""
        return Actor(self.kind, self.id)

    @property
    def person(self) -> PersonId:
        """Their id as a person.

        Raises:
            NotAllowed: a machine or a stranger; only people do this.

        """
        if self.kind != "person":
            raise NotAllowed("people-only", "only a person can do this")
        return PersonId(self.id)

    def may(self, permission: Permission, *, own: bool = False) -> bool:
        """Whether `authorise` would let them; for pages that show only what can be done."""
        return permission in self.permissions or (own and permission in self.own_permissions)


PUBLIC = Principal("public")
"""Whoever has not said who they are."""


def of_person(
    person: PersonId, roles: Iterable[Role], session: SessionId | None = None, recent_auth: datetime | None = None
) -> Principal:
    """A person with all that their roles hold."""
    held = frozenset(roles)
    anything = frozenset[Permission]().union(*(OF_ROLE[role] for role in held))
    own = OF_EVERYBODY.union(*(OF_ROLE_WHERE_OWN[role] for role in held))
    return Principal("person", person, held, anything, own, session, recent_auth)


def of_key(key: KeyId, scopes: Iterable[Permission]) -> Principal:
    """An API key with its scopes; never more than `SCOPES`."""
    return Principal("key", key, permissions=SCOPES.intersection(scopes))


def authorise(actor: Principal, permission: Permission, *, own: bool = False) -> None:
    """Let them, or refuse. `own`: the thing is the actor's own; say so only when it was looked up.

    Raises:
        Unauthenticated: nobody signed in.
        NotAllowed: they may not do this, or not with what is not theirs.

    """
    if actor.kind == "public":
        raise Unauthenticated("not-signed-in", "sign in, or send an API key")
    if not actor.may(permission, own=own):
        raise NotAllowed("not-permitted", "your role does not include this", permission=permission.value)


def require_recent(actor: Principal, now: datetime) -> None:
    """Before what cannot be undone: they proved who they are a moment ago.

    Raises:
        Unauthenticated: they did not; ask for password and code again (`login.again`).

    """
    proved = actor.recent_auth
    if proved is None or not timedelta(0) <= now - proved <= timedelta(seconds=RECENT_AUTH_S_MAX):
        raise Unauthenticated("proof-too-old", "confirm that it is you, then do it again")
