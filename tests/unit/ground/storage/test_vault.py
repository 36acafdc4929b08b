"""What was sealed opens for its subject and purpose, and never again once the key is destroyed."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beffroi.ground.kernel.clock import FakeClock, to_micros
from beffroi.ground.kernel.errors import InvariantViolated, Unavailable
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Vault
from beffroi.ground.storage import vault as module

ANNA, BEN = SubjectId("sub_anna"), SubjectId("sub_ben")
NOW = FakeClock().now()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


@pytest.fixture
def vault(path: Path) -> Iterator[Vault]:
    made = Vault(path)
    yield made
    made.close()


def key_of(path: Path, subject: SubjectId) -> tuple[bytes | None, bytes | None]:
    with sqlite3.connect(path) as conn:
        found: tuple[bytes | None, bytes | None] = conn.execute(
            "SELECT key, salt FROM subject_key WHERE subject = ?", (subject,)
        ).fetchone()
    conn.close()
    return found


def files_of(path: Path) -> bytes:
    """All bytes of the vault: the file, its write-ahead log, its index."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def test_opens_for_the_same_subject_and_purpose(vault: Vault) -> None:
    assert vault.open(ANNA, vault.seal(ANNA, b"a name", "profile"), "profile") == b"a name"


def test_a_second_start_opens_it_too(vault: Vault, path: Path) -> None:
    sealed = vault.seal(ANNA, b"a name", "profile")
    vault.close()
    again = Vault(path)
    assert again.open(ANNA, sealed, "profile") == b"a name"
    again.close()


def test_equal_bytes_are_sealed_differently(vault: Vault) -> None:
    assert vault.seal(ANNA, b"a name", "profile") != vault.seal(ANNA, b"a name", "profile")


@pytest.mark.parametrize(("subject", "purpose"), [(ANNA, "note"), (BEN, "profile"), (BEN, "note")])
def test_opens_for_nobody_and_nothing_else(vault: Vault, subject: SubjectId, purpose: str) -> None:
    sealed = vault.seal(ANNA, b"a name", "profile")
    vault.ensure([BEN])
    with pytest.raises(InvariantViolated) as refused:
        vault.open(subject, sealed, purpose)
    assert refused.value.code == "sealed-bytes-changed"


@pytest.mark.parametrize("position", [0, 11, 12, -1])
def test_changed_bytes_do_not_open(vault: Vault, position: int) -> None:
    sealed = bytearray(vault.seal(ANNA, b"a name", "profile"))
    sealed[position] ^= 1
    with pytest.raises(InvariantViolated):
        vault.open(ANNA, bytes(sealed), "profile")


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_bytes_that_were_cut_do_not_open(vault: Vault, length: int) -> None:
    sealed = vault.seal(ANNA, b"", "profile")[:length]
    with pytest.raises(InvariantViolated):
        vault.open(ANNA, sealed, "profile")


def test_a_commitment_is_the_subjects_own_and_stays(vault: Vault, path: Path) -> None:
    made = vault.commitment(ANNA, b"a name")
    assert made == vault.commitment(ANNA, b"a name")
    assert made not in {vault.commitment(BEN, b"a name"), vault.commitment(ANNA, b"another")}
    assert len(bytes.fromhex(made)) == 32


def test_everybody_has_a_key_and_a_salt_of_their_own(vault: Vault, path: Path) -> None:
    vault.ensure([ANNA, BEN, ANNA])
    vault.ensure([ANNA])
    secrets = {*key_of(path, ANNA), *key_of(path, BEN)}
    assert {len(secret or b"") for secret in secrets} == {32}
    assert len(secrets) == 4


def test_the_owner_alone_reads_the_file(vault: Vault, path: Path) -> None:
    vault.ensure([ANNA])
    assert {file.stat().st_mode & 0o777 for file in path.parent.glob("vault.db*")} == {0o600}


