"""People, links, sessions and keys in the database."""

from datetime import timedelta

from beffroi.ground.kernel.ids import PersonId, SessionId
from beffroi.staff import store
from beffroi.staff.model import LinkKind, Method, PersonState, Role
from tests.unit.staff.rig import House, identity


def test_a_person_comes_back_as_they_were(house: House) -> None:
    mara = house.person("mara", Role.POLICY_LEAD, Role.SENIOR_MODERATOR, demo=True)
    found = house.ask(lambda conn: store.PEOPLE.load(conn, mara))
    assert found.roles == {Role.POLICY_LEAD, Role.SENIOR_MODERATOR}
    assert (found.state, found.demo, found.joined_at) == (PersonState.ACTIVE, True, house.clock.now())


def test_an_identity_opens_only_with_the_vault(house: House) -> None:
    mara = house.person("mara")
    assert house.ask(lambda conn: store.identities(conn, house.vault)) == {mara: identity("mara")}
    assert house.ask(lambda conn: store.identities(conn, house.vault, [])) == {}
    assert house.ask(lambda conn: store.person_by_lookup(conn, identity("MARA").lookup)) == mara
    assert house.ask(lambda conn: store.person_by_lookup(conn, identity("noor").lookup)) is None


def test_administrators_are_counted_by_kind(house: House) -> None:
    house.person("ada", Role.ADMINISTRATOR)
    house.person("noor", Role.ADMINISTRATOR, demo=True)
    house.person("mara")
    both = (True, False)
    assert house.ask(lambda conn: [store.administrators(conn, demo=demo) for demo in both]) == [1, 1]
    assert house.write(lambda tx: [store.administrators(tx.conn, demo=demo, lock=True) for demo in both]) == [1, 1]


def test_a_link_is_used_once(house: House) -> None:
    link = store.Link(LinkKind.FIRST, None, (Role.ADMINISTRATOR,))
    until = house.clock.now() + timedelta(hours=1)
    house.write(lambda tx: store.put_link(tx, link, b"digest", until))
    assert house.ask(lambda conn: store.link(conn, b"digest", house.clock.now())) == link
    assert house.ask(lambda conn: store.link(conn, b"another", house.clock.now())) is None
    assert house.ask(lambda conn: store.link(conn, b"digest", until)) is None
    assert [house.write(lambda tx: store.use_link(tx, b"digest")) for _ in range(2)] == [True, False]


def test_a_session_comes_back_as_it_was(house: House) -> None:
    mara, now = house.person("mara"), house.clock.now()
    session = store.Session(SessionId("ses_x"), mara, Method.PASSKEY, now, now, now, now + timedelta(hours=1))
    house.write(lambda tx: store.put_session(tx, session, b"digest", "A Browser \ud800"))
    assert house.ask(lambda conn: store.session_by_digest(conn, b"digest")) == session
    assert house.ask(lambda conn: store.session(conn, session.id)) == session
    assert house.ask(lambda conn: store.sessions_of(conn, house.vault, mara)) == [(session, "A Browser ?")]
    assert house.ask(lambda conn: store.sessions_of(conn, house.vault, PersonId("prs_x"))) == []
