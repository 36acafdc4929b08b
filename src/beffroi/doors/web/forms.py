"""Forms as they come in: read to a limit, then asked field by field.

Owns: reading a form's body, and the readings of one field.
Promises: nothing is read beyond its limit; a field that is missing or too long is refused with its name.
Never does: know what a field means.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from beffroi.ground.kernel.errors import Invalid, TooLarge
from beffroi.ground.kernel.limits import FORM_BYTES_MAX, FORM_FIELDS_MAX, REASON_CHARS_MAX

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form."""

    fields: FormData = field(default_factory=FormData)

    def text(self, name: str, chars_max: int = REASON_CHARS_MAX) -> str:
        """One field, without surrounding space; empty where it is missing.

        Raises:
            Invalid: longer than `chars_max`.

        """
        value = self.fields.get(name, "")
        said = value.strip() if isinstance(value, str) else ""
        if len(said) > chars_max:
            raise Invalid("too-long", f"{name} has more than {chars_max} characters", where=name)
        return said

    def raw(self, name: str, chars_max: int) -> str:
        """One field exactly as it was typed: a password may begin with a space.

        Raises:
            Invalid: longer than `chars_max`.

        """
        value = self.fields.get(name, "")
        if not isinstance(value, str) or len(value) > chars_max:
            raise Invalid("too-long", f"{name} has more than {chars_max} characters", where=name)
        return value

    def needed(self, name: str, chars_max: int = REASON_CHARS_MAX) -> str:
        """One field that must say something.

        Raises:
            Invalid: it is empty, or longer than `chars_max`.

        """
        said = self.text(name, chars_max)
        if not said:
            raise Invalid("missing", f"{name} is missing", where=name)
        return said

    def one_of(self, name: str, kind: type[Choice]) -> Choice:
        """One of a few words.

        Raises:
            Invalid: it is none of them.

        """
        try:
            return kind(self.text(name))
        except ValueError:
            raise Invalid("no-such-choice", f"choose {name} from the list", where=name) from None

    def day(self, name: str) -> date:
        """A day, as date fields send it.

        Raises:
            Invalid: it is none.

        """
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise Invalid("not-a-day", "a day has the form 2026-12-31", where=name) from None

    def whole(self, name: str) -> int:
        """A whole number.

        Raises:
            Invalid: it is none.

        """
        said = self.text(name, 20)
        try:
            return int(said)
        except ValueError:
            raise Invalid("not-a-number", f"{name} is not a whole number", where=name) from None

    def all(self, name: str) -> list[str]:
        """Every value of a field that stands more than once."""
        return [value for value in self.fields.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> tuple[str, bytes]:
        """Name and bytes of an uploaded file.

        Raises:
            Invalid: there is none.

        """
        upload = self.fields.get(name)
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise Invalid("no-file", "choose a file", where=name)
        return upload.filename, upload.file.read()


async def read_form(request: Request, size_max: int = FORM_BYTES_MAX) -> Form:
    """The form in the body of `request`.

    Raises:
        TooLarge: more than `size_max` bytes.
        Invalid: not a form, or a broken one.

    """
    body = _capped(request, size_max)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        fields = await FormParser(request.headers, body).parse()
    elif kind == "multipart/form-data":
        parser = MultiPartParser(
            request.headers, body, max_files=1, max_fields=FORM_FIELDS_MAX, max_part_size=FORM_BYTES_MAX
        )
        try:
            fields = await parser.parse()
        except MultiPartException as error:
            raise Invalid("broken-form", error.message) from None
    elif kind == "":
        fields = FormData()
    else:
        raise Invalid("not-a-form", "send a form")
    if len(fields.multi_items()) > FORM_FIELDS_MAX:
        raise TooLarge("too-many-fields", f"a form has at most {FORM_FIELDS_MAX} fields")
    return Form(fields)


async def _capped(request: Request, size_max: int) -> AsyncGenerator[bytes, None]:
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > size_max:
            raise TooLarge("form-too-large", f"a form has at most {size_max} bytes")
        yield chunk
