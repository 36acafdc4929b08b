"""Acts: what they need, and those that cannot be made."""

from dataclasses import replace
from typing import Any

import pytest

from beffroi.actions.model import Kind
from beffroi.doors.platforms import ActKind, PlatformAct, act_kind
from beffroi.ground.kernel.errors import InvariantViolated


@pytest.mark.parametrize("kind", ActKind)
def test_every_kind_needs_a_capability(kind: ActKind) -> None:
    assert kind.needs in type(kind.needs)
    assert kind.is_about_item == kind.value.startswith("item.")


@pytest.mark.parametrize("kind", Kind)
def test_every_restriction_can_be_imposed_and_lifted(kind: Kind) -> None:
    imposing, lifting = act_kind(kind, lifting=False), act_kind(kind, lifting=True)
    assert imposing not in {ActKind.ITEM_RESTORE, ActKind.ACCOUNT_RESTORE}
    assert lifting is (ActKind.ITEM_RESTORE if imposing.is_about_item else ActKind.ACCOUNT_RESTORE)


@pytest.mark.parametrize(
    "changes",
    [
        {"item": None},
        {"kind": ActKind.ACCOUNT_SUSPEND},
        {"kind": ActKind.ITEM_LABEL},
        {"kind": ActKind.ITEM_RESTRICT},
        {"kind": ActKind.USER_INFORM, "account": "u-3", "statement": None},
    ],
)
def test_half_an_act_is_our_own_mistake(changes: dict[str, Any], removal: PlatformAct) -> None:
    with pytest.raises(InvariantViolated):
        replace(removal, **changes)
