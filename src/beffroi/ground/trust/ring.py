"""The key ring: the folder of key files, which key is in use, and how one follows another.

Owns: `<data>/keys/`, one file per key, mode 0600.
Promises: a rotation is one new file, so it has happened or it has not; the old key is accepted until
its overlap ends, then its signing half is destroyed and its public half kept, so that old signatures
can be checked for ever.
Never does: show a secret; replace a key that is missing although its successor or predecessor is there.

A file names the purpose and a serial number (`ledger-0002.json`). It says until when its predecessor is
accepted; nothing in a file changes afterwards, except that a retired signing half is taken out.
"""

import base64
import binascii
import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from beffroi.ground.kernel.clock import Clock, from_micros, rfc3339, to_micros
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, NotFound, Refusal, ensure
from beffroi.ground.kernel.ids import KeyId, random_bytes
from beffroi.ground.kernel.json import canonical, parse
from beffroi.ground.kernel.limits import KEY_FILE_BYTES_MAX, KEY_OVERLAP_DAYS

from . import files
from .keys import SECRET_BYTES, Algorithm, KeyFacts, Purpose, SecretKey, SigningKey, VerifyKey, key_id, public_of
from .last_signed import LastSigned

KEY_OVERLAP = timedelta(days=KEY_OVERLAP_DAYS)

_NAME = re.compile(r"([a-z_]+)-([0-9]{4})\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One key file. `public` is None for a secret; `secret` is None for a retired signing key."""

    purpose: Purpose
    serial: int
    created_at: datetime
    predecessor_until: datetime | None
    public: bytes | None
    secret: bytes | None = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.purpose}-{self.serial:04d}.json"


class KeyRing:
    """All keys of this node; thread-safe. Another process sees a rotation when it opens its ring again."""

    def __init__(self, folder: Path, clock: Clock, stored: Iterable[_Stored]) -> None:
        """Use `open`."""
        self._folder, self._clock = folder, clock
        self._rotating = threading.Lock()
        self._stored = tuple(stored)
        self.last_signed = LastSigned(folder)

    @classmethod
    def open(cls, folder: Path, clock: Clock) -> "KeyRing":
        """Load the keys in `folder`; make the folder, and the first key of a purpose that has none yet.

        Raises:
            Unavailable: others can reach the folder or a file in it; the message says what to do.
            InvariantViolated: a file is damaged, or one of a series is missing.

        """
        files.open_folder(folder)
        stored = [_load(path) for path in sorted(folder.iterdir()) if _NAME.fullmatch(path.name)]
        _refuse_gaps(stored)
        lacking = set(Purpose) - {key.purpose for key in stored}
        ring = cls(folder, clock, [*stored, *(_first(folder, purpose, clock.now()) for purpose in lacking)])
        ring._destroy_retired()
        return ring

    def __repr__(self) -> str:
        """The folder and how many keys; nothing else."""
        return f"<KeyRing of {len(self._stored)} keys in {self._folder}>"

    # Signing and verifying

    def signing(self, purpose: Purpose) -> SigningKey:
        """The key that signs now."""
        return self.signers(purpose)[0]

    def signers(self, purpose: Purpose) -> list[SigningKey]:
        """The key in use and those in their overlap, newest first.

        A statement that is read by people who hold only the old key (a checkpoint) is signed with all of them.
        """
        _expect(purpose, Algorithm.ED25519)
        return [SigningKey(facts, key.secret) for key, facts in self._accepted(purpose) if key.secret]

    def verifying(self, purpose: Purpose) -> list[VerifyKey]:
        """Keys whose signatures are accepted now, newest first."""
        _expect(purpose, Algorithm.ED25519)
        return [VerifyKey(facts, key.public) for key, facts in self._accepted(purpose) if key.public]

    def ever(self, purpose: Purpose) -> list[VerifyKey]:
        """Every key this node ever had for the purpose, newest first; for checking old signatures."""
        _expect(purpose, Algorithm.ED25519)
        return [VerifyKey(facts, key.public) for key, facts in self._facts(purpose) if key.public]

    # Secrets that stay in the house

    def secret(self, purpose: Purpose, wanted: KeyId | None = None) -> SecretKey:
        """The secret in use, or the one with the id `wanted`, however old: what it wrapped must be unwrapped.

        Raises:
            NotFound: no secret has that id.

        """
        _expect(purpose, Algorithm.HKDF_SHA256)
        for key, facts in self._facts(purpose):
            if key.secret and wanted in (None, facts.id):
                return SecretKey(facts, key.secret)
        raise NotFound("no-such-key", f"there is no {purpose} key {wanted}")

    def secrets(self, purpose: Purpose) -> list[SecretKey]:
        """The secret in use and those in their overlap, newest first."""
        _expect(purpose, Algorithm.HKDF_SHA256)
        return [SecretKey(facts, key.secret) for key, facts in self._accepted(purpose) if key.secret]

    # The operator's view

    def listing(self) -> list[KeyFacts]:
        """Every key, by purpose, newest first."""
        return [facts for purpose in Purpose for _, facts in self._facts(purpose)]

    def rotate(self, purpose: Purpose, overlap: timedelta = KEY_OVERLAP) -> KeyFacts:
        """Make a new key and use it from now on; the old one is accepted until `overlap` has passed.

        An overlap of zero is for a key that was stolen.

        Raises:
            Conflict: another process rotated it at this moment.

        """
        ensure(overlap >= timedelta(0), "overlap-negative", "an overlap cannot end before it begins")
        with self._rotating:
            now = self._clock.now()
            serial = max(key.serial for key in self._stored if key.purpose is purpose) + 1
            fresh = _write_fresh(self._folder, purpose, serial, now, now + overlap)
            self._stored = (*self._stored, fresh)
        self._destroy_retired()
        return self._facts(purpose)[0][1]

    # Within

    def _facts(self, purpose: Purpose) -> list[tuple[_Stored, KeyFacts]]:
        """The keys of a purpose, newest first, each with what follows from its successor."""
        keys = sorted((key for key in self._stored if key.purpose is purpose), key=lambda key: -key.serial)
        retirements = [None, *(key.predecessor_until for key in keys[:-1])]
        return [(key, _facts_of(key, retires_at)) for key, retires_at in zip(keys, retirements, strict=True)]

    def _accepted(self, purpose: Purpose) -> list[tuple[_Stored, KeyFacts]]:
        now = self._clock.now()
        return [pair for pair in self._facts(purpose) if pair[1].retires_at is None or now < pair[1].retires_at]

    def _destroy_retired(self) -> None:
        """Take signing halves out of retired keys' files. Secrets stay: something may be wrapped in them."""
        with self._rotating:
            now = self._clock.now()
            for purpose in Purpose:
                for key, facts in self._facts(purpose):
                    retired = facts.retires_at is not None and facts.retires_at <= now
                    if retired and key.secret and key.public:
                        public_half = replace(key, secret=None)
                        files.replace(self._folder / key.name, _encode(public_half))
                        self._stored = tuple(public_half if other is key else other for other in self._stored)


