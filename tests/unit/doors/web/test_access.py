from types import SimpleNamespace

import pytest

from beffroi.doors.web.access import LOCAL, allow, house_of, key_principal, spend
from beffroi.ground.kernel.errors import NotAllowed, TooMany, Unauthenticated
from beffroi.staff.permissions import PUBLIC, SCOPES, Permission
from tests.unit.doors.console.conftest import place  # noqa: F401  the fixture


def request(place, authorization=None, path="/api/v1/x", client="192.0.2.1"):  # noqa: F811
    return SimpleNamespace(
        headers={} if authorization is None else {"authorization": authorization},
        app=SimpleNamespace(state=SimpleNamespace(house=place.house)),
        url=SimpleNamespace(path=path),
        client=SimpleNamespace(host=client),
    )


@pytest.fixture
def key(place):  # noqa: F811
    return (place.house.settings.data / "site.key").read_text()


def test_without_a_key_one_is_the_public(place):  # noqa: F811
    assert key_principal(request(place)) is PUBLIC
    assert house_of(request(place)) is place.house


def test_a_key_is_a_machine_with_its_scopes(place, key):  # noqa: F811
    principal = key_principal(request(place, f"bearer {key}"))
    assert principal.kind == "key"
    assert Permission.SCREENING_ASK in principal.permissions
    assert principal.permissions <= SCOPES


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer bfk_0_0"])
def test_what_is_no_key_is_refused_and_never_taken_for_the_public(place, header):  # noqa: F811
    with pytest.raises(Unauthenticated):
        key_principal(request(place, header))


def test_the_command_line_of_this_machine_reaches_the_banks_only():
    assert not LOCAL.may(Permission.CASES_READ)
    assert LOCAL.may(Permission.BANKS_MANAGE)


def test_what_is_not_granted_is_refused(place, key):  # noqa: F811
    with pytest.raises(NotAllowed):
        allow(Permission.PEOPLE_READ, "5/minute")(request(place, f"Bearer {key}"))
    with pytest.raises(Unauthenticated):
        allow(Permission.SCREENING_ASK, "5/minute")(request(place))
    assert allow(None, "5/minute")(request(place)) is PUBLIC


def test_a_rate_is_per_caller_and_thing(place):  # noqa: F811
    for _ in range(2):
        spend(request(place), PUBLIC, "2/minute", "a")
    with pytest.raises(TooMany):
        spend(request(place), PUBLIC, "2/minute", "a")
    spend(request(place), PUBLIC, "2/minute", "b")
    spend(request(place, client="192.0.2.2"), PUBLIC, "2/minute", "a")


def test_a_wrong_rate_is_found_when_the_table_is_read():
    with pytest.raises(ValueError, match="often"):
        allow(None, "often")
