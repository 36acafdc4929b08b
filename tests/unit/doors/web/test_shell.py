from datetime import UTC, datetime

from beffroi.doors.web.languages import languages
from beffroi.doors.web.shell import Node, Page


def test_a_page_offers_the_languages_that_people_read():
    page = Page(Node("Agora", "platform", "", UTC), languages()["en"], datetime(2026, 1, 1, tzinfo=UTC), "/")
    assert [each.tag for each in page.languages()] == [t for t in languages() if not t.startswith("qps")]
