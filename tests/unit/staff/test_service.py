"""Links, invitations, roles, leaving, on both databases."""

import threading
from collections.abc import Callable

import pytest

from beffroi.ground.kernel.errors import (
    Conflict,
    Invalid,
    InvariantViolated,
    NotAllowed,
    NotFound,
    Refusal,
    Unauthenticated,
)
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Tx, Vault
from beffroi.staff import enrol, keys, login, service, sessions, store, tables
from beffroi.staff.enrol import Joining
from beffroi.staff.model import Credentials, LinkKind, LinkMade, Person, PersonState, Role
from beffroi.staff.permissions import Permission
from beffroi.staff.proof import totp
from tests.unit.staff.rig import PASSWORD, House, identity


def joining(house: House, token: str, name: str = "ada", **changes: str) -> Joining:
    secret = totp.derived(house.desk.pepper, f"link|{token}")
    typed = {"name": name.capitalize(), "email": f"{name}@node.example", "password": PASSWORD}
    return Joining(**{**typed, "code": house.code(secret), **changes})


def join(house: House, token: str, name: str = "ada") -> enrol.Joined:
    return enrol.join(house.desk, token, joining(house, token, name))


def load(house: House, person: PersonId) -> Person:
    return house.ask(lambda conn: store.PEOPLE.load(conn, person))


def is_open(house: House, opened: sessions.Opened) -> bool:
    try:
        house.principal(opened)
    except Unauthenticated:
        return False
    return True


def side_by_side(*work: Callable[[], object]) -> list[object]:
    """Run all at once; what each returned or refused."""
    barrier = threading.Barrier(len(work))
    results: list[object] = []

    def run(one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(one())
        except Refusal as refusal:
            results.append(refusal)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def overlapping(
    house: House, twin: House, first: Callable[[Tx], object], second: Callable[[Tx], object]
) -> list[object]:
    """`second` begins while the transaction of `first` is done but not committed."""
    inside, over = threading.Event(), threading.Event()

    def slowly(tx: Tx) -> object:
        result = first(tx)
        inside.set()
        over.wait(0.5)
        return result

    def after() -> object:
        inside.wait(10)
        try:
            return twin.write(second)
        finally:
            over.set()

    return side_by_side(lambda: house.write(slowly), after)


# ── the first link ────────────────────────────────────────────────────────────────────────────────


def test_the_first_link_makes_one_administrator(house: House) -> None:
    token = house.write(service.first_link)
    joined = join(house, token)
    person = load(house, joined.opened.person)
    assert (set(person.roles), person.state, person.demo) == ({Role.ADMINISTRATOR}, PersonState.ACTIVE, False)
    assert house.principal(joined.opened).may(Permission.PEOPLE_MANAGE)
    with pytest.raises(NotFound):
        join(house, token, "eve")
    with pytest.raises(Conflict) as refused:
        house.write(service.first_link)
    assert refused.value.code == "already-administered"


def test_a_used_link_is_refused_in_the_transaction_too(house: House) -> None:
    token = house.write(service.first_link)
    credentials = Credentials("hash", b"secret")
    house.write(lambda tx: service.accept(tx, token, identity("ada"), credentials))
    with pytest.raises(Conflict) as refused:
        house.write(lambda tx: service.accept(tx, token, identity("eve"), credentials))
    assert refused.value.code == "link-used"
    assert len(house.ask(store.everybody)) == 1


def test_two_at_once_make_one_administrator(house: House, twin: House) -> None:
    token = house.write(service.first_link)
    results = side_by_side(lambda: join(house, token, "ada"), lambda: join(twin, token, "eve"))
    assert sorted(isinstance(result, Refusal) for result in results) == [False, True]
    assert len(house.ask(store.everybody)) == 1
    assert house.ask(lambda conn: store.administrators(conn, demo=False)) == 1


def test_a_link_is_used_once_however_transactions_overlap(house: House, twin: House) -> None:
    token = house.write(service.first_link)
    given = Credentials("hash", b"secret")
    results = overlapping(
        house,
        twin,
        lambda tx: service.accept(tx, token, identity("ada"), given),
        lambda tx: service.accept(tx, token, identity("eve"), given),
    )
    assert [result.code for result in results if isinstance(result, Refusal)] == ["link-used"]
    assert len(house.ask(store.everybody)) == 1


def test_a_new_first_link_voids_the_old_one(house: House) -> None:
    old = house.write(service.first_link)
    new = house.write(service.first_link)
    with pytest.raises(NotFound):
        enrol.welcome(house.desk, old)
    assert enrol.welcome(house.desk, new).kind is LinkKind.FIRST
    assert join(house, new)


def test_a_first_link_holds_for_a_day(house: House) -> None:
    token = house.write(service.first_link)
    house.move(hours=24)
    with pytest.raises(NotFound):
        join(house, token)
    with pytest.raises(Conflict):
        house.write(lambda tx: service.accept(tx, token, identity("ada"), Credentials("hash", b"s")))


def test_one_person_may_run_a_small_node(house: House) -> None:
    token = house.write(lambda tx: service.first_link(tx, also=[Role.MODERATOR]))
    assert load(house, join(house, token).opened.person).roles == {Role.ADMINISTRATOR, Role.MODERATOR}
    with pytest.raises(Invalid):
        house.write(lambda tx: service.first_link(tx, also=[Role.OVERSEER]))


def test_the_first_person_has_a_name(house: House) -> None:
    token = house.write(service.first_link)
    with pytest.raises(Invalid):
        house.write(lambda tx: service.accept(tx, token, None, Credentials("hash", b"s")))
    assert join(house, token)


def test_sample_people_do_not_stand_in_the_way_of_the_first_link(house: House) -> None:
    house.person("noor", Role.ADMINISTRATOR, demo=True)
    assert join(house, house.write(service.first_link))


def test_links_are_recorded_without_their_token(house: House) -> None:
    token = house.write(service.first_link)
    assert LinkMade("first", LinkKind.FIRST, None) in house.recorded
    assert token not in repr(house.recorded)


# ── invitations and resets ────────────────────────────────────────────────────────────────────────


def test_invited_and_joined(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR)
    invited = house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], ada))
    assert invited.token not in repr(invited)
    assert load(house, invited.person.id).state is PersonState.INVITED
    welcome = enrol.welcome(house.desk, invited.token)
    assert (welcome.kind, welcome.name, welcome.email) == (LinkKind.INVITATION, "Mara", "mara@node.example")
    joined = join(house, invited.token, "mallory")
    assert joined.opened.person == invited.person.id
    known = house.ask(lambda conn: store.identities(conn, house.vault))[joined.opened.person]
    assert known.name == "Mara"
    assert house.sign_in("mara", secret=totp.derived(house.desk.pepper, f"link|{invited.token}"))


