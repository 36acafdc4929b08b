"""The webhooks of a node, as they stand on the wire.

Owns: one model per shape of message (their JSON Schema is the documentation) and the way from an act to its bytes.
Promises: pure; the same act gives the same bytes on every try, so that a repeated message is the same message.
Never does: sign or send.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.json import canonical

from .capabilities import Act, ActKind, PlatformAct, PlatformItem, StatementLink, VerdictReady


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemName(_Wire):
    """An item by the platform's own id."""

    platform_id: str


class AccountRef(_Wire):
    """An account by the platform's own id."""

    platform_id: str


class Label(_Wire):
    """The words to show with a labelled item."""

    text: str


class ItemRestricted(_Wire):
    """Data of `item.hold`, `item.remove`, `item.disable`, `item.restrict`. No territories: everywhere."""

    item: PlatformItem
    restriction: str | None
    territories: list[str] | None
    until: str | None
    statement: StatementLink | None


class ItemLabelled(_Wire):
    """Data of `item.label`."""

    item: PlatformItem
    restriction: str | None
    label: Label
    statement: StatementLink | None


class ItemRestored(_Wire):
    """Data of `item.restore`: the restriction ends."""

    item: PlatformItem
    restriction: str | None
    statement: StatementLink | None


class AccountActed(_Wire):
    """Data of `account.warn`, `account.suspend`, `account.restore`."""

    account: AccountRef
    restriction: str | None
    until: str | None
    statement: StatementLink | None


class UserInformed(_Wire):
    """Data of `user.inform`; the item is absent where the statement is about the account."""

    account: AccountRef
    item: ItemName | None = None
    statement: StatementLink


class LateVerdict(_Wire):
    """Data of `verdict.ready`: the screening answer that did not come in time."""

    item: PlatformItem
    verdict: str
    reasons: list[dict[str, Any]]
    rule: dict[str, Any] | None
    until: str | None
    statement_url: str | None


Data = ItemRestricted | ItemLabelled | ItemRestored | AccountActed | UserInformed | LateVerdict


class Message(_Wire):
    """One webhook. `timestamp` (RFC 3339, UTC) is when it was decided: messages are ordered by it."""

    type: ActKind | Literal["verdict.ready"]
    timestamp: str
    data: Data


def body_of(act: Act) -> bytes:
    """The bytes of the message for `act`: RFC 8785 JSON, the same on every try."""
    if isinstance(act, VerdictReady):
        message = Message(type="verdict.ready", timestamp=rfc3339(act.at), data=_late(act))
    else:
        message = Message(type=act.kind, timestamp=rfc3339(act.at), data=_data(act))
    return canonical(message.model_dump(mode="json", exclude_unset=True))


def _data(act: PlatformAct) -> Data:
    match act.kind:
        case ActKind.ITEM_HOLD | ActKind.ITEM_REMOVE | ActKind.ITEM_DISABLE | ActKind.ITEM_RESTRICT:
            return _restricted(act)
        case ActKind.ITEM_LABEL:
            label = Label(text=act.label or "")
            return ItemLabelled(item=_item(act), restriction=act.restriction, label=label, statement=act.statement)
        case ActKind.ITEM_RESTORE:
            return ItemRestored(item=_item(act), restriction=act.restriction, statement=act.statement)
        case ActKind.ACCOUNT_WARN | ActKind.ACCOUNT_SUSPEND | ActKind.ACCOUNT_RESTORE:
            return _acted(act)
        case ActKind.USER_INFORM:
            return _informed(act)


def _restricted(act: PlatformAct) -> ItemRestricted:
    return ItemRestricted(
        item=_item(act),
        restriction=act.restriction,
        territories=list(act.territories) or None,
        until=_instant(act.until),
        statement=act.statement,
    )


def _acted(act: PlatformAct) -> AccountActed:
    return AccountActed(
        account=_account(act), restriction=act.restriction, until=_instant(act.until), statement=act.statement
    )


def _informed(act: PlatformAct) -> UserInformed:
    if act.statement is None:
        raise InvariantViolated("act-without-statement", "nothing to tell")
    if act.item is None:
        return UserInformed(account=_account(act), statement=act.statement)
    return UserInformed(account=_account(act), item=ItemName(platform_id=act.item.platform_id), statement=act.statement)


def _late(act: VerdictReady) -> LateVerdict:
    return LateVerdict(
        item=act.item,
        verdict=act.verdict,
        reasons=[dict(reason) for reason in act.reasons],
        rule=None if act.rule is None else dict(act.rule),
        until=_instant(act.until),
        statement_url=act.statement_url,
    )


def _item(act: PlatformAct) -> PlatformItem:
    if act.item is None:
        raise InvariantViolated("act-without-object", f"{act.kind} names no item")
    return act.item


def _account(act: PlatformAct) -> AccountRef:
    if act.account is None:
        raise InvariantViolated("act-without-object", f"{act.kind} names no account")
    return AccountRef(platform_id=act.account)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
