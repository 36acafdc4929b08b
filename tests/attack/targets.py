"""What reads bytes from outside, one function each: it may refuse, and nothing else.

Owns: `TARGETS`: name, function, seeds.
Promises: whatever a target raises beyond `Refusal` (and what it documents besides) is a fault of ours; where bytes are
read well, writing them again gives what was read.
Never does: keep anything, or reach anything.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from struct import pack
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request

from beffroi.doors.api import wire
from beffroi.doors.platforms.answers import outcome_of, pause_s
from beffroi.doors.web.forms import read_form
from beffroi.doors.web.languages import choose
from beffroi.doors.web.render import local_path
from beffroi.ground.kernel import json
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.ledger import checkpoint, tiles, verify
from beffroi.ground.net.policy import read_url
from beffroi.ground.trust import note
from beffroi.matching import imports, pdq_file
from beffroi.parties.settings import SETTINGS
from beffroi.signals import fold, sniff
from beffroi.signals import wire as child
from beffroi.signals.model import Extracted, Undecodable
from beffroi.signals.scan import PhraseScanner
from beffroi.signals.types import url
from beffroi.staff.proof import passkeys, tokens, totp

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
_INDEX_HEAD = pack("<12sHBBQ8x", b"BEFFROI-PDQ\n", 2, 8, 0, 1)  # one hash without tables
_KEY = note.NoteKey("agora.example/ledger", bytes(32))
_PARTY = passkeys.RelyingParty("node.example", "Node", ("https://node.example",))
_SCANNER = PhraseScanner.build(["the paper lamp sings at noon", "lamp"])
_NAMES = ("x.csv", "x.jsonl", "x.txt", "x.pdq", "x.png", "x")


def _json(data: bytes) -> None:
    value = json.parse(data)
    assert json.parse(json.canonical(value)) == value


def _message(data: bytes) -> None:
    value = json.parse(data)
    for model in (wire.ScreenIn, wire.BatchIn, wire.EventIn, wire.NoticeIn, wire.BackfillIn, wire.BankIn):
        try:
            read = model.model_validate(value)
        except ValidationError as refusal:
            refusal.errors()
            continue
        if isinstance(read, wire.ScreenIn):
            wire.submission(read.item)


def _note(data: bytes) -> None:
    read = note.parse_note(data)
    assert note.parse_note(read.encode()) == read


def _checkpoint(data: bytes) -> None:
    read = checkpoint.read_checkpoint(data)
    assert checkpoint.parse_checkpoint(read.text) == read


def _vkey(data: bytes) -> None:
    text = _text(data)
    assert note.parse_vkey(text).vkey == text


def _proof(data: bytes) -> None:
    read = verify.parse_proof(_text(data))
    assert verify.parse_proof(read.encode()) == read


def _receipt(data: bytes) -> None:
    verify.verify_receipt(data, [_KEY])


def _tile(data: bytes) -> None:
    text = _text(data)
    assert tiles.parse_tile(text).path == text


def _bundle(data: bytes) -> None:
    assert tiles.bundle_bytes(tiles.parse_bundle(data)) == data


def _bank_list(data: bytes) -> None:
    """The first byte says what the file is called."""
    name = _NAMES[data[0] % len(_NAMES)] if data else "x"
    read = imports.parse(name, data[1:], lambda _raw: Extracted((), None, (Undecodable("broken"),)))
    for write, form in ((imports.to_csv, "x.csv"), (imports.to_json_lines, "x.jsonl")):
        again = imports.parse(form, "".join(write(read.rows)).encode(), lambda _raw: Extracted((), None, ()))
        assert again.rows == read.rows
        assert again.refused == ()


def _webhook_answer(data: bytes) -> None:
    status = 200 + (data[0] if data else 0) * 2
    outcome_of(None, status, data[1:])  # type: ignore[arg-type]
    pause_s(data.decode("latin-1"), NOW)


def _passkey(data: bytes) -> None:
    for read in (passkeys.credential_named, lambda raw: passkeys.registered(_PARTY, b"c" * 32, raw)):
        try:
            read(data)
        except Refusal:
            continue


def _address(data: bytes) -> None:
    text = _text(data)
    url.of_text(text)
    for read in (url.parse, read_url):
        try:
            read(text)
        except Refusal:
            continue


def _words(data: bytes) -> None:
    """What somebody posted: folded and scanned; the places that are named lie in the text."""
    text = _text(data)
    folded = fold.fold(text)
    for hit in _SCANNER.find(folded):
        assert 0 <= hit.start < hit.end <= len(text)


def _picture(data: bytes) -> None:
    sniff.sniff(data)


def _index_file(data: bytes) -> None:
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        pdq_file.read(Path(file.name))


def _child(data: bytes) -> None:
    """What a child says that was taken over."""
    for read in (child.read_hello, lambda raw: child.read_answer(raw, "png")):
        try:
            read(data)
        except child.Nonsense:
            continue


def _form(data: bytes) -> None:
    """The first byte says how it is encoded."""
    kinds = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "",
        "a/b;c=d",
    )
    kind = kinds[data[0] % len(kinds)] if data else ""
    sent = [{"type": "http.request", "body": data[1:], "more_body": False}]

    async def receive() -> dict[str, Any]:
        return sent.pop() if sent else {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", kind.encode())],
        "path": "/",
        "query_string": b"",
    }
    form = _at_once(read_form(Request(scope, receive)))
    for name in form.fields:
        form.text(name, 2**20)
    for name in ("number", "day"):
        for read in (form.whole, form.day):
            try:
                read(name)
            except Refusal:
                continue
    _at_once(form.fields.close())


def _small(data: bytes) -> None:
    """Short readings of headers, fields and settings."""
    text = _text(data)
    choose(text, text, text, accept=text)
    assert local_path(text, "/").startswith("/")
    assert not local_path(text, "/").startswith("//")
    tokens.read_key(text)
    totp.counter(bytes(20), text, NOW, 0)
    tokens.recovery_digest(b"pepper", text)
    tokens.lookup_of(b"pepper", text)
    tokens.network_of(text)
    for setting in SETTINGS.values():
        try:
            setting.read(text)
        except Refusal:
            continue


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of something that waits for nobody."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


@dataclass(frozen=True)
class Target:
    """`read` may raise `Refusal`; `seeds` are read well, or nearly."""

    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


_ITEM = b'{"platform_id":"p","account":{"platform_id":"u","name":"Mara"},"text":"lamp","media":[{"url":"https://a.example/x"}]}'
_CHECKPOINT = b"agora.example/ledger\n7\n" + b"A" * 43 + b"=\n"
_SIGNED = _CHECKPOINT + b"\n\xe2\x80\x94 agora.example/ledger " + b"A" * 91 + b"=\n"

TARGETS: dict[str, Target] = {
    "json": Target(_json, (b'{"a":[1,2.5,true,null,"\\ud83d\\udca1"],"b":{}}', b"[[[[]]]]", b"1e400", b'"\\ud800"')),
    "message": Target(
        _message,
        (
            b'{"item":' + _ITEM + b"}",
            b'{"items":[' + _ITEM + b"]}",
            b'{"type":"item.deleted","item":"p"}',
            b'{"url":"https://a.example","explanation":"x","name":"n","email":"a@b","good_faith":true}',
            b'{"name":"Lamps","purpose":"p","radius_bits":31}',
            b'{"cursor":"1","items":[]}',
        ),
    ),
    "note": Target(_note, (_SIGNED,)),
    "checkpoint": Target(_checkpoint, (_SIGNED, _CHECKPOINT)),
    "vkey": Target(_vkey, (_KEY.vkey.encode(),)),
    "proof": Target(_proof, (b"c2sp.org/tlog-proof@v1\nindex 3\n" + b"A" * 43 + b"=\n\n" + _SIGNED,)),
    "receipt": Target(
        _receipt,
        (b'{"event":{"facts":{},"personal":{}},"salt":"AAAA","proof":"c2sp.org/tlog-proof@v1\\nindex 0\\n\\n"}',),
    ),
    "tile": Target(_tile, (b"tile/0/x001/x234/067.p/5", b"tile/entries/000", b"tile/63/000")),
    "bundle": Target(_bundle, (b"\x00\x03abc\x00\x00", b"\x00\x20" + bytes(32))),
    "bank-list": Target(
        _bank_list,
        (
            b"\x00type,value,opinion,labels,note\nphrase,kettle,positive,a;b,'=1\n",
            b"\x02kettle\nhttps://a.example/x\n",
            b'\x01{"type":"phrase","value":"kettle","labels":["a"],"strain":2}\n',
            b"\x03" + b"ab" * 32 + b"\n",
            b"\x02pdq:" + b"ab" * 32 + b"\nmd5:" + b"5d" * 16,
        ),
    ),
    "webhook-answer": Target(_webhook_answer, (b'\x00{"outcome":"done"}', b"Wed, 21 Oct 2026 07:28:00 GMT", b"120")),
    "passkey": Target(
        _passkey,
        (
            b'{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
        ),
    ),
    "address": Target(
        _address, (b"see https://agora.example/p/1?x=1#y and hxxp://[::1]/", b"//127.0.0.1:80\\@a.example")
    ),
    "words": Target(_words, ("The P\u0430per\u200b l\u0301amp sings\u202e at noon, L4MP".encode(), b"lamp " * 40)),
    "picture": Target(
        _picture,
        (
            b"\x89PNG\r\n\x1a\n" + bytes(30),
            b"GIF89a" + bytes(20),
            b"RIFF\0\0\0\0WEBPVP8X" + bytes(20),
            b"\0\0\0\x1cftypavif" + bytes(20),
            b"\xff\xd8\xff\xe0" + bytes(20),
        ),
    ),
    "index-file": Target(
        _index_file,
        (
            _INDEX_HEAD + sha256(_INDEX_HEAD + bytes(128)).digest() + bytes(128),
            b"BEFFROI-PDQ\n" + pack("<HBBQ8x", 2, 4, 1, 2**63) + bytes(32),
            b"BEFFROI-PDQ\n" + pack("<IQ32s8x", 1, 0, bytes(32)),
        ),
    ),
    "child": Target(
        _child,
        (
            b'{"confinement":["seccomp"]}',
            b'{"width":2,"height":2,"frames":1,"flaw":null,"readings":[]}',
            b'{"undecodable":"broken"}',
        ),
    ),
    "form": Target(
        _form,
        (
            b"\x00a=1&number=7&day=2026-01-01&c=%00%ff",
            b'\x01--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nb\r\n--x--\r\n',
        ),
    ),
    "small": Target(
        _small,
        (
            b"en-GB,en;q=0.9,ar;q=0.1",
            b"/console/queue?tab=all",
            b"bfk_" + b"0" * 26 + b"_" + b"a" * 43,
            b"123456",
            b"public, terrorist_content",
            b"192.0.2.7",
        ),
    ),
}
"""By name."""
