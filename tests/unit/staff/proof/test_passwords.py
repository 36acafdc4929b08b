"""Which passwords do, and that checking one tells nothing."""

import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from beffroi.ground.kernel.errors import Invalid, TooMany
from beffroi.ground.kernel.limits import HASHES_AT_ONCE_MAX
from beffroi.staff.proof import passwords
from beffroi.staff.proof.passwords import Hasher, check_new

GOOD = "seven lanterns by the canal"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "abcdefgh ijkl",
        "839201948572",
        "ключ-от-колокольни",
        "الجرس في البرج",
        "🔔" * 3 + " over town",
        "x" * 252 + "abcd",
    ],
)
def test_good_enough(password: str) -> None:
    check_new(password, "Mara Voss", "mara@node.example")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password-too-short"),
        ("elevenchars", "password-too-short"),
        ("x" * 253 + "abcd", "password-too-long"),
        ("lone half \ud800 of a pair", "password-not-text"),
        ("aaaaaaaaaaaa", "password-guessable"),
        ("121212121212", "password-guessable"),
        ("Password1234", "password-guessable"),
        ("123456789012", "password-guessable"),
        ("Welcome-Beffroi-1!", "password-guessable"),
        ("mara@node.example", "password-guessable"),
        ("Mara.Voss.2026", "password-guessable"),
        ("qwertzadmin12", "password-guessable"),
        ("ｐａｓｓｗｏｒｄ１２３４", "password-guessable"),
    ],
)
def test_not_good_enough(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new(password, "Mara Voss", "mara@node.example")
    assert (refused.value.code, refused.value.where) == (code, "password")
    assert password[:6] not in str(refused.value) or not password


def test_length_is_counted_after_normalising() -> None:
    with pytest.raises(Invalid):
        check_new("e\u0301" * 6 + "fgh")  # 15 characters typed, 9 after NFKC


def test_the_same_on_two_keyboards() -> None:
    hasher = Hasher("cheap")
    kept = hasher.hash("Café ﬁne by the canal")
    assert hasher.holds(kept, "Cafe\u0301 fine by the canal")


def test_only_the_right_one_holds() -> None:
    hasher = Hasher("cheap")
    kept = hasher.hash(GOOD)
    assert hasher.holds(kept, GOOD)
    assert hasher.hash(GOOD) != kept
    for wrong in ("", GOOD + " ", GOOD.upper(), "\ud800", "x" * 257):
        assert not hasher.holds(kept, wrong)


def test_a_hash_that_is_none_holds_nothing() -> None:
    assert not Hasher("cheap").holds("not a hash", GOOD)


def test_an_unknown_account_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Hasher("cheap")
    kept = hasher.hash(GOOD)
    seen: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, password_hash: str, password: Any) -> bool:
        seen.append(password_hash)
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for password_hash, password in ((kept, "wrong password"), (None, GOOD), (None, "\ud800"), (kept, "x" * 257)):
        assert not hasher.holds(password_hash, password)
    parameters = {one.rsplit("$", 2)[0] for one in seen}
    assert len(seen) == 4
    assert len(parameters) == 1


def test_standard_cost_is_the_second_choice_of_rfc_9106() -> None:
    standard = Hasher("standard")
    kept = standard.hash(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not standard.is_outdated(kept)
    assert standard.is_outdated(Hasher("cheap").hash(GOOD))


def test_no_more_than_a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASH_WAIT_S_MAX", 0.01)
    hasher = Hasher("cheap")
    taken = [hasher._turn() for _ in range(HASHES_AT_ONCE_MAX)]
    for turn in taken:
        turn.__enter__()
    with pytest.raises(TooMany) as refused:
        hasher.hash(GOOD)
    assert refused.value.code == "sign-in-busy"
    taken[0].__exit__(None, None, None)
    assert hasher.holds(hasher.hash(GOOD), GOOD)


def test_many_side_by_side() -> None:
    hasher, kept = Hasher("cheap"), Hasher("cheap").hash(GOOD)
    held: list[bool] = []
    threads = [threading.Thread(target=lambda: held.append(hasher.holds(kept, GOOD))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [True] * 12
