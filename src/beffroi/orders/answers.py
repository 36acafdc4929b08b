"""The platform's answers: Annex II and Annex III, filled from what happened. Pure.

Owns: `annex_ii`, `annex_iii`.
Promises: each form is made from the record whenever it is read, with the true times; a measure that was not taken is
never ticked: what was gone already stands as such.
Never does: send; who sent it says so (`service.answered`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beffroi.parties.model import Organisation

from .annexes import AnnexI, AnnexII, AnnexIII
from .model import ItemState, Measure, Order, OrderItem


@dataclass(frozen=True, slots=True)
class Line:
    """An item with the address under which the order names it; empty once the order's words are gone."""

    item: OrderItem
    url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the forms are filled from."""

    order: Order
    form: AnnexI
    lines: Sequence[Line]
    organisation: Organisation | None
    now: datetime


def annex_ii(facts: Facts) -> tuple[AnnexII, ...]:
    """One form for each measure that was taken, and one for what was gone already where nothing else was done."""
    gone = [line for line in facts.lines if line.item.state is ItemState.ALREADY_UNAVAILABLE]
    forms: list[AnnexII] = []
    measures = ((Measure.REMOVED, ItemState.REMOVED), (Measure.DISABLED_IN_MEMBER_STATES, ItemState.DISABLED))
    for measure, state in measures:
        done = [line for line in facts.lines if line.item.state is state]
        if done:
            forms.append(_annex_ii(facts, measure, done, [] if forms else gone))
    return tuple(forms) or ((_annex_ii(facts, None, [], gone),) if gone else ())


def annex_iii(facts: Facts) -> AnnexIII | None:
    """The form of the last obstacle that was told; None without one."""
    if facts.order.obstacle_at is None:
        return None
    open_ones = [line for line in facts.lines if line.item.state is ItemState.PENDING]
    told = facts.organisation.particulars if facts.organisation is not None else None
    return AnnexIII(
        addressee=told.name if told else "",
        issuing_authority=facts.form.authority.name,
        authority_file_reference=facts.form.reference_number,
        addressee_file_reference=facts.order.ref,
        order_received_at=facts.order.received_at,
        reasons=facts.order.obstacles,
        further_information="",
        urls=tuple(line.url for line in open_ones),
        contact_email=told.contact.email if told else "",
        date=facts.order.obstacle_at,
    )


def _annex_ii(facts: Facts, measure: Measure | None, done: list[Line], gone: list[Line]) -> AnnexII:
    told = facts.organisation.particulars if facts.organisation is not None else None
    taken = [line.item.done_at for line in done if line.item.done_at is not None]
    return AnnexII(
        addressee=told.name if told else "",
        issuing_authority=facts.form.authority.name,
        authority_file_reference=facts.form.reference_number,
        addressee_file_reference=facts.order.ref,
        order_received_at=facts.order.received_at,
        measure=measure,
        measure_taken_at=max(taken, default=None),
        urls=tuple(line.url for line in done),
        already_gone=tuple(line.url for line in gone),
        member_state_of_main_establishment=told.country if told else "",
        contact_point_email=told.contact.email if told else "",
        date=facts.now,
    )
