"""The chest holds all that opens a backup, whole and checked, under its own names only."""

import io
import sqlite3
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, Unavailable
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Vault
from beffroi.ground.storage.chest import lose, pack, put_back, signed_notes, unpack

ANNA = SubjectId("sub_anna")
KEYS = {"ledger-0001.json": b'{"secret":1}', "vault_wrap-0012.json": b"{}"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "keys").mkdir(parents=True, mode=0o700)
    for name, content in {**KEYS, "0123456789abcdef.signed": b"a checkpoint\n", ".partial": b"half"}.items():
        (folder / "keys" / name).write_bytes(content)
    (folder / "pepper").write_bytes(b"p" * 32)
    return folder


@pytest.fixture
def sealed(data: Path) -> bytes:
    vault = Vault(data / "vault.db")
    made = vault.seal(ANNA, b"a name", "profile")
    vault.close()
    return made


def test_everything_comes_back_for_the_owner_only(data: Path, sealed: bytes, tmp_path: Path) -> None:
    pack(tmp_path / "chest", data, signed_notes(data))
    (tmp_path / "new").mkdir()
    unpack(tmp_path / "chest", tmp_path / "new")
    written = {path.relative_to(tmp_path / "new").as_posix(): path for path in (tmp_path / "new").rglob("*")}
    names = {"vault.db", "pepper", "keys", "keys/0123456789abcdef.signed", *(f"keys/{name}" for name in KEYS)}
    assert written.keys() == names
    assert written["pepper"].read_bytes() == b"p" * 32
    assert written["keys/ledger-0001.json"].read_bytes() == KEYS["ledger-0001.json"]
    assert {path.stat().st_mode & 0o77 for path in [tmp_path / "chest", *written.values()]} == {0}
    vault = Vault(written["vault.db"])
    assert vault.open(ANNA, sealed, "profile") == b"a name"
    vault.close()
    assert {path.name for path in tmp_path.iterdir()} == {"data", "chest", "new"}, "a copy of the vault is left"


def test_it_is_packed_while_the_vault_is_in_use(data: Path, sealed: bytes, tmp_path: Path) -> None:
    vault = Vault(data / "vault.db")
    other = vault.seal(SubjectId("sub_ben"), b"another", "profile")  # still in the write-ahead log
    pack(tmp_path / "chest", data, {})
    (tmp_path / "new").mkdir()
    unpack(tmp_path / "chest", tmp_path / "new")
    restored = Vault(tmp_path / "new" / "vault.db")
    assert restored.open(SubjectId("sub_ben"), other, "profile") == b"another"
    restored.close()
    vault.close()


def test_what_was_signed_is_as_it_was_read(data: Path, sealed: bytes, tmp_path: Path) -> None:
    notes = signed_notes(data)
    (data / "keys" / "0123456789abcdef.signed").write_bytes(b"a later checkpoint\n")
    pack(tmp_path / "chest", data, notes)
    (tmp_path / "new").mkdir()
    unpack(tmp_path / "chest", tmp_path / "new")
    assert (tmp_path / "new/keys/0123456789abcdef.signed").read_bytes() == b"a checkpoint\n"


def test_nothing_is_written_over(data: Path, sealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "chest").write_bytes(b"an older one")
    with pytest.raises(Conflict):
        pack(tmp_path / "chest", data, {})
    assert (tmp_path / "chest").read_bytes() == b"an older one"


@pytest.mark.parametrize("missing", ["vault.db", "pepper"])
def test_a_chest_that_lacks_something_is_not_made(data: Path, sealed: bytes, tmp_path: Path, missing: str) -> None:
    (data / missing).unlink()
    with pytest.raises(Unavailable) as failed:
        pack(tmp_path / "chest", data, {})
    assert failed.value.code == "not-packed"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert not (data / missing).exists()


def tar(**files: bytes) -> bytes:
    """A chest with these files and their true sums; `__` stands for a slash."""
    named = {name.replace("__", "/"): content for name, content in files.items()}
    if "SHA256SUMS" not in named:
        sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in named.items())
        named["SHA256SUMS"] = sums.encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        for name, content in named.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def linked() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        for name, kind in (("vault.db", tarfile.SYMTYPE), ("pepper", tarfile.LNKTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            made.addfile(entry)
        empty = sha256(b"").hexdigest()
        sums = f"{empty}  vault.db\n{empty}  pepper\n".encode()
        entry = tarfile.TarInfo("SHA256SUMS")
        entry.size = len(sums)
        made.addfile(entry, io.BytesIO(sums))
    return packed.getvalue()


BAD: list[Callable[[], bytes]] = [
    lambda: b"",
    lambda: b"a neutral text" * 100,
    lambda: tar(**{"vault.db": b"v" * 5000})[:700],
    tar,
    lambda: tar(pepper=b"p"),
    lambda: tar(**{"vault.db": b"v", "SHA256SUMS": b""}),
    lambda: tar(**{"vault.db": b"v", "SHA256SUMS": b"0" * 64 + b"  vault.db\n"}),
    lambda: tar(**{"vault.db": b"v", "..__..__etc__passwd": b"x"}),
    lambda: tar(**{"vault.db": b"v", "__etc__passwd": b"x"}),
    lambda: tar(**{"vault.db": b"v", "keys__..__..__x.json": b"x"}),
    lambda: tar(**{"vault.db": b"v", "keys__sub__x.json": b"x"}),
    lambda: tar(**{"vault.db": b"v", "beffroi.db": b"x"}),
    lambda: tar(**{"vault.db": b"v"}).replace(b"v", b"w", 1),
]


@pytest.mark.parametrize("made", BAD)
def test_what_is_no_chest_leaves_nothing(tmp_path: Path, made: Callable[[], bytes]) -> None:
    (tmp_path / "chest").write_bytes(made())
    (tmp_path / "new").mkdir()
    with pytest.raises(Invalid) as refused:
        unpack(tmp_path / "chest", tmp_path / "new")
    assert refused.value.code == "no-chest"
    assert list((tmp_path / "new").iterdir()) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "chest").write_bytes(linked())
    (tmp_path / "new").mkdir()
    unpack(tmp_path / "chest", tmp_path / "new")
    assert (tmp_path / "new" / "vault.db").read_bytes() == b""
    assert not (tmp_path / "new" / "vault.db").is_symlink()
    with sqlite3.connect(tmp_path / "new" / "vault.db") as conn:
        assert conn.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    conn.close()


def test_no_chest_at_all(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        unpack(tmp_path / "chest", tmp_path)


def test_one_thing_is_lost_and_put_back(data: Path, sealed: bytes, tmp_path: Path) -> None:
    pack(tmp_path / "chest", data, {})
    lose(data, "vault.db")
    assert list(data.glob("vault.db*")) == []
    Vault(data / "vault.db").close()  # an empty one, as a start would make
    put_back(tmp_path / "chest", data, "vault.db")
    vault = Vault(data / "vault.db")
    assert vault.open(ANNA, sealed, "profile") == b"a name"
    vault.close()
    for name in KEYS:
        (data / "keys" / name).write_bytes(b"another")
    put_back(tmp_path / "chest", data, "keys")
    assert {name: (data / "keys" / name).read_bytes() for name in KEYS} == KEYS
    assert (data / "pepper").read_bytes() == b"p" * 32