def test_before_joining_nobody_signs_in(house: House) -> None:
    house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], None))
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")


def test_a_new_invitation_voids_the_old_one(house: House) -> None:
    invited = house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], None))
    token = house.write(lambda tx: service.link_for(tx, invited.person.id, None))
    with pytest.raises(NotFound):
        join(house, invited.token)
    assert join(house, token).opened.person == invited.person.id


def test_one_address_one_person(house: House) -> None:
    house.person("mara")
    with pytest.raises(Conflict) as refused:
        house.write(lambda tx: service.invite(tx, identity("MARA"), [Role.MODERATOR], None))
    assert refused.value.code == "email-taken"


def test_only_administrators_invite(house: House) -> None:
    mara = house.person("mara")
    with pytest.raises(NotAllowed):
        house.write(lambda tx: service.invite(tx, identity("eve"), [Role.ADMINISTRATOR], mara))
    assert len(house.ask(store.everybody)) == 1


def test_a_reset_takes_the_place_of_everything(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    before = house.sign_in("mara")
    token = house.write(lambda tx: service.link_for(tx, mara, ada))
    house.move(seconds=60)
    assert is_open(house, before)
    secret = totp.derived(house.desk.pepper, f"link|{token}")
    joined = enrol.join(house.desk, token, joining(house, token, password="nine lanterns by the sea"))
    assert joined.opened.person == mara
    assert not is_open(house, before)
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    assert house.sign_in("mara", secret=secret, password="nine lanterns by the sea")


def test_a_reset_does_not_bring_back_who_was_suspended_meanwhile(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    token = house.write(lambda tx: service.link_for(tx, mara, ada))
    house.write(lambda tx: service.suspend(tx, mara, ada))
    with pytest.raises(NotFound):
        join(house, token)
    with pytest.raises(Conflict):
        house.write(lambda tx: service.link_for(tx, mara, ada))


def test_an_erased_person_has_no_welcome(house: House) -> None:
    invited = house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], None))
    house.vault.destroy(store.subject_of(invited.person.id), house.clock.now())
    with pytest.raises(NotFound):
        enrol.welcome(house.desk, invited.token)