def test_only_the_subjects_own_key_is_used(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHE_MAX", 2)
    sealed = {SubjectId(f"sub_{n}"): vault.seal(SubjectId(f"sub_{n}"), b"%d" % n, "p") for n in range(9)}
    vault.ensure([*sealed, SubjectId("sub_9")])
    for subject, content in sealed.items():
        assert vault.open(subject, content, "p") == subject.removeprefix("sub_").encode()


# Destroying


def test_a_destroyed_key_opens_nothing_and_makes_nothing(vault: Vault) -> None:
    sealed = vault.seal(ANNA, b"a name", "profile")
    assert vault.destroy(ANNA, NOW) is True
    assert vault.open(ANNA, sealed, "profile") is None
    for write in (lambda: vault.seal(ANNA, b"", "profile"), lambda: vault.commitment(ANNA, b"")):
        with pytest.raises(InvariantViolated) as refused:
            write()
        assert refused.value.code == "subject-erased"
    vault.ensure([ANNA])
    assert vault.open(ANNA, sealed, "profile") is None


def test_it_stays_destroyed_and_says_since_when(vault: Vault, path: Path) -> None:
    vault.ensure([ANNA])
    vault.destroy(ANNA, NOW)
    assert vault.destroy(ANNA, NOW.replace(year=2030)) is False
    vault.close()
    with sqlite3.connect(path) as conn:
        row = conn.execute("SELECT key, salt, destroyed_at FROM subject_key").fetchone()
    conn.close()
    assert row == (None, None, to_micros(NOW))


def test_nobody_who_never_had_a_key_gets_one_after(vault: Vault, path: Path) -> None:
    assert vault.destroy(ANNA, NOW) is False
    vault.close()
    again = Vault(path)
    with pytest.raises(InvariantViolated):
        again.seal(ANNA, b"", "profile")
    again.close()


def test_the_others_keep_theirs(vault: Vault) -> None:
    sealed = vault.seal(BEN, b"a name", "profile")
    vault.destroy(ANNA, NOW)
    assert vault.open(BEN, sealed, "profile") == b"a name"


def test_no_byte_of_key_or_salt_is_left_in_any_file(vault: Vault, path: Path) -> None:
    vault.ensure([SubjectId(f"sub_{number}") for number in range(200)])
    subjects = [SubjectId(f"sub_{number}") for number in range(0, 200, 7)]
    secrets = [secret or b"" for subject in subjects for secret in key_of(path, subject)]
    kept = key_of(path, SubjectId("sub_1"))
    assert all(secret in files_of(path) for secret in secrets), "the scan finds what is there"
    for subject in subjects:
        vault.destroy(subject, NOW)
    left = files_of(path)
    assert not any(secret[i : i + 8] in left for secret in secrets for i in range(0, 32, 8))
    assert all(secret in left for secret in kept if secret)


def test_a_key_whose_bytes_could_not_be_overwritten_is_told(
    vault: Vault, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.ensure([ANNA])
    (key, _) = key_of(path, ANNA)
    vault._db.execute("PRAGMA busy_timeout = 0")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM subject_key").fetchall()
    with pytest.raises(Unavailable) as failed:
        vault.destroy(ANNA, NOW)
    assert failed.value.code == "key-not-overwritten"
    assert vault.is_destroyed(ANNA)
    reader.close()
    vault.destroy(ANNA, NOW)
    assert key is not None
    assert key not in files_of(path)


def test_another_process_sees_it_at_once(vault: Vault, path: Path) -> None:
    other = Vault(path)
    sealed = other.seal(ANNA, b"a name", "profile")
    assert vault.open(ANNA, sealed, "profile") == b"a name"
    vault.destroy(ANNA, NOW)
    assert other.open(ANNA, sealed, "profile") is None
    other.close()


def test_what_it_knows(vault: Vault) -> None:
    vault.ensure([ANNA, BEN])
    vault.destroy(BEN, NOW)
    nobody = SubjectId("sub_nobody")
    assert [vault.knows(subject) for subject in (ANNA, BEN, nobody)] == [True, True, False]
    assert [vault.is_destroyed(subject) for subject in (ANNA, BEN, nobody)] == [False, True, False]


def test_asking_for_a_stranger_does_not_make_them_erased(vault: Vault) -> None:
    sealed = vault.seal(ANNA, b"a name", "profile")
    assert vault.open(BEN, sealed, "profile") is None
    assert vault.open(BEN, vault.seal(BEN, b"a name", "profile"), "profile") == b"a name"


def test_whose_keys_were_destroyed_since(vault: Vault) -> None:
    for day, subject in enumerate((ANNA, BEN), 1):
        vault.destroy(subject, NOW.replace(day=day))
    assert vault.destroyed_since(NOW.replace(day=1)) == [ANNA, BEN]
    assert vault.destroyed_since(NOW.replace(day=2)) == [BEN]
    assert vault.destroyed_since(NOW.replace(day=3)) == []


# Failing


def test_a_damaged_file_is_found(vault: Vault, path: Path) -> None:
    vault.ensure([SubjectId(f"sub_{number}") for number in range(500)])
    assert vault.flaws() == []
    vault.close()
    content = bytearray(path.read_bytes())
    content[-4096 * 3 : -4096 * 2] = bytes(4096)
    path.write_bytes(content)
    damaged = Vault(path)
    assert damaged.flaws() != []
    damaged.close()


def test_what_is_no_vault_is_not_opened(path: Path) -> None:
    path.write_bytes(b"a neutral text " * 1000)
    with pytest.raises(Unavailable) as failed:
        Vault(path)
    assert failed.value.code == "vault-unavailable"
    assert "SQLITE_NOTADB" in failed.value.message


def full(vault: Vault) -> None:
    pages = vault._db.execute("PRAGMA page_count").fetchone()[0]
    vault._db.execute(f"PRAGMA max_page_count = {pages}").fetchone()


def test_nothing_is_sealed_under_a_key_that_could_not_be_stored(vault: Vault, path: Path) -> None:
    many = [SubjectId(f"sub_{number}") for number in range(200)]
    full(vault)
    with pytest.raises(Unavailable) as failed:
        vault.ensure(many)
    assert failed.value.code == "vault-unavailable"
    assert "SQLITE_FULL" in failed.value.message
    assert not any(vault.knows(subject) for subject in many)
    vault._db.execute("PRAGMA max_page_count = 100000").fetchone()
    sealed = vault.seal(many[0], b"a name", "profile")
    vault.close()
    again = Vault(path)
    assert again.open(many[0], sealed, "profile") == b"a name"
    again.close()


def test_a_failed_commit_leaves_no_key_and_no_open_transaction(vault: Vault, path: Path) -> None:
    class Failing:
        def __init__(self, real: sqlite3.Connection) -> None:
            self._real, self.fails = real, True

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def execute(self, statement: str, *arguments: Any) -> object:
            if statement == "COMMIT" and self.fails:
                raise sqlite3.OperationalError("disk I/O error")
            return self._real.execute(statement, *arguments)

    failing = Failing(vault._db)
    vault._db = failing  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        vault.seal(ANNA, b"a name", "profile")
    failing.fails = False
    assert not vault.knows(ANNA)
    assert vault.open(ANNA, vault.seal(ANNA, b"a name", "profile"), "profile") == b"a name"
    assert key_of(path, ANNA)[0] is not None


def test_many_threads_get_one_key(vault: Vault) -> None:
    barrier = threading.Barrier(8)
    sealed: list[bytes] = []

    def work() -> None:
        barrier.wait()
        sealed.append(vault.seal(ANNA, b"a name", "profile"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [vault.open(ANNA, content, "profile") for content in sealed] == [b"a name"] * 8