def _expect(purpose: Purpose, algorithm: Algorithm) -> None:
    ensure(purpose.algorithm is algorithm, "key-misused", f"a {purpose} key is not for {algorithm}")


def _facts_of(key: _Stored, retires_at: datetime | None) -> KeyFacts:
    identity = key_id(key.purpose, key.public or key.secret or b"")
    return KeyFacts(identity, key.purpose, key.purpose.algorithm, key.created_at, retires_at, key.public)


def _refuse_gaps(stored: Iterable[_Stored]) -> None:
    """A lost key must not be followed by a new one in silence: others would take it for a forgery."""
    by_purpose: dict[Purpose, dict[int, _Stored]] = defaultdict(dict)
    for key in stored:
        by_purpose[key.purpose][key.serial] = key
    for purpose, found in by_purpose.items():
        newest = max(found)
        missing = [serial for serial in range(1, newest + 1) if serial not in found]
        if found[newest].secret is None:
            missing.append(newest)
        if missing:
            names = ", ".join(f"{purpose}-{serial:04d}.json" for serial in missing)
            raise InvariantViolated("key-file-missing", f"keys are missing or cannot sign: {names}; restore them")


# The file


def _first(folder: Path, purpose: Purpose, now: datetime) -> _Stored:
    try:
        return _write_fresh(folder, purpose, 1, now, None)
    except Conflict:  # another process opens the ring for the first time as well
        return _load(folder / f"{purpose}-0001.json")


def _write_fresh(
    folder: Path, purpose: Purpose, serial: int, now: datetime, predecessor_until: datetime | None
) -> _Stored:
    secret = random_bytes(SECRET_BYTES)
    public = public_of(secret) if purpose.algorithm is Algorithm.ED25519 else None
    # As stored: microseconds survive the file, so a ring that is opened again equals this one.
    key = _Stored(purpose, serial, from_micros(to_micros(now)), predecessor_until, public, secret)
    files.create(folder / key.name, _encode(key))
    return key


def _encode(key: _Stored) -> bytes:
    return canonical(
        {
            "algorithm": key.purpose.algorithm,
            "created": rfc3339(key.created_at),
            "id": key_id(key.purpose, key.public or key.secret or b""),
            "predecessor_until": rfc3339(key.predecessor_until) if key.predecessor_until else None,
            "public": _to_base64(key.public),
            "purpose": key.purpose,
            "secret": _to_base64(key.secret),
            "serial": key.serial,
        }
    )


def _load(path: Path) -> _Stored:
    """The key in a file, checked against its name and its own id; what is wrong is said without what is in it."""
    try:
        key = _decode(parse(files.read(path), size_max=KEY_FILE_BYTES_MAX))
    except (Refusal, KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        key = None
    if key is None or key.name != path.name:
        raise InvariantViolated("key-file-damaged", f"{path} is not the key file that its name says; restore it")
    return key


def _decode(told: dict[str, Any]) -> _Stored | None:
    purpose = Purpose(told["purpose"])
    public, secret = _from_base64(told["public"]), _from_base64(told["secret"])
    until = datetime.fromisoformat(told["predecessor_until"]) if told["predecessor_until"] else None
    key = _Stored(purpose, told["serial"], datetime.fromisoformat(told["created"]), until, public, secret)
    signs = purpose.algorithm is Algorithm.ED25519
    halves_fit = (public == public_of(secret) if secret else public is not None) if signs else public is None
    named_so = told["algorithm"] == purpose.algorithm and told["id"] == key_id(purpose, public or secret or b"")
    return key if halves_fit and named_so else None


def _to_base64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def _from_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
