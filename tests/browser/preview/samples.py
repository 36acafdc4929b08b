"""Hand-made shells and views for looking at templates without a running node."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from beffroi.doors.web.shell import Bell, Group, Link, Node, Person, Shell, Undo

NOW = datetime(2026, 11, 14, 2, 30, tzinfo=UTC)
NODE = Node("Agora", "platform", "Oostmark", ZoneInfo("Europe/Vienna"), is_demo=True)
RAIL = (
    Group(
        "Work",
        (
            Link("/console", "text", "Queue", 34, is_current=True, key="go_queue"),
            Link("/console/accounts", "account", "Accounts"),
        ),
    ),
    Group(
        "Rules",
        (
            Link("/console/banks", "bank", "Banks"),
            Link("/console/rules", "rule", "Standing rules"),
            Link("/console/policies", "policy", "Policies"),
        ),
    ),
    Group(
        "Record",
        (
            Link("/console/deliveries", "delivery", "Deliveries", 2, key="go_deliveries"),
            Link("/console/ledger", "ledger", "Ledger"),
            Link("/console/health", "health", "Health"),
            Link("/console/people", "people", "People"),
        ),
    ),
)
SHELL = Shell(
    Person("Noor H.", "Moderator"),
    RAIL,
    bell=Bell("/console/orders/1", "RO-2026-0417", "Valmere Orders Office", 2478),
    undo=Undo("/console/decisions/d/undo", "No action", "7F-2198", 41, 60),
)


@dataclass(frozen=True, slots=True)
class Login:
    next: str = "/console"
    login: str = ""
    refusal: str = ""
    demo: tuple = ()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    login: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class Start:
    action: str = "/start/x"
    is_first: bool = True
    role: str = ""
    refusal: str = ""
    name: str = ""
    login: str = ""
    password_chars_min: int = 12
    totp_uri: str = "otpauth://totp/Beffroi:noor?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Beffroi"
    totp_secret: str = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"


@dataclass(frozen=True, slots=True)
class Second:
    action: str = "/login/second"
    next: str = "/console"
    has_totp: bool = True
    passkey_options: str = '{"challenge":"AAAA"}'
    again: bool = False
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    codes: tuple = ("KLMT-4417-RSBN",) * 8
    next: str = "/console"


PAGES = {
    "login": ("login.html", Login(demo=(DemoPerson("noor", "demo only, paper lantern", "Moderator"),)), None),
    "second": ("second_factor.html", Second(), None),
    "start": ("first_start.html", Start(), None),
    "codes": ("recovery_codes.html", Codes(), None),
}
