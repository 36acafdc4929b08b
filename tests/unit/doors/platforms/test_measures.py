"""What an order can be carried out by, on platforms that can more or less."""

from dataclasses import dataclass

import pytest

from beffroi.doors.platforms import Capability
from beffroi.doors.platforms.measures import measure, offered
from beffroi.ground.kernel.errors import Conflict
from beffroi.orders.model import Measure


@dataclass
class Platform:
    capabilities: frozenset[Capability]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({Capability.RESTRICT_TERRITORIES, Capability.DISABLE, Capability.REMOVE}, Measure.DISABLED_IN_MEMBER_STATES),
        ({Capability.DISABLE, Capability.REMOVE}, Measure.DISABLED),
        ({Capability.REMOVE, Capability.LABEL}, Measure.REMOVED),
    ],
)
def test_the_narrowest_unless_told(declared, expected):
    assert measure(Platform(frozenset(declared)), None) is expected
    assert measure(Platform(frozenset(declared)), Measure.REMOVED) is Measure.REMOVED


@pytest.mark.parametrize(
    "connector", [None, Platform(frozenset({Capability.LABEL})), Platform(frozenset({Capability.DISABLE}))]
)
def test_nothing_is_offered_that_cannot_be_done(connector):
    with pytest.raises(Conflict) as refused:
        measure(connector, Measure.REMOVED)
    assert refused.value.code == "not-offered"
    assert Measure.REMOVED not in offered(connector)
