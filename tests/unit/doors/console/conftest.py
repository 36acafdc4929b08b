"""A node with the demo's sample data, and its people as visitors of its pages; nothing is replaced by a double."""

from dataclasses import dataclass, field
from itertools import count
from time import monotonic

import pytest
from starlette.testclient import TestClient

from beffroi.app import Node, application, open_house
from beffroi.content.model import AccountGiven, Submission
from beffroi.doors.workers import Crew
from beffroi.flow import sample, screening
from beffroi.flow.house import House
from beffroi.ground.storage.tx import NODE
from beffroi.settings import Settings

BASE = "http://127.0.0.1:8100"
_NUMBERS = count(1)
_FRESH_S = 240
"""A proof counts as recent for ten minutes (`RECENT_AUTH_S_MAX`), and these tests may be spread over a longer run."""


@dataclass(frozen=True)
class Place:
    """The node, and who visits it."""

    house: House
    application: object
    tabs: dict[str, tuple[TestClient, float]] = field(default_factory=dict)

    def visitor(self, who: str) -> TestClient:
        """Somebody signed in: noor (moderator), tomas (senior), ioana (policy lead), ada (administrator), ossian."""
        tab, at = self.tabs.get(who, (None, -_FRESH_S))
        if tab is None or monotonic() - at >= _FRESH_S:
            self.tabs[who] = tab, _ = _signed_in(self.application, who), monotonic()
        return tab

    def post(self, text: str, account: str = "paper-lantern") -> str:
        """Something is posted on the platform; its id there."""
        platform_id = f"post-{next(_NUMBERS)}"
        given = Submission(platform_id, AccountGiven(account, account), text=text, language="en")
        screening.screen(self.house, NODE, [given], awaited=False)
        return platform_id


def _signed_in(app: object, who: str) -> TestClient:
    host = "overseer" if who == "ossian" else "agora"
    tab = TestClient(app, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)
    answer = tab.post("/login", data={"email": f"{who}@{host}.example", "password": sample.PASSWORD, "next": ""})
    assert answer.status_code == 303, answer.text
    return tab


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """One node for all tests of the console's pages; each test brings its own rows."""
    settings = Settings(data=tmp_path_factory.mktemp("console"), demo=True, argon2="cheap", decoders=1)
    with open_house(settings) as house:
        sample.fill(house)
        yield Place(house, application(Node(house, None, Crew(house, None))))
