import base64
import json
from datetime import timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, NotFound, Unavailable
from beffroi.ground.kernel.ids import KeyId
from beffroi.ground.trust.keys import Algorithm, Purpose
from beffroi.ground.trust.ring import KEY_OVERLAP, KeyRing

SIGNING = [purpose for purpose in Purpose if purpose.algorithm is Algorithm.ED25519]
SECRET = [purpose for purpose in Purpose if purpose.algorithm is Algorithm.HKDF_SHA256]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def ring(folder, clock):
    return KeyRing.open(folder, clock)


def secrets_on_disk(folder):
    told = (json.loads(path.read_text())["secret"] for path in folder.glob("*.json"))
    return [secret for secret in told if secret]


def test_the_first_start_makes_one_key_a_purpose(ring, folder):
    assert {key.purpose for key in ring.listing()} == set(Purpose)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{purpose}-0001.json" for purpose in Purpose)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(set(secrets_on_disk(folder))) == len(Purpose)


def test_the_second_start_finds_the_same_keys(ring, folder, clock):
    again = KeyRing.open(folder, clock)
    assert again.listing() == ring.listing()
    signature = ring.signing(Purpose.LEDGER).sign(b"so")
    assert again.verifying(Purpose.LEDGER)[0].verify(signature, b"so")
    assert again.secret(Purpose.WEBHOOK).derive("x") == ring.secret(Purpose.WEBHOOK).derive("x")


def test_a_purpose_that_a_new_release_adds_gets_its_key(ring, folder, clock):
    kept = [key for key in ring.listing() if key.purpose is not Purpose.PEERING]
    (folder / "peering-0001.json").unlink()
    listing = KeyRing.open(folder, clock).listing()
    assert [key for key in listing if key.purpose is not Purpose.PEERING] == kept
    assert any(key.purpose is Purpose.PEERING for key in listing)


@pytest.mark.parametrize("purpose", SIGNING)
def test_a_rotated_key_is_accepted_until_its_overlap_ends(ring, clock, purpose):
    old = ring.signing(purpose)
    signature = old.sign(b"so")
    fresh = ring.rotate(purpose, timedelta(days=2))
    assert ring.signing(purpose).id == fresh.id != old.id
    assert [key.id for key in ring.signers(purpose)] == [fresh.id, old.id]
    assert [key.facts.id for key in ring.verifying(purpose)] == [fresh.id, old.id]

    clock.move(timedelta(days=2) - timedelta(microseconds=1))
    assert [key.facts.id for key in ring.verifying(purpose)] == [fresh.id, old.id]
    clock.move(timedelta(microseconds=1))
    assert [key.facts.id for key in ring.verifying(purpose)] == [fresh.id]
    assert [key.id for key in ring.signers(purpose)] == [fresh.id]
    assert ring.ever(purpose)[1].verify(signature, b"so")


def test_rotating_touches_no_other_purpose(ring):
    before = [key for key in ring.listing() if key.purpose is not Purpose.LEDGER]
    ring.rotate(Purpose.LEDGER)
    assert [key for key in ring.listing() if key.purpose is not Purpose.LEDGER] == before


def test_each_purpose_counts_its_own_rotations(ring, folder, clock):
    for purpose in (Purpose.LEDGER, Purpose.LEDGER, Purpose.PEERING, Purpose.LEDGER):
        ring.rotate(purpose)
    assert sorted(path.name for path in folder.glob("[lp]*")) == [
        "ledger-0001.json",
        "ledger-0002.json",
        "ledger-0003.json",
        "ledger-0004.json",
        "peering-0001.json",
        "peering-0002.json",
    ]
    assert KeyRing.open(folder, clock).listing() == ring.listing()


def test_the_listing_says_when_a_key_retires(ring, clock):
    made_at = clock.now()
    clock.move(timedelta(days=100))
    ring.rotate(Purpose.LEDGER)
    new, old = (key for key in ring.listing() if key.purpose is Purpose.LEDGER)
    assert (new.created_at, new.retires_at) == (clock.now(), None)
    assert (old.created_at, old.retires_at) == (made_at, clock.now() + KEY_OVERLAP)
    assert new.public is not None
    assert len(new.public) == 32


def test_a_stolen_key_is_dropped_at_once_and_its_signing_half_destroyed(ring, folder, clock):
    stolen = json.loads((folder / "ledger-0001.json").read_text())["secret"]
    ring.rotate(Purpose.LEDGER, timedelta(0))
    assert len(ring.verifying(Purpose.LEDGER)) == 1
    assert stolen not in secrets_on_disk(folder)
    assert len(KeyRing.open(folder, clock).ever(Purpose.LEDGER)) == 2


def test_opening_destroys_the_signing_half_of_keys_whose_overlap_has_ended(ring, folder, clock):
    ring.rotate(Purpose.PEERING, timedelta(days=1))
    assert len(secrets_on_disk(folder)) == len(Purpose) + 1
    clock.move(timedelta(days=1))
    again = KeyRing.open(folder, clock)
    assert len(secrets_on_disk(folder)) == len(Purpose)
    assert again.listing() == ring.listing()


