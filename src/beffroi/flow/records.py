"""All that is kept, in one list: the schema's tables and how each of them forgets.

Owns: `KEEPINGS` and `ROWS`.
Promises: a table that is missing here fails the build (`tests/tidy`); `fsck` folds every one of `ROWS`.
Never does: declare; each capability does, in its `store.py`.
"""

from typing import Any

from beffroi.actions import store as actions
from beffroi.cases import store as cases
from beffroi.content import store as content
from beffroi.content import tables as content_tables
from beffroi.decisions import store as decisions
from beffroi.ground.records import Keeping, ground, holds
from beffroi.ground.storage import Rows
from beffroi.matching import store as matching
from beffroi.notices import store as notices
from beffroi.orders import store as orders
from beffroi.parties import store as parties
from beffroi.staff import store as staff
from beffroi.staff import tables as staff_tables
from beffroi.threats import store as threats

KEEPINGS: tuple[Keeping, ...] = (
    *ground.RECORDS,
    *parties.RECORDS,
    *staff_tables.RECORDS,
    *content_tables.RECORDS,
    *matching.RECORDS,
    *cases.RECORDS,
    *decisions.RECORDS,
    *actions.RECORDS,
    *notices.RECORDS,
    *orders.RECORDS,
    *threats.RECORDS,
)

ROWS: tuple[Rows[Any], ...] = (
    content.ITEMS,
    content.ACCOUNTS,
    cases.CASES,
    cases.NOTICES,
    decisions.DECISIONS,
    decisions.RULES,
    decisions.POLICIES,
    actions.RESTRICTIONS,
    notices.STATEMENTS,
    orders.ORDERS,
    orders.ITEMS,
    threats.THREATS,
    threats.RECIPIENTS,
    parties.ORGANISATIONS,
    parties.CHARTER,
    parties.AUTHORITIES,
    matching.BANKS,
    staff.PEOPLE,
    staff.KEYS,
    holds.HOLDS,
)
