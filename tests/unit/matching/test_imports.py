import csv
import io
import json
import re

import pytest

from beffroi.ground.kernel import limits
from beffroi.ground.kernel.errors import Invalid, TooLarge
from beffroi.matching import imports
from beffroi.matching.imports import Parsed, parse, pieces, to_csv, to_json_lines
from beffroi.matching.model import EntryGiven, Opinion
from beffroi.signals.model import Extracted, Signal, Undecodable

MD5, SHA = "5d" * 16, "ab" * 32
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def no_picture(_raw: bytes) -> Extracted:
    raise AssertionError("this file is no picture")


def drawn(quality: int) -> Extracted:
    signals = Signal("pdq", "0f" * 32, quality, "media:0"), Signal("sha256", SHA, None, "media:0")
    return Extracted((*signals, Signal("md5", MD5, None, "media:0")), None, ())


def read(content: str | bytes, name: str = "list.txt", **named) -> Parsed:
    return parse(name, content.encode() if isinstance(content, str) else content, no_picture, **named)


def brief(parsed: Parsed) -> list[tuple[str, str]]:
    return [(row.type, row.value) for row in parsed.rows]


def refused(parsed: Parsed) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in parsed.refused]


def test_a_list_of_phrases():
    parsed = read("Burning Kettle\n\n# a remark\n#hashtag\n  Tea \r\nx\n")
    assert brief(parsed) == [("phrase", "burning kettle"), ("phrase", "#hashtag"), ("phrase", "tea")]
    assert refused(parsed) == [(6, "phrase-too-short")]


def test_plain_lines_say_what_they_are():
    parsed = read(f"{MD5.upper()}\npdq:{SHA}\nsha256: {SHA}\nhxxps://files[.]example/x\nnote: a kettle\nphrase:{MD5}\n")
    assert brief(parsed) == [
        ("md5", MD5),
        ("pdq", SHA),
        ("sha256", SHA),
        ("url", "https://files.example/x"),
        ("phrase", "note: a kettle"),
        ("phrase", MD5),
    ]


def test_sixty_four_digits_could_be_two_things_and_are_asked_for():
    assert refused(read(SHA)) == [(1, "ambiguous-hash")]
    assert brief(read(SHA, signal_type="pdq")) == [("pdq", SHA)]
    assert brief(read(SHA, name="list.sha256")) == [("sha256", SHA)]
    assert refused(read(f"{SHA}\nkettle\n", name="list.pdq"))[0][0] == 2


def test_an_unknown_type_is_refused_as_a_whole():
    with pytest.raises(Invalid):
        read(SHA, signal_type="tlsh")


def test_a_table_with_a_header():
    parsed = read(
        "value,Type,labels,opinion,strain,description\n"
        f'{SHA},sha256,tco-2-7-a;poster,negative,3,"a kettle, drawn\non two lines"\n'
        "kettle,phrase,,,,\n",
        name="bank.csv",
    )
    assert parsed.refused == ()
    assert parsed.rows == (
        EntryGiven(
            "sha256",
            SHA,
            Opinion.NEGATIVE,
            ("tco-2-7-a", "poster"),
            description="a kettle, drawn\non two lines",
            strain=3,
        ),
        EntryGiven("phrase", "kettle"),
    )


def test_a_table_without_a_header_is_type_value_labels():
    parsed = read(f"sha256,{SHA},one;two\nphrase,kettle\n", name="bank.csv")
    assert parsed.rows == (EntryGiven("sha256", SHA, labels=("one", "two")), EntryGiven("phrase", "kettle"))


