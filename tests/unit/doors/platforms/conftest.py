"""A receiver, and a connector that knows it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from beffroi.doors.platforms import ActKind, PlatformAct, PlatformItem, StatementLink
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.doors.platforms.webhook import Webhook, build
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.net import Outbound, Policy
from tests.unit.doors.platforms.receiver import Receiver

Connect = Callable[..., Webhook]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(fresh_secret()) as running:
        yield running


@pytest.fixture
def connect(receiver: Receiver) -> Connect:
    """A connector to the receiver; settings may be overridden."""

    def make(**settings: Any) -> Webhook:
        known = {"hook_url": receiver.hook_url, "secrets": [receiver.secret]}
        return build(known | settings, Outbound(Policy.read(own=[receiver.pair])), SystemClock())

    return make


@pytest.fixture
def webhook(connect: Connect) -> Webhook:
    return connect()


@pytest.fixture
def statement() -> StatementLink:
    return StatementLink("https://node.example/s/abc", "KLMT-4417-RSBN", "de", "Entfernt", "Ihr Beitrag …")


@pytest.fixture
def removal(statement: StatementLink) -> PlatformAct:
    return PlatformAct(
        kind=ActKind.ITEM_REMOVE,
        key="rst_01-1",
        at=datetime(2026, 6, 1, 8, tzinfo=UTC),
        restriction="rst_01",
        item=PlatformItem("p-17", 2),
        statement=statement,
    )
