from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beffroi.doors.web.formats import Formats, clock_figure
from beffroi.doors.web.languages import languages

AT = datetime(2026, 11, 14, 2, 4, 50, tzinfo=UTC)


def formats(tag="en"):
    return Formats(languages()[tag], ZoneInfo("Europe/Vienna"))


def inner(element):
    return element.split(">", 1)[1].removesuffix("</time>")


def test_a_time_is_an_element_with_its_instant_and_names_its_zone():
    assert formats().instant(AT, seconds=True) == (
        '<time datetime="2026-11-14T02:04:50.000000Z">Sat 14 Nov 2026 03:04:50 CET</time>'
    )


def test_summer_time_is_named():
    assert inner(formats().instant(AT - timedelta(days=100))).endswith("04:04 CEST")


def test_forms_of_a_day():
    assert inner(formats().short_day(AT)) == "14 Nov 2026"
    assert inner(formats().day(AT)) == "14 November 2026"
    assert inner(formats().day_and_time(AT)) == "14 November 2026, 03:04 CET"
    assert inner(formats().moment(AT)) == "03:04:50"
    assert "نوفمبر" in formats("ar").day(AT)


def test_a_day_is_the_day_in_the_zone_of_the_node():
    assert inner(formats().day(datetime(2026, 11, 14, 23, 30, tzinfo=UTC))) == "15 November 2026"


@pytest.mark.parametrize("tag", languages())
@pytest.mark.parametrize("s", [0, 1, 59, 60, 3_600, 86_400, 3 * 604_800, 90 * 86_400, 800 * 86_400])
def test_every_language_tells_how_long_ago_and_how_long_until(tag, s):
    for at in (AT - timedelta(seconds=s), AT + timedelta(seconds=s)):
        assert inner(formats(tag).ago(at, AT))


def test_ago_and_to_come():
    assert inner(formats().ago(AT - timedelta(minutes=9), AT)) == "9 min ago"
    assert inner(formats().ago(AT + timedelta(hours=3), AT)) == "in 3 hr"
    assert inner(formats("qps").ago(AT - timedelta(minutes=9), AT)).startswith("[9 ɱîñ åĝö")


def test_spans_numbers_shares():
    assert formats().span(timedelta(hours=24)) == "24 hours"
    assert formats().span(60) == "60 seconds"
    assert formats().number(12345.6) == "12,345.6"
    assert formats().percent(412 / 418) == "98.6 %"


@pytest.mark.parametrize(
    ("size_bytes", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1500, "1.5 kB"), (214_000, "214 kB"), (64_000_000, "64 MB")],
)
def test_sizes(size_bytes, told):
    assert formats().size(size_bytes) == told


@pytest.mark.parametrize(
    ("seconds", "figure"),
    [(2478, "41:18"), (0, "00:00"), (59.9, "00:59"), (-372, "+06:12"), (3729, "1:02:09"), (-3600, "+1:00:00")],
)
def test_the_figure_of_a_clock(seconds, figure):
    assert clock_figure(seconds) == figure
