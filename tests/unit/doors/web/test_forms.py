import asyncio

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from beffroi.decisions.model import Act
from beffroi.doors.web.forms import Form, read_form
from beffroi.ground.kernel.errors import Invalid, TooLarge
from beffroi.ground.kernel.limits import FORM_BYTES_MAX, FORM_FIELDS_MAX

FORM = "application/x-www-form-urlencoded"


def sent(body, kind=FORM, size_max=FORM_BYTES_MAX, chunk=64 * 1024):
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]

    async def receive():
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    headers = [(b"content-type", kind.encode())] if kind else []
    return asyncio.run(read_form(Request({"type": "http", "method": "POST", "headers": headers}, receive), size_max))


def form(**fields):
    return Form(FormData(list(fields.items())))


def test_fields_are_read_and_trimmed():
    read = sent(b"name=++Mara+&role=a&role=b")
    assert read.text("name") == "Mara"
    assert read.all("role") == ["a", "b"]
    assert read.text("missing") == ""


def test_a_password_is_read_as_it_was_typed():
    assert sent(b"password=%20a%20").raw("password", 10) == " a "


def test_a_form_is_read_to_its_limit_and_no_further():
    exact = b"a=" + b"x" * (FORM_BYTES_MAX - 2)
    assert len(sent(exact).raw("a", FORM_BYTES_MAX)) == FORM_BYTES_MAX - 2
    with pytest.raises(TooLarge):
        sent(exact + b"y")


def test_fields_are_counted():
    assert len(sent(b"&".join([b"a=1"] * FORM_FIELDS_MAX)).all("a")) == FORM_FIELDS_MAX
    with pytest.raises(TooLarge):
        sent(b"&".join([b"a=1"] * (FORM_FIELDS_MAX + 1)))


def test_no_body_is_an_empty_form_and_another_type_is_none():
    assert sent(b"", kind="").text("a") == ""
    with pytest.raises(Invalid) as refused:
        sent(b"{}", kind="application/json")
    assert refused.value.code == "not-a-form"


def test_a_file_has_its_name_and_bytes():
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2\r\n--x--\r\n'
    read = sent(body, "multipart/form-data; boundary=x")
    assert read.file("file") == ("a.csv", b"1,2")
    asyncio.run(read.fields.close())


@pytest.mark.parametrize(
    "body", [b"--y\r\n\r\n", b"\x00\xff", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"]
)
def test_a_broken_form_is_refused(body):
    with pytest.raises(Invalid) as refused:
        sent(body, "multipart/form-data; boundary=x")
    assert refused.value.code == "broken-form"


def test_half_a_form_is_an_empty_one():
    assert sent(b"--x\r\nnonsense", "multipart/form-data; boundary=x").text("a") == ""


def test_a_multipart_form_without_a_boundary_is_refused():
    with pytest.raises(Invalid):
        sent(b"--x--", "multipart/form-data")


def test_one_field_over_its_limit_names_itself():
    with pytest.raises(Invalid) as refused:
        form(name="x" * 11).text("name", 10)
    assert refused.value.where == "name"
    assert form(name="x" * 10).text("name", 10) == "x" * 10
    with pytest.raises(Invalid):
        form(password="x" * 11).raw("password", 10)


def test_what_must_be_said_is_asked_for():
    with pytest.raises(Invalid) as refused:
        form(reason="   ").needed("reason")
    assert refused.value.code == "missing"


@pytest.mark.parametrize("value", ["", "x", "1.5", "1e3"])
def test_a_number_is_whole(value):
    with pytest.raises(Invalid):
        form(days=value).whole("days")
    assert form(days=" 42 ").whole("days") == 42


def test_one_of_a_few_words_and_a_day():
    assert form(act="remove").one_of("act", Act) is Act.REMOVE
    with pytest.raises(Invalid):
        form(act="explode").one_of("act", Act)
    assert form(day="2026-12-31").day("day").isoformat() == "2026-12-31"
    with pytest.raises(Invalid):
        form(day="31.12.2026").day("day")


def test_no_file_is_said_so():
    with pytest.raises(Invalid) as refused:
        form(file="").file("file")
    assert refused.value.code == "no-file"
