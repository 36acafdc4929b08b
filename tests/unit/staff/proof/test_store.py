"""Means of proof in the database: what may succeed once succeeds once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.model import Way
from beffroi.staff.proof import store
from beffroi.staff.proof.passkeys import Asserted, Registered
from beffroi.staff.proof.throttle import Tally
from beffroi.staff.store import subject_of
from beffroi.staff.tables import binding_table, credential_table
from tests.unit.staff.rig import PASSWORD, SECRET, House


def known(house: House, person: PersonId) -> store.Known:
    found = house.ask(lambda conn: store.known(conn, house.vault, person))
    assert found is not None
    return found


def test_credentials_come_back_as_they_were(house: House) -> None:
    mara = house.person("mara", recovery=(b"one", b"two"))
    found = known(house, mara)
    assert (found.totp_secret, found.totp_counter, found.recovery) == (SECRET, 0, frozenset({b"one", b"two"}))
    assert house.desk.hasher.holds(found.password_hash, PASSWORD)
    lookup = house.ask(lambda conn: store.known_by_lookup(conn, house.vault, "nobody's"))
    assert lookup is None


def test_they_are_sealed(house: House) -> None:
    mara = house.person("mara")
    found = known(house, mara)
    row = house.ask(lambda conn: conn.execute(select(credential_table)).one())
    assert SECRET not in row.totp
    assert found.password_hash.encode() not in row.password
    house.vault.destroy(subject_of(mara), house.clock.now())
    assert house.ask(lambda conn: store.known(conn, house.vault, mara)) is None


def test_a_code_of_the_telephone_is_spent_once(house: House) -> None:
    mara = house.person("mara")
    counters = (7, 7, 6, 8)
    spent = house.write(lambda tx: [store.use_totp_counter(tx, mara, counter) for counter in counters])
    assert spent == [True, False, False, True]


def test_a_recovery_code_is_spent_once(house: House) -> None:
    mara, noor = house.person("mara", recovery=(b"one",)), house.person("noor")
    assert not house.write(lambda tx: store.spend_recovery(tx, noor, b"one"))
    assert house.write(lambda tx: store.spend_recovery(tx, mara, b"one"))
    assert not house.write(lambda tx: store.spend_recovery(tx, mara, b"one"))


def test_a_passkey_counts_up(house: House) -> None:
    mara = house.person("mara")
    house.write(lambda tx: store.put_passkey(tx, mara, Registered(b"cred", b"public", 3), "Ring"))
    count_up = store.count_up
    assert house.write(lambda tx: count_up(tx, mara, Asserted(b"cred", 4), 3))
    assert not house.write(lambda tx: count_up(tx, mara, Asserted(b"cred", 4), 3))
    found = house.ask(lambda conn: store.passkey(conn, b"cred"))
    assert found is not None
    assert (found.sign_count, found.person, found.public_key) == (4, mara, b"public")
    assert house.ask(lambda conn: store.passkey(conn, b"other")) is None


def test_a_challenge_is_taken_once_in_time_by_whom_it_is_for(house: House) -> None:
    mara, noor = house.person("mara"), house.person("noor")
    ends_at = house.clock.now() + timedelta(minutes=5)

    def put(digest: bytes, person: PersonId | None) -> None:
        house.write(lambda tx: store.put_ceremony(tx, digest, "register", b"challenge", ends_at, person))

    def take(digest: bytes, person: PersonId | None, purpose: str = "register") -> bytes | None:
        return house.write(lambda tx: store.take_ceremony(tx, digest, purpose, person))

    put(b"a", mara)
    assert take(b"a", noor) is None
    assert take(b"a", None) is None
    assert take(b"a", mara, "sign-in") is None
    assert take(b"a", mara) == b"challenge"
    assert take(b"a", mara) is None
    put(b"b", None)
    assert take(b"b", mara) is None
    house.move(minutes=5)
    assert take(b"b", None) is None


def test_tallies_come_back_as_they_were(house: House) -> None:
    now = house.clock.now()
    assert house.write(lambda tx: store.tallies(tx, ("a", "b"))) == {"a": Tally(0, now), "b": Tally(0, now)}
    kept = Tally(4, now, now + timedelta(seconds=15), now + timedelta(days=1))
    house.write(lambda tx: store.put_tallies(tx, {"a": kept}))
    assert house.write(lambda tx: store.tallies(tx, ("a",))) == {"a": kept}


def test_whom_the_provider_means(house: House) -> None:
    mara, noor = house.person("mara"), house.person("noor")
    house.write(lambda tx: store.put_binding(tx, mara, "lookup-1", b'{"sub": "u-1"}'))
    assert house.ask(lambda conn: store.person_by_binding(conn, "lookup-1")) == mara
    assert house.ask(lambda conn: store.person_by_binding(conn, "lookup-2")) is None
    assert house.ask(lambda conn: store.bound_since(conn, mara)) == house.clock.now()
    [row] = house.rows(binding_table)
    assert b"u-1" not in row.sealed
    assert house.vault.open(subject_of(mara), row.sealed, "binding") == b'{"sub": "u-1"}'
    with pytest.raises(Conflict):  # one account is one person's
        house.write(lambda tx: store.put_binding(tx, noor, "lookup-1", b"{}"))
    ways = house.ask(store.ways)
    assert (ways[mara], ways[noor]) == ([Way.PASSWORD, Way.SINGLE_SIGN_ON], [Way.PASSWORD])
    assert house.write(lambda tx: store.remove_binding(tx, mara))
    assert not house.write(lambda tx: store.remove_binding(tx, mara))