# ── roles, suspending, leaving ────────────────────────────────────────────────────────────────────


def test_roles_change_and_sessions_end(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    opened = house.sign_in("mara")
    same = house.write(lambda tx: service.grant(tx, mara, [Role.MODERATOR], ada))
    assert is_open(house, opened)
    changed = house.write(lambda tx: service.grant(tx, mara, [Role.POLICY_LEAD], ada))
    assert (same.version, set(changed.roles)) == (2, {Role.POLICY_LEAD})
    assert not is_open(house, opened)


def test_nobody_grants_themselves(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR)
    house.person("ben", Role.ADMINISTRATOR)
    for command in (
        lambda tx: service.grant(tx, ada, [Role.ADMINISTRATOR, Role.MODERATOR], ada),
        lambda tx: service.suspend(tx, ada, ada),
        lambda tx: service.leave(tx, ada, ada),
        lambda tx: service.link_for(tx, ada, ada),
    ):
        with pytest.raises(NotAllowed):
            house.write(command)


def test_suspending_ends_sessions_links_and_keys(house: House) -> None:
    ada, ben = house.person("ada", Role.ADMINISTRATOR), house.person("ben", Role.ADMINISTRATOR)
    opened = house.sign_in("ben")
    issued = house.write(lambda tx: keys.issue(tx, "Agora", [Permission.SCREENING_ASK], ben, 30))
    others = house.write(lambda tx: keys.issue(tx, "Agora", [Permission.SCREENING_ASK], ada, 30))
    house.write(lambda tx: service.suspend(tx, ben, ada))
    assert not is_open(house, opened)
    now = house.clock.now()
    with pytest.raises(Unauthenticated):
        house.ask(lambda conn: keys.check(conn, issued.written, now))
    assert house.ask(lambda conn: keys.check(conn, others.written, now))
    with pytest.raises(Unauthenticated) as refused:
        house.sign_in("ben")
    assert refused.value.code == "sign-in-failed"
    assert house.write(lambda tx: service.lift(tx, ben, ada)).state is PersonState.ACTIVE
    assert not is_open(house, opened)
    assert house.sign_in("ben")


def test_a_suspended_administrator_does_nothing_more(house: House) -> None:
    ada, ben = house.person("ada", Role.ADMINISTRATOR), house.person("ben", Role.ADMINISTRATOR)
    mara = house.person("mara")
    house.write(lambda tx: service.suspend(tx, ben, ada))
    with pytest.raises(NotAllowed):
        house.write(lambda tx: service.grant(tx, mara, [Role.ADMINISTRATOR], ben))


def test_two_administrators_cannot_remove_each_other_at_once(house: House, twin: House) -> None:
    ada, ben = house.person("ada", Role.ADMINISTRATOR), house.person("ben", Role.ADMINISTRATOR)
    results = overlapping(
        house,
        twin,
        lambda tx: service.leave(tx, ben, ada),
        lambda tx: service.grant(tx, ada, [Role.MODERATOR], ben),
    )
    assert sorted(isinstance(result, Refusal) for result in results) == [False, True]
    assert house.ask(lambda conn: store.administrators(conn, demo=False)) == 1


def test_doing_and_being_stopped_at_once(house: House, twin: House) -> None:
    """Either Ben was still an administrator when he did it, or it did not happen."""
    ada, ben = house.person("ada", Role.ADMINISTRATOR), house.person("ben", Role.ADMINISTRATOR)
    mara = house.person("mara")
    stopped, done = side_by_side(
        lambda: house.write(lambda tx: service.suspend(tx, ben, ada)),
        lambda: twin.write(lambda tx: service.grant(tx, mara, [Role.POLICY_LEAD], ben)),
    )
    refused = [result for result in (stopped, done) if isinstance(result, Refusal)]
    assert all(isinstance(result, NotAllowed) for result in refused)
    assert (Role.POLICY_LEAD in load(house, mara).roles) is not bool(refused)
    assert load(house, ben).state is PersonState.SUSPENDED


def test_the_last_administrator_stays(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR)
    house.person("noor", Role.ADMINISTRATOR, demo=True)
    for command in (
        lambda tx: service.grant(tx, ada, [Role.MODERATOR], None),
        lambda tx: service.suspend(tx, ada, None),
        lambda tx: service.leave(tx, ada, None),
    ):
        with pytest.raises(Conflict) as refused:
            house.write(command)
        assert refused.value.code == "last-administrator"
    assert load(house, ada).is_administrator


def test_who_left_is_gone_and_their_address_is_free(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    opened = house.sign_in("mara")
    house.write(lambda tx: service.leave(tx, mara, ada))
    assert not is_open(house, opened)
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    again = house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], ada))
    assert again.person.id != mara
    house.write(lambda tx: service.leave(tx, again.person.id, ada))
    assert house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], ada))


