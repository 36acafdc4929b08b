"""Signed notes (C2SP signed-note): a text, and lines that say who signed it.

Owns: the form of notes and of verifier keys (vkeys).
Promises: pure; what is not well-formed is refused before anything is verified; a known key's bad signature
spoils the note, unknown keys' signatures are kept and count for nothing.
Never does: decide which keys are trusted; callers hand them in.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.limits import NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX

from .keys import PUBLIC_BYTES, signature_holds

_ED25519 = b"\x01"
_ID_BYTES = 4
_DASH = "\N{EM DASH} "


class Signer(Protocol):
    """What signs a note: a `SigningKey`."""

    @property
    def public(self) -> bytes:
        """The 32 bytes that others verify with."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class NoteKey:
    """An Ed25519 key and the name under which it signs notes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that, with the name, say which key signed; not a cryptographic identity."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_BYTES]

    @property
    def vkey(self) -> str:
        """`<name>+<id in hex>+<base64>`: what others configure to verify our notes."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line. `raw` is what follows the key's id."""

    name: str
    key: bytes
    raw: bytes

    @property
    def line(self) -> str:
        """With its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key + self.raw).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and its signatures, verified or not: see `parse_note` and `open_note`."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> str:
        """The note as it is sent."""
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)


def parse_vkey(vkey: str) -> NoteKey:
    """The key in a vkey.

    Raises:
        Invalid: malformed, of an algorithm other than Ed25519, or its id is not its own.

    """
    name, _, rest = vkey.partition("+")
    shown_id, _, encoded = rest.partition("+")
    material = _from_base64(encoded)
    if not _is_name(name) or material is None or not material.startswith(_ED25519):
        raise Invalid("vkey-malformed", "a verifier key reads name+8 hex digits+base64 of an Ed25519 key")
    key = NoteKey(name, material[1:])
    if len(key.public) != PUBLIC_BYTES or key.id.hex() != shown_id:
        raise Invalid("vkey-malformed", "the verifier key's digits do not belong to its name and key")
    return key


def sign_note(text: str, name: str, signers: Iterable[Signer], *, onto: Sequence[NoteSignature] = ()) -> Note:
    """The note over `text` with a signature of each signer under `name`, after those in `onto`.

    Raises:
        Invalid: the text or the name cannot stand in a note.

    """
    _check_text(text)
    if not _is_name(name):
        raise Invalid("note-name-malformed", "a key name has no space and no plus sign", where="name")
    made = tuple(NoteSignature(name, NoteKey(name, signer.public).id, signer.sign(text.encode())) for signer in signers)
    return Note(text, (*onto, *made))


def parse_note(raw: str | bytes) -> Note:
    """The note, with no signature verified.

    Raises:
        Invalid: malformed, too large, or with too many signatures.

    """
    encoded = _decoded(raw)
    text, separator, lines = encoded.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise Invalid("note-malformed", "a note is a text, an empty line and signature lines")
    if lines.count("\n") > NOTE_SIGNATURES_MAX:
        raise Invalid("note-oversized", f"more than {NOTE_SIGNATURES_MAX} signatures")
    return Note(text + "\n", tuple(_parse_line(line) for line in lines[:-1].split("\n")))


def open_note(raw: str | bytes, trusted: Iterable[NoteKey]) -> Note:
    """The note with only those signatures that `trusted` keys really made, one per key.

    Raises:
        Invalid: see `parse_note`.
        Unauthenticated: no trusted key signed it, or a trusted key's signature does not hold.

    """
    note = parse_note(raw)
    by_id = {(key.name, key.id): key for key in trusted}
    verified: dict[tuple[str, bytes], NoteSignature] = {}
    for signature in note.signatures:
        key = by_id.get((signature.name, signature.key))
        if key is None or (signature.name, signature.key) in verified:
            continue
        if not signature_holds(key.public, signature.raw, note.text.encode()):
            raise Unauthenticated("note-forged", f"the signature under the name {signature.name} does not hold")
        verified[signature.name, signature.key] = signature
    if not verified:
        raise Unauthenticated("note-unsigned", "no key we trust has signed this")
    return Note(note.text, tuple(verified.values()))


def _decoded(raw: str | bytes) -> str:
    content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(content) > NOTE_BYTES_MAX:
        raise Invalid("note-oversized", f"a note has at most {NOTE_BYTES_MAX} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("note-malformed", "a note is UTF-8") from None
    _check_controls(text)
    return text


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise Invalid("note-malformed", "a note's text ends in a newline", where="text")
    _check_controls(text)


def _check_controls(text: str) -> None:
    if any(letter < " " and letter != "\n" for letter in text):
        raise Invalid("note-malformed", "a note holds no control character but the newline")


def _parse_line(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _from_base64(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or raw is None or len(raw) <= _ID_BYTES:
        raise Invalid("note-malformed", "a signature line reads: em dash, space, key name, space, base64")
    return NoteSignature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() or letter < " " for letter in name)


def _from_base64(encoded: str) -> bytes | None:
    """Its bytes, or None unless it is the one canonical form: a note has no two spellings."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if base64.b64encode(raw).decode() == encoded else None
