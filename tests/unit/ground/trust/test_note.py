import base64
from dataclasses import dataclass
from hashlib import sha256

import pytest

from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.limits import NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX
from beffroi.ground.trust.keys import SigningKey, public_of
from beffroi.ground.trust.note import Note, NoteKey, NoteSignature, open_note, parse_note, parse_vkey, sign_note

# Foreign vectors: golang.org/x/mod/sumdb/note, and the two examples of C2SP signed-note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_NOTE = (
    NEUMANN_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


@dataclass
class Pen:
    seed: bytes

    @property
    def public(self) -> bytes:
        return public_of(self.seed)

    def sign(self, message: bytes) -> bytes:
        return SigningKey.sign(self, message)  # type: ignore[arg-type]

    @property
    def _secret(self) -> bytes:
        return self.seed


MINE = Pen(sha256(b"mine").digest())
YOURS = Pen(sha256(b"yours").digest())
MY_KEY, YOUR_KEY = NoteKey("log.example/me", MINE.public), NoteKey("log.example/you", YOURS.public)


def code_of(raised) -> str:
    return raised.value.code


# Foreign vectors


@pytest.mark.parametrize("vkey", [NEUMANN, FOO])
def test_foreign_vkeys_are_read_and_written_alike(vkey):
    assert parse_vkey(vkey).vkey == vkey


@pytest.mark.parametrize(("vkey", "note"), [(NEUMANN, NEUMANN_NOTE), (FOO, FOO_NOTE)])
def test_foreign_notes_verify(vkey, note):
    opened = open_note(note, [parse_vkey(vkey)])
    assert opened.encode() == note


def test_signing_gives_the_foreign_note():
    assert public_of(NEUMANN_SEED) == parse_vkey(NEUMANN).public
    assert sign_note(NEUMANN_TEXT, "PeterNeumann", [Pen(NEUMANN_SEED)]).encode() == NEUMANN_NOTE


def test_every_mangling_of_a_vkey_is_refused():
    manglings = {NEUMANN[i:j] for i in range(len(NEUMANN)) for j in range(i, len(NEUMANN) + 1)} - {NEUMANN}
    manglings |= {NEUMANN[:i] + chr(ord(NEUMANN[i]) + 1) + NEUMANN[i + 1 :] for i in range(len(NEUMANN))}
    for mangled in manglings:
        with pytest.raises(Invalid) as refused:
            parse_vkey(mangled)
        assert code_of(refused) == "vkey-malformed"


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # longer key, fitting id
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # other algorithm, fitting id
        NEUMANN.upper(),
        NEUMANN + "\n",
        " " + NEUMANN,
        "",
    ],
)
def test_other_vkeys_are_refused(vkey):
    with pytest.raises(Invalid):
        parse_vkey(vkey)


# Our own


def test_a_note_of_several_signers_opens_to_the_trusted_ones():
    mine = sign_note("so it is\n", "log.example/me", [MINE])
    both = sign_note(mine.text, "log.example/you", [YOURS], onto=mine.signatures)
    for trusted in ([MY_KEY], [YOUR_KEY], [MY_KEY, YOUR_KEY]):
        opened = open_note(both.encode(), trusted)
        assert opened.text == "so it is\n"
        assert [signature.name for signature in opened.signatures] == [key.name for key in trusted]
    assert len(parse_note(both.encode()).signatures) == 2


def test_a_text_with_empty_lines_and_foreign_letters_survives():
    text = "Ognuno sta solo\n\ned è subito sera.\n\n— not a signature\n"
    note = sign_note(text, "log.example/me", [MINE])
    assert open_note(note.encode().encode(), [MY_KEY]).text == text


def test_a_note_nobody_we_trust_signed_is_refused():
    note = sign_note("so\n", "log.example/you", [YOURS]).encode()
    with pytest.raises(Unauthenticated) as refused:
        open_note(note, [MY_KEY])
    assert code_of(refused) == "note-unsigned"
    with pytest.raises(Unauthenticated):
        open_note(note, [])


def test_one_false_signature_of_a_trusted_key_spoils_the_note():
    good = sign_note("so\n", "log.example/you", [YOURS])
    false = NoteSignature("log.example/me", MY_KEY.id, bytes(64))
    with pytest.raises(Unauthenticated) as refused:
        open_note(Note("so\n", (*good.signatures, false)).encode(), [MY_KEY, YOUR_KEY])
    assert code_of(refused) == "note-forged"


