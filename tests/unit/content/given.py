"""What platforms hand over, in tests: one invented post, changed where a test needs it."""

from dataclasses import replace
from typing import Any

from beffroi.content import service
from beffroi.content.model import AccountGiven, Submission
from beffroi.content.service import Taken
from tests.databases import HouseDb

LAMP = Submission(
    platform_id="p-1",
    account=AccountGiven("u-1", "Somebody", "https://agora.example/u/1", "Collects lamps"),
    text="The lamp is lit tonight",
    url="https://agora.example/p/1",
    language="en",
)


def post(**changes: Any) -> Submission:
    return replace(LAMP, **changes)


def take(house: HouseDb, *signals: service.SignalRow, **changes: Any) -> Taken:
    given = post(**changes)
    return house.run(lambda tx: service.take_in(tx, given, signals))
