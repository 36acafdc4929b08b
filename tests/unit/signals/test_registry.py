import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.signals.registry import TYPES, type_named

WRITTEN = {
    "sha256": "AB" * 32,
    "md5": "AB" * 16,
    "pdq": "AB" * 32,
    "url": "Files.EXAMPLE/x",
    "phrase": "Purple Wombat",
}


def test_these_are_the_types():
    assert set(TYPES) == set(WRITTEN)


@pytest.mark.parametrize("name", TYPES)
def test_what_each_type_promises(name):
    each = TYPES[name]
    value = each.parse(WRITTEN[name], "")
    assert each.name == name
    assert each.parse(value, "") == value
    assert each.distance(value, value) == 0
    assert 0 < each.distance(value, "0" * len(value)) <= each.distance_max


@pytest.mark.parametrize("name", TYPES)
def test_nothing_is_no_value(name):
    with pytest.raises(Invalid) as refused:
        TYPES[name].parse("", "row 1")
    assert refused.value.where == "row 1"


def test_types_have_names():
    assert type_named("pdq") is TYPES["pdq"]
    with pytest.raises(Invalid) as refused:
        type_named("tmk", "row 2")
    assert (refused.value.code, refused.value.where) == ("unknown-signal-type", "row 2")