def test_a_table_of_bare_values_needs_the_type():
    assert brief(read(f"value\n{SHA}\n", name="bank.csv", signal_type="pdq")) == [("pdq", SHA)]
    assert refused(read(f"value\n{SHA}\n", name="bank.csv")) == [(2, "missing-field")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"tlsh,{SHA},", "unknown-type"),
        ("sha256,abc,", "not-a-hash"),
        ("sha256,,", "missing-field"),
        (f"sha256,{SHA},{'l' * (limits.LABEL_CHARS_MAX + 1)}", "too-long"),
        (f"sha256,{SHA},a,surplus", "too-many-cells"),
        (f'sha256,{SHA},"a" b', "not-csv"),
    ],
)
def test_bad_rows_are_told_by_line_and_the_rest_comes_in(row: str, code: str):
    parsed = read(f"type,value,labels\nphrase,kettle,\n{row}\nphrase,teapot,\n", name="bank.csv")
    assert brief(parsed) == [("phrase", "kettle"), ("phrase", "teapot")]
    assert refused(parsed) == [(3, code)]


@pytest.mark.parametrize("strain", ["six", "-1", "99999", "1.5", "٣"])
def test_a_strain_that_is_none_is_refused(strain: str):
    parsed = read(f"type,value,strain\nphrase,kettle,{strain}\n", name="bank.csv")
    assert (parsed.rows, [line for line, _ in refused(parsed)]) == ((), [2])


def test_columns_we_do_not_read_are_told():
    parsed = read("type,value,colour\nphrase,kettle,red\n", name="bank.csv")
    assert (brief(parsed), refused(parsed)) == ([("phrase", "kettle")], [(1, "unknown-column")])


def test_lines_of_json():
    first = '{"type": "phrase", "value": "kettle", "labels": ["a"], "strain": 1}'
    parsed = read(f'{first}\n\n{{"type":"md5","value":"{MD5}"}}')
    assert parsed.rows == (EntryGiven("phrase", "kettle", labels=("a",), strain=1), EntryGiven("md5", MD5))
    assert parsed.refused == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "not-json"),
        ("[]", "not-an-object"),
        ('{"type": "phrase"}', "missing-field"),
        ('{"type": "phrase", "value": 7}', "not-text"),
        ('{"type": "phrase", "value": "kettle", "labels": "a"}', "not-labels"),
        ('{"type": "phrase", "value": "kettle", "labels": [1]}', "not-labels"),
        ('{"type": "phrase", "value": "kettle", "strain": true}', "not-a-number"),
        ('{"type": "phrase", "value": "kettle", "strain": 6}', "out-of-bounds"),
        ('{"type": "phrase", "value": "kettle", "opinion": "maybe"}', "unknown-opinion"),
        ('{"type": "phrase", "value": "kettle", "opinion": []}', "unknown-opinion"),
        ('{"type": "phrase", "value": "kettle", "value": "teapot"}', "duplicate-key"),
        ('{"type": "phrase", "value": "kettle", "colour": "red"}', "unknown-key"),
        ('{"type": "phrase", "value": NaN}', "not-a-number"),
        ('{"type": "phrase", "value": "\\ud800 kettle"}', "lone-surrogate"),
        ('{"a":' * 40 + "1" + "}" * 40, "too-deep"),
    ],
)
def test_bad_objects_are_told_by_line_and_the_rest_comes_in(line: str, code: str):
    parsed = read(f'{{"type":"phrase","value":"tea"}}\n{line}\n', name="bank.jsonl")
    assert (brief(parsed), refused(parsed)) == ([("phrase", "tea")], [(2, code)])


def test_lines_that_cannot_be_read_are_told():
    parsed = read(b"kettle\n\xff\xfe\nteapot\n")
    assert (brief(parsed), refused(parsed)) == ([("phrase", "kettle"), ("phrase", "teapot")], [(2, "not-utf-8")])
    table = read(b"type,value\nphrase,kettle\nphrase,\xff\nphrase,tea\n", name="bank.csv")
    assert (brief(table), refused(table)) == ([("phrase", "kettle"), ("phrase", "tea")], [(3, "not-utf-8")])


def test_a_byte_order_mark_is_no_letter():
    assert brief(read(b"\xef\xbb\xbfkettle")) == [("phrase", "kettle")]
    assert brief(read(b"\xef\xbb\xbftype,value\nphrase,kettle", name="bank.csv")) == [("phrase", "kettle")]


