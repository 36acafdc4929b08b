"""An invented organisation, and an invented authority."""

from datetime import UTC, datetime

from beffroi.parties.model import (
    AuthorityTerms,
    ContactPoint,
    Function,
    NodeKind,
    Particulars,
    Representative,
    Service,
    Size,
)

CONTACT = ContactPoint("orders@node.example", "1 Harbour Street, Oostmark", "+00 1 234", "at all hours")
AGORA = Particulars(
    name="Agora",
    kind=NodeKind.PLATFORM,
    country="BE",
    languages=("nl", "fr"),
    contact=CONTACT,
    size=Size.SMALL,
    service=Service.ONLINE_PLATFORM,
)
DESK = Particulars("Valmere Orders Office", NodeKind.AUTHORITY, "AT", ("de",), CONTACT)
LEGAL = Representative("Zebedee Quill", "legal@node.example", "+00 9 876")

PHONE = "+00 1 555 0199"
OFFICE = AuthorityTerms(
    name="Valmere Orders Office",
    country="AT",
    functions=(Function.ISSUE, Function.SCRUTINISE),
    languages=("de", "en"),
    contact=ContactPoint("orders@office.example", "2 Mill Lane, Valmere", PHONE),
    source="https://register.example/authorities",
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
)
