"""API keys, on both databases."""

import hmac
from functools import partial

import pytest
from sqlalchemy import select

from beffroi.ground.kernel.errors import Invalid, NotAllowed, NotFound, Unauthenticated
from beffroi.ground.kernel.ids import KeyId
from beffroi.staff import keys, store, tables
from beffroi.staff.model import Role
from beffroi.staff.permissions import PLATFORM_SCOPES, Permission
from tests.unit.staff.rig import House


def issue(house: House, days: int = 30) -> keys.Issued:
    ada = house.person("ada", Role.ADMINISTRATOR)
    return house.write(lambda tx: keys.issue(tx, "Agora", PLATFORM_SCOPES, ada, days))


def check(house: House, written: str) -> keys.Shown:
    return house.ask(lambda conn: keys.check(conn, written, house.clock.now()))


def refused(house: House, written: str) -> None:
    with pytest.raises(Unauthenticated) as error:
        check(house, written)
    assert error.value.code == "api-key-refused"


def test_a_key_opens_its_scopes(house: House) -> None:
    issued = issue(house)
    principal = check(house, issued.written).principal
    assert (principal.kind, principal.id, principal.permissions) == ("key", issued.key.id, PLATFORM_SCOPES)


def test_only_a_digest_is_kept(house: House) -> None:
    issued = issue(house)
    secret = issued.written.split("_", 2)[2]
    rows = house.ask(lambda conn: conn.execute(select(tables.key_secret_table)).all())
    for shown in (repr(rows), repr(issued), repr(house.recorded)):
        assert secret not in shown
        assert secret.encode().hex() not in shown


def test_keys_that_are_refused(house: House) -> None:
    written = issue(house).written
    head, last = written[:-1], written[-1]
    stranger = "bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S" + written[30:]
    for wrong in ("", "x", head + ("A" if last != "A" else "B"), stranger, written + " ", written.lower()):
        refused(house, wrong)
    assert check(house, written)


def test_an_unknown_key_is_compared_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    written = issue(house).written
    compared: list[int] = []
    compare = hmac.compare_digest

    def counted(a: bytes, b: bytes) -> bool:
        compared.append(len(a) + len(b))
        return compare(a, b)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    check(house, written)
    refused(house, "bfk_01KJZ7Q5V7B3ZC9Y8M6N4P2R0S" + written[30:])
    assert compared == [64, 64]


def test_a_key_ends_by_itself(house: House) -> None:
    written = issue(house, days=30).written
    house.move(days=29, hours=23)
    assert check(house, written)
    house.move(hours=1)
    refused(house, written)


def test_a_revoked_key_opens_nothing(house: House) -> None:
    issued = issue(house)
    revoked = house.write(lambda tx: keys.revoke(tx, issued.key.id))
    refused(house, issued.written)
    assert house.write(lambda tx: keys.revoke(tx, issued.key.id)) == revoked
    with pytest.raises(NotFound):
        house.write(lambda tx: keys.revoke(tx, KeyId("key_x")))
    assert house.ask(store.KEYS.disagreements) == []


def test_of_its_use_only_the_day_is_kept(house: House) -> None:
    issued = issue(house)
    assert check(house, issued.written).note_due
    house.write(lambda tx: keys.note_use(tx, issued.key.id))
    assert not check(house, issued.written).note_due
    house.move(hours=1)
    assert not check(house, issued.written).note_due
    ((_, _, used_on),) = house.ask(store.keys)
    assert used_on is not None
    assert used_on.isoformat() == "2026-06-01T00:00:00+00:00"
    house.move(hours=23)
    assert check(house, issued.written).note_due


def test_keys_that_are_not_issued(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    with pytest.raises(NotAllowed):
        house.write(lambda tx: keys.issue(tx, "Agora", PLATFORM_SCOPES, mara, 30))
    for label in ("", " ", "x" * 81):
        with pytest.raises(Invalid):
            house.write(partial(keys.issue, label=label, scopes=PLATFORM_SCOPES, by=ada, days=30))
    with pytest.raises(Invalid):
        house.write(lambda tx: keys.issue(tx, "Agora", [Permission.CASES_DECIDE], ada, 30))
    assert house.ask(store.keys) == []
