"""Commands on means of proof: a proof holds only while what was checked still stands."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound, TooMany, Unauthenticated
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.model import CredentialChanged, Method
from beffroi.staff.proof import service, store, throttle
from beffroi.staff.proof.check import Proof
from beffroi.staff.proof.passkeys import Asserted, Registered
from tests.unit.staff.rig import HOME, PEPPER, House

AT = throttle.places(PEPPER, HOME, "mara")


def spends(house: House, proof: Proof) -> bool:
    try:
        house.write(lambda tx: service.spend(tx, proof))
    except Unauthenticated as refusal:
        assert refusal.code == "sign-in-failed"  # noqa: PT017  one answer for every reason
        return False
    return True


def test_tries_are_counted_until_one_is_good(house: House) -> None:
    for _ in range(4):
        house.write(lambda tx: service.count_try(tx, AT))
    house.write(lambda tx: service.give_back(tx, AT))
    for _ in range(5):
        house.write(lambda tx: service.count_try(tx, AT))
    with pytest.raises(TooMany) as refused:
        house.write(lambda tx: service.count_try(tx, AT))
    assert refused.value.retry_after_s == 15
    house.move(seconds=15)
    house.write(lambda tx: service.count_try(tx, AT))


def test_each_proof_is_spent_once(house: House) -> None:
    mara = house.person("mara", recovery=(b"one",))
    house.write(lambda tx: store.put_passkey(tx, mara, Registered(b"cred", b"public", 1), "Ring"))
    proofs = (
        Proof(mara, Method.PASSWORD_CODE, house.clock.now(), totp_counter=9),
        Proof(mara, Method.PASSWORD_RECOVERY, house.clock.now(), recovery=b"one"),
        Proof(mara, Method.PASSKEY, asserted=Asserted(b"cred", 2), sign_count_was=1),
    )
    assert [spends(house, proof) for proof in (*proofs, *proofs)] == [True] * 3 + [False] * 3


def test_a_password_changed_meanwhile_voids_the_proof(house: House) -> None:
    mara = house.person("mara")
    proof = Proof(mara, Method.PASSWORD_CODE, house.clock.now(), totp_counter=9)
    house.move(seconds=1)
    house.write(lambda tx: service.set_password(tx, mara, "another hash"))
    assert not spends(house, proof)
    assert CredentialChanged(mara, "password") in house.recorded


def test_a_passkey_removed_meanwhile_voids_the_proof(house: House) -> None:
    mara = house.person("mara")
    added = house.write(lambda tx: service.add_passkey(tx, mara, Registered(b"cred", b"public", 0), "Ring"))
    house.write(lambda tx: service.remove_passkey(tx, mara, added))
    assert not spends(house, Proof(mara, Method.PASSKEY, asserted=Asserted(b"cred", 0)))


def test_a_better_hash_takes_the_place_of_the_old_one(house: House) -> None:
    mara = house.person("mara")
    set_at = house.clock.now()
    house.move(hours=1)
    assert spends(house, Proof(mara, Method.PASSWORD_CODE, set_at, totp_counter=9, rehashed="better"))
    found = house.ask(lambda conn: store.known(conn, house.vault, mara))
    assert found is not None
    assert (found.password_hash, found.password_set_at) == ("better", set_at)


def test_another_telephone_and_other_codes(house: House) -> None:
    mara = house.person("mara", recovery=(b"one",))
    house.move(hours=1)
    house.write(lambda tx: service.set_totp(tx, mara, b"new secret", 5))
    house.write(lambda tx: service.set_recovery(tx, mara, (b"two", b"three")))
    found = house.ask(lambda conn: store.known(conn, house.vault, mara))
    assert found is not None
    assert (found.totp_secret, found.totp_counter, found.recovery) == (b"new secret", 5, frozenset({b"two", b"three"}))
    assert house.ask(lambda conn: store.totp_set_at(conn, mara)) == house.clock.now()


def test_ceremonies(house: House) -> None:
    mara, noor = house.person("mara"), house.person("noor")
    sent = house.write(lambda tx: service.begin_ceremony(tx, "ticket", "register", mara))
    assert len(sent) == 32

    def end(person: PersonId | None) -> bytes:
        return house.write(lambda tx: service.end_ceremony(tx, "ticket", "register", person))

    with pytest.raises(Unauthenticated):
        end(noor)
    assert end(mara) == sent
    with pytest.raises(Unauthenticated):
        end(mara)
    house.write(lambda tx: service.begin_ceremony(tx, "ticket", "register", mara))
    house.clock.move(timedelta(seconds=300))
    with pytest.raises(Unauthenticated):
        end(mara)


def test_passkeys_are_few_named_and_known_once(house: House) -> None:
    mara, noor = house.person("mara"), house.person("noor")

    def add(person: PersonId, number: int, label: str = "Ring") -> str:
        made = Registered(b"credential %d" % number, b"public", 0)
        return house.write(lambda tx: service.add_passkey(tx, person, made, label))

    first = add(mara, 0)
    for label in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            add(mara, 1, label)
    with pytest.raises(Conflict):
        add(noor, 0)
    for number in range(1, 10):
        add(mara, number)
    with pytest.raises(Invalid) as refused:
        add(mara, 10)
    assert refused.value.code == "too-many-passkeys"
    with pytest.raises(NotFound):
        house.write(lambda tx: service.remove_passkey(tx, noor, first))
    house.write(lambda tx: service.remove_passkey(tx, mara, first))
    assert add(mara, 10)
