"""What the platform may show beside a link."""

from beffroi.doors.web.languages import languages
from beffroi.doors.workers import words
from beffroi.notices import store as notices
from tests.crash.receiver import Receiver
from tests.nodes import Running
from tests.unit.doors.workers.conftest import decided, until


def test_the_link_opens_the_page_and_says_no_more_than_it_must(node: Running, platform: Receiver) -> None:
    decision = decided(node, platform, "w1")

    def issued() -> bool:
        with node.house.read() as conn:
            return bool(notices.of_decision(conn, decision))

    until(issued, "no statement was issued")
    with node.house.read() as conn:
        [statement] = notices.of_decision(conn, decision)
        token = notices.token_of(conn, node.house.vault, statement.id)
        assert token is not None
        link = words.statement_link(conn, node.house, statement, token)
    assert link.url == f"{node.house.settings.public_url}/s/{token}"
    assert "terror" not in (link.title + link.summary).lower()
    page = node.client.get(f"/s/{token}")
    assert page.status_code == 200
    assert statement.code in page.text


def test_every_title_stands_in_the_catalogues() -> None:
    arabic = languages()["ar"].texts
    for title in {*words._TITLES.values(), words._PUT_BACK, words._BY_PERSON, words._BY_RULE}:
        assert arabic.gettext(title) != title, title
