"""An invented organisation."""

from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Representative, Service, Size

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