@pytest.mark.parametrize("purpose", SECRET)
def test_an_old_secret_still_unwraps_what_it_wrapped(ring, folder, clock, purpose):
    old = ring.secret(purpose)
    fresh = ring.rotate(purpose, timedelta(days=1))
    assert [key.id for key in ring.secrets(purpose)] == [fresh.id, old.id]
    clock.move(timedelta(days=400))
    again = KeyRing.open(folder, clock)
    assert [key.id for key in again.secrets(purpose)] == [fresh.id]
    assert again.secret(purpose, old.id).derive("x") == old.derive("x")
    assert again.secret(purpose).id == fresh.id


def test_an_unknown_secret_is_not_found(ring):
    with pytest.raises(NotFound):
        ring.secret(Purpose.WEBHOOK, KeyId("hkdf-sha256-0000000000000000"))


def test_a_key_is_used_for_nothing_but_its_purpose(ring):
    for wrong in (ring.signing, ring.signers, ring.verifying, ring.ever):
        with pytest.raises(InvariantViolated):
            wrong(Purpose.WEBHOOK)
    for wrong in (ring.secret, ring.secrets):
        with pytest.raises(InvariantViolated):
            wrong(Purpose.LEDGER)


def test_an_overlap_in_the_past_is_a_mistake(ring):
    with pytest.raises(InvariantViolated):
        ring.rotate(Purpose.LEDGER, timedelta(microseconds=-1))


def test_of_two_processes_that_rotate_at_once_one_wins(ring, folder, clock):
    other = KeyRing.open(folder, clock)
    fresh = other.rotate(Purpose.LEDGER)
    with pytest.raises(Conflict):
        ring.rotate(Purpose.LEDGER)
    assert KeyRing.open(folder, clock).signing(Purpose.LEDGER).id == fresh.id


def test_of_two_processes_that_start_for_the_first_time_both_have_the_same_keys(folder, clock, monkeypatch):
    first = KeyRing.open(folder, clock)
    monkeypatch.setattr(type(folder), "iterdir", lambda _self: iter(()))  # the second one looked before the first wrote
    assert KeyRing.open(folder, clock).listing() == first.listing()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_an_exposed_key_file_stops_the_start_and_the_message_says_what_to_do(ring, folder, clock, mode):
    (folder / "ledger-0001.json").chmod(mode)
    with pytest.raises(Unavailable, match=r"chmod 600 .*ledger-0001\.json"):
        KeyRing.open(folder, clock)


def test_an_exposed_folder_stops_the_start(ring, folder, clock):
    folder.chmod(0o755)
    with pytest.raises(Unavailable, match="chmod 700"):
        KeyRing.open(folder, clock)


def test_a_lost_predecessor_stops_the_start(ring, folder, clock):
    ring.rotate(Purpose.LEDGER)
    (folder / "ledger-0001.json").unlink()
    with pytest.raises(InvariantViolated, match=r"ledger-0001\.json") as error:
        KeyRing.open(folder, clock)
    assert error.value.code == "key-file-missing"


def test_a_newest_key_that_cannot_sign_stops_the_start(ring, folder, clock):
    change(folder / "ledger-0001.json", secret=None)
    with pytest.raises(InvariantViolated) as error:
        KeyRing.open(folder, clock)
    assert error.value.code == "key-file-missing"


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


OTHER = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ledger-0001.json", {"secret": OTHER}),
        ("ledger-0001.json", {"public": OTHER}),
        ("ledger-0001.json", {"public": None, "secret": None}),
        ("ledger-0001.json", {"public": None}),
        ("ledger-0001.json", {"secret": "not base64!"}),
        ("ledger-0001.json", {"secret": base64.b64encode(b"short").decode()}),
        ("ledger-0001.json", {"algorithm": "rsa"}),
        ("ledger-0001.json", {"id": "ed25519-0000000000000000"}),
        ("ledger-0001.json", {"purpose": "peering"}),
        ("ledger-0001.json", {"purpose": "unheard of"}),
        ("ledger-0001.json", {"serial": 2}),
        ("ledger-0001.json", {"created": "yesterday"}),
        ("webhook-0001.json", {"secret": OTHER}),
        ("webhook-0001.json", {"secret": None}),
        ("webhook-0001.json", {"public": OTHER}),
    ],
)
def test_a_damaged_key_file_stops_the_start_and_its_secret_is_not_told(ring, folder, clock, name, values):
    secret = json.loads((folder / name).read_text())["secret"]
    change(folder / name, **values)
    with pytest.raises(InvariantViolated) as error:
        KeyRing.open(folder, clock)
    assert error.value.code == "key-file-damaged"
    assert name in error.value.message
    assert secret not in error.value.message


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"purpose":"ledger","purpose":"ledger"}']
)
def test_a_file_that_is_not_a_key_stops_the_start(ring, folder, clock, content):
    (folder / "ledger-0001.json").write_bytes(content)
    with pytest.raises(InvariantViolated) as error:
        KeyRing.open(folder, clock)
    assert error.value.code == "key-file-damaged"


def test_a_crash_while_rotating_leaves_a_file_that_is_passed_over(ring, folder, clock):
    (folder / ".abc.partial").write_bytes(b'{"half')
    assert KeyRing.open(folder, clock).listing() == ring.listing()


def test_the_ring_shows_no_secret(ring, folder):
    ring.rotate(Purpose.LEDGER)
    shown = repr(ring) + repr(ring.listing()) + repr(ring._stored) + repr(vars(ring))
    for secret in secrets_on_disk(folder):
        raw = base64.b64decode(secret)
        assert secret not in shown
        assert repr(raw) not in shown
        assert raw.hex() not in shown
