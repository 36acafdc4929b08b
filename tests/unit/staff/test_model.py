"""What the types say of themselves, and what they do not."""

from dataclasses import replace
from datetime import timedelta

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.ground.storage import Event
from beffroi.staff import model, rules, store
from beffroi.staff.model import EVENTS, ApiKey, Credentials, Identity, Person, PersonState, Role

NOW = FakeClock().now()


def test_an_administrator_is_active() -> None:
    ada = Person(
        PersonId("prs_ada"), 1, "M-31", frozenset({Role.ADMINISTRATOR}), PersonState.ACTIVE, False, None, NOW, NOW
    )
    assert ada.is_administrator
    assert not replace(ada, roles=frozenset({Role.MODERATOR})).is_administrator
    for state in (PersonState.INVITED, PersonState.SUSPENDED, PersonState.LEFT):
        assert not replace(ada, state=state).is_administrator


def test_a_key_lives_until_its_end() -> None:
    key = ApiKey(KeyId("key_x"), 1, (), PersonId("prs_ada"), NOW, NOW + timedelta(days=1), None)
    assert key.is_live(NOW)
    assert not key.is_live(key.expires_at)
    assert not replace(key, revoked_at=NOW).is_live(NOW)


def test_no_repr_shows_a_name_or_a_secret() -> None:
    shown = repr(
        (Identity("Zebedee", "zeb@node.example", "lookup-hash"), Credentials("argon-hash", b"telephone", 1, (b"rc",)))
    )
    for hidden in ("Zebedee", "zeb@", "lookup-hash", "argon-hash", "telephone", "rc'"):
        assert hidden not in shown


def test_every_event_is_listed_and_its_rows_fold_it() -> None:
    defined = {thing for thing in vars(model).values() if isinstance(thing, type) and issubclass(thing, Event)} - {
        Event
    }
    assert set(EVENTS) == defined
    folded = {event for event in EVENTS if event.aggregate in {"person", "api-key"}}
    assert folded == {*store.PEOPLE.events, *store.KEYS.events}
    assert rules.apply_person is store.PEOPLE.apply