def test_lines_and_files_have_limits(monkeypatch: pytest.MonkeyPatch):
    longest = f"phrase:{'a' * limits.PHRASE_CHARS_MAX}"
    assert brief(read(longest))
    monkeypatch.setattr(imports, "BANK_LINE_BYTES_MAX", 10)
    parsed = read("a kettle\n\na kettle xx\n")
    assert (brief(parsed), refused(parsed)) == ([("phrase", "a kettle")], [(3, "line-too-long")])
    monkeypatch.setattr(imports, "BANK_FILE_BYTES_MAX", 5)
    assert brief(read("kettl")) == [("phrase", "kettl")]
    with pytest.raises(TooLarge):
        read("kettle")


def test_an_empty_file_holds_nothing():
    assert read(b"") == read("\n\n") == read(b"", name="bank.csv") == Parsed((), ())


def test_a_picture_leaves_how_it_looks_and_the_very_file():
    parsed = parse("folder/poster.png", PNG, lambda _raw: drawn(80))
    look, file = EntryGiven("pdq", "0f" * 32, note="poster.png"), EntryGiven("sha256", SHA, note="poster.png")
    assert parsed.rows == (look, file)
    assert parsed.refused == ()


def test_a_flat_picture_leaves_only_the_file():
    parsed = parse("poster.png", PNG, lambda _raw: drawn(49))
    assert (brief(parsed), refused(parsed)) == ([("sha256", SHA)], [(0, "flat-picture")])
    assert len(parse("poster.png", PNG, lambda _raw: drawn(49), quality_min=49).rows) == 2


def test_a_broken_picture_leaves_nothing_and_the_reason():
    broken = Extracted((Signal("sha256", SHA, None, "media:0"),), None, (Undecodable("truncated"),))
    parsed = parse("poster.png", PNG, lambda _raw: broken)
    assert (parsed.rows, refused(parsed)) == ((), [(0, "truncated")])


def test_a_text_without_a_suffix_is_a_list_even_when_a_letter_is_cut_by_looking():
    content = ("é" * 20 + "\n").encode() * 200
    assert len(content) > 4096
    assert len(parse("list", content, no_picture).rows) == 200


ENTRIES = (
    EntryGiven("phrase", 'a "kettle", with; signs', Opinion.DISPUTED, ("a,b", "ü"), "n\nn", 'd"', 5),
    EntryGiven("pdq", "0f" * 32),
)


@pytest.mark.parametrize(("write", "name"), [(to_csv, "bank.csv"), (to_json_lines, "bank.jsonl")])
def test_what_is_written_reads_back_equal(write, name: str):
    assert read("".join(write(ENTRIES)), name=name) == Parsed(ENTRIES, ())


def test_an_empty_bank_is_a_header():
    assert "".join(to_csv(())) == "type,value,opinion,labels,note,description,strain\n"
    assert list(to_json_lines(iter(ENTRIES)))[1].startswith('{"type": "pdq"')
    assert json.loads(next(to_json_lines(ENTRIES)))["opinion"] == "disputed"


def test_pieces_lose_nothing():
    assert list(pieces(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(pieces([], 2)) == []


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "'=1",
    "''=1",
    "a;=1",
    "a;'+1",
    "it's = fine",
    "'quoted'",
)


@pytest.mark.parametrize("words", FORMULAS)
def test_no_cell_of_a_list_begins_a_formula_and_the_list_reads_back_equal(words):
    given = EntryGiven("phrase", "kettle", note=words, description=f"tea\n{words}", labels=("=lamp", "lamp"))
    lines = "".join(to_csv([given]))
    for row in csv.reader(io.StringIO(lines)):
        for cell in row:
            assert not [part for part in re.split(r"[;\n]", cell) if part.startswith(tuple("=+-@\t\r＝＋－＠"))]
    assert parse("bank.csv", lines.encode(), no_picture).rows == (given,)
