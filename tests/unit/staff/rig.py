"""A node's ground with people on it, and a device that holds passkeys in software."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Connection, Row, Table, select
from webauthn.helpers import encode_cbor

from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Tx
from beffroi.staff import enrol, login, service, sessions
from beffroi.staff.desk import Desk
from beffroi.staff.model import Credentials, Identity, Role
from beffroi.staff.permissions import Principal
from beffroi.staff.proof import totp
from beffroi.staff.proof.passkeys import RelyingParty
from beffroi.staff.proof.passwords import Hasher
from tests.databases import HouseDb

T = TypeVar("T")

PASSWORD = "seven lanterns by the canal"
SECRET = b"a telephone's secret"
PEPPER = b"p" * 32
HOME = "192.0.2.7"
ORIGIN = "https://node.example"
PARTY = RelyingParty("node.example", "Invented Node", (ORIGIN,))
HASHER = Hasher("cheap")


class House:
    """A ground with a desk on it."""

    def __init__(self, db: HouseDb) -> None:
        self.db, self.clock, self.vault, self.recorded = db, db.clock, db.vault, db.recorded
        self.desk = Desk(db.database.read, db.writer.run, db.vault, db.clock, HASHER, PEPPER, PARTY, demo_allowed=False)

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.db.run(work)

    def ask(self, question: Callable[[Connection], T]) -> T:
        return self.db.ask(question)

    def rows(self, table: Table) -> list[Row[Any]]:
        """All rows of a table."""
        return list(self.ask(lambda conn: conn.execute(select(table)).all()))

    def move(self, **by: float) -> None:
        self.clock.move(timedelta(**by))

    def demo(self) -> Desk:
        return replace(self.desk, demo_allowed=True)

    def person(self, name: str, *roles: Role, demo: bool = False, **credentials: Any) -> PersonId:
        """An active person with PASSWORD and SECRET."""
        given = Credentials(**{"password_hash": HASHER.hash(PASSWORD), "totp_secret": SECRET} | credentials)
        made = self.write(
            lambda tx: service.create_person(tx, identity(name), roles or (Role.MODERATOR,), given, demo=demo)
        )
        return made.id

    def code(self, secret: bytes = SECRET) -> str:
        return totp.code(secret, self.clock.now())

    def given(self, name: str, **changes: str) -> login.Given:
        typed = {"email": f"{name}@node.example", "password": PASSWORD, "code": self.code(), "address": HOME}
        return login.Given(**typed | changes)

    def sign_in(self, name: str, *, secret: bytes = SECRET, **changes: str) -> sessions.Opened:
        """Signs in once the last code is stale, so that it may be called at will."""
        self.move(seconds=60)
        return login.by_password(self.desk, self.given(name, **{"code": self.code(secret), **changes}))

    def principal(self, opened: sessions.Opened) -> Principal:
        return self.ask(
            lambda conn: sessions.resume(conn, opened.token, self.clock.now(), demo_allowed=False)
        ).principal


def identity(name: str) -> Identity:
    return enrol.identity(PEPPER, name.capitalize(), f"{name}@node.example")


@dataclass
class Device:
    """A soft authenticator (W3C WebAuthn level 2): ES256, attestation `none`, user verified unless told otherwise."""

    verifies_user: bool = True
    counts: bool = True
    origin: str = ORIGIN
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = b"credential-of-a-soft-device"
    count: int = 0
    handle: str = ""

    def create(self, options: str) -> bytes:
        """`navigator.credentials.create`, as JSON."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + self._public()
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._state(asked["rp"]["id"], 0x40) + attested}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", asked["challenge"]),
            attestationObject=encode_cbor(attestation),
        )

    def get(self, options: str) -> bytes:
        """`navigator.credentials.get`, as JSON."""
        asked = json.loads(options)
        client = self._client("webauthn.get", asked["challenge"])
        state = self._state(asked["rpId"], 0)
        signature = self.key.sign(state + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=state, signature=signature)

    def _state(self, party: str, flags: int) -> bytes:
        self.count += self.counts
        flags |= 0x01 | (0x04 if self.verifies_user else 0)
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def _answer(self, **response: bytes) -> bytes:
        told = {name: _base64url(value) for name, value in response.items()} | {"userHandle": self.handle}
        named = _base64url(self.credential)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": told}).encode()


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