def test_another_name(house: House) -> None:
    mara, _ = house.person("mara"), house.person("noor")
    house.write(lambda tx: service.change_identity(tx, mara, identity("maren")))
    assert house.sign_in("maren").person == mara
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    with pytest.raises(Conflict):
        house.write(lambda tx: service.change_identity(tx, mara, identity("noor")))
    house.write(lambda tx: service.change_identity(tx, mara, identity("maren")))


# ── sample people, pseudonyms, the record ─────────────────────────────────────────────────────────


def test_sample_people_sign_in_to_the_demo_only(house: House) -> None:
    noor = house.person("noor", demo=True, totp_secret=None)
    given = house.given("noor", code="")
    with pytest.raises(NotAllowed) as refused:
        login.by_password(house.desk, given)
    assert refused.value.code == "demo-person"
    assert login.by_password(house.demo(), given).person == noor


def test_pseudonyms_are_short_different_and_in_no_order(house: House) -> None:
    people = [house.person(f"person-{letter}") for letter in "abcdefghijkl"]
    pseudonyms = [load(house, person).pseudonym for person in people]
    assert len(set(pseudonyms)) == 12
    assert pseudonyms != sorted(pseudonyms)
    assert all(pseudonym.startswith("M-") and len(pseudonym) <= 5 for pseudonym in pseudonyms)


def test_pseudonyms_do_not_run_out_in_silence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "random_bytes", bytes)
    people = [house.person(f"person-{letter}") for letter in "abcd"]
    assert [load(house, person).pseudonym for person in people] == ["M-00", "M-000", "M-0000", "M-000000"]
    with pytest.raises(InvariantViolated):
        house.person("one-more")


def test_rows_are_the_sum_of_their_events(house: House) -> None:
    ada, mara = house.person("ada", Role.ADMINISTRATOR), house.person("mara")
    house.write(lambda tx: service.grant(tx, mara, [Role.SENIOR_MODERATOR, Role.POLICY_LEAD], ada))
    house.write(lambda tx: service.suspend(tx, mara, ada))
    house.write(lambda tx: service.lift(tx, mara, ada))
    house.write(lambda tx: service.leave(tx, mara, ada))
    invited = house.write(lambda tx: service.invite(tx, identity("eve"), [Role.OVERSEER], ada))
    join(house, invited.token)
    assert house.ask(store.PEOPLE.disagreements) == []


def test_no_event_and_no_row_names_a_person(house: House) -> None:
    house.person("zebedee")
    house.sign_in("zebedee", agent="Browser of zebedee")
    assert "zebedee" not in repr(house.recorded).lower()
    for table in (keeping.table for keeping in tables.RECORDS):
        assert "zebedee" not in repr(house.rows(table)).lower(), table.name


def test_a_stolen_vault_or_a_stolen_database_is_not_enough(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    house.person("mara")
    strangers = Vault(tmp_path_factory.mktemp("vault") / "vault.db")
    assert house.ask(lambda conn: store.identities(conn, strangers)) == {}
    strangers.close()