def test_a_foreign_signature_of_any_form_is_passed_over():
    good = sign_note("so\n", "log.example/me", [MINE])
    foreign = (NoteSignature("w.example", b"abcd", b"\x00" * 2428), NoteSignature("log.example/me", b"abcd", b"x"))
    opened = open_note(Note("so\n", (*foreign, *good.signatures)).encode(), [MY_KEY])
    assert opened.signatures == good.signatures


def test_a_repeated_signature_counts_once():
    good = sign_note("so\n", "log.example/me", [MINE])
    assert open_note(Note("so\n", good.signatures * 3).encode(), [MY_KEY]).signatures == good.signatures


def test_the_same_key_under_another_name_is_another_key():
    note = sign_note("so\n", "log.example/me", [MINE]).encode()
    with pytest.raises(Unauthenticated):
        open_note(note, [NoteKey("log.example/other", MINE.public)])


@pytest.mark.parametrize("at", range(len("so it is")))
def test_a_changed_text_is_refused(at):
    note = bytearray(sign_note("so it is\n", "log.example/me", [MINE]).encode().encode())
    note[at] ^= 1
    with pytest.raises(Unauthenticated):
        open_note(bytes(note), [MY_KEY])


GOOD = "so\n\n— log.example/me " + base64.b64encode(bytes(68)).decode() + "\n"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "\n",
        "so\n",
        "so\n\n",
        GOOD.removesuffix("\n"),
        GOOD.removesuffix("\n") + "x",
        GOOD.replace("\n\n", "\n"),
        GOOD + "\n",
        GOOD + "rubbish\n",
        GOOD.replace("— ", "- "),
        GOOD.replace("— ", "—"),
        GOOD.replace("me ", "me\u00a0"),
        GOOD.replace("me ", "m+e "),
        GOOD.replace("log.example/me ", " "),
        GOOD.replace("so", "s\to"),
        GOOD.replace("so", "s\ro"),
        GOOD.replace("so", "s\x00o"),
        GOOD.replace("=", ""),
        GOOD.replace("=\n", "= \n"),
        GOOD.replace("A=", "B="),  # another spelling of the same bytes
        "so\n\n— log.example/me AAAA\n",  # less than a key's id
        "so\n\n— log.example/me AAAAAA==\n",  # a key's id and no signature
        "so\n\n— log.example/me \n",
        "so\n\n— log.example/me\n",
        b"so\xff" + GOOD[2:].encode(),
        "so\ud800" + GOOD[2:],
    ],
)
def test_what_is_not_a_note_is_refused(raw):
    assert parse_note(GOOD).text == "so\n"
    with pytest.raises(Invalid) as refused:
        parse_note(raw)
    assert code_of(refused) == "note-malformed"


def test_signatures_up_to_the_limit():
    line = NoteSignature("w.example", b"abcd", b"x")
    assert len(parse_note(Note("so\n", (line,) * NOTE_SIGNATURES_MAX).encode()).signatures) == NOTE_SIGNATURES_MAX
    with pytest.raises(Invalid) as refused:
        parse_note(Note("so\n", (line,) * (NOTE_SIGNATURES_MAX + 1)).encode())
    assert code_of(refused) == "note-oversized"


def test_bytes_up_to_the_limit():
    rest = len(GOOD.encode()) - 2
    assert parse_note("s" * (NOTE_BYTES_MAX - rest) + GOOD[2:]).text.startswith("sss")
    with pytest.raises(Invalid) as refused:
        parse_note("s" * (NOTE_BYTES_MAX - rest + 1) + GOOD[2:])
    assert code_of(refused) == "note-oversized"


@pytest.mark.parametrize("text", ["", "so", "s\to\n", "s\x1fo\n"])
def test_a_text_that_cannot_stand_in_a_note_is_not_signed(text):
    with pytest.raises(Invalid):
        sign_note(text, "log.example/me", [MINE])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x1fb"])
def test_a_name_that_cannot_stand_in_a_note_is_not_signed_for(name):
    with pytest.raises(Invalid) as refused:
        sign_note("so\n", name, [MINE])
    assert code_of(refused) == "note-name-malformed"
