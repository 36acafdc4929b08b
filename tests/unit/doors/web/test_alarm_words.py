import re
from pathlib import Path

import pytest

from beffroi.doors.console.routes import ROUTES
from beffroi.doors.web.alarm_words import WORDS
from beffroi.flow.health import Alarm

OPERATE = (Path(__file__).parents[4] / "docs" / "operate.md").read_text("utf-8")


def rows():
    """Alarm and whether it pages, of each row of the operator's table."""
    table = OPERATE.split("## Is it well? Alarms")[1].split("## ")[0]
    found = re.findall(r"^\| `([a-z-]+)` \|[^|]*\| (yes|no) \|", table, re.MULTILINE)
    return {name: pages == "yes" for name, pages in found}


def test_the_page_and_the_operators_document_know_the_same_alarms():
    assert rows() == {alarm.value: alarm.pages for alarm in Alarm}
    assert set(WORDS) == set(Alarm)


@pytest.mark.parametrize("alarm", Alarm)
def test_each_says_what_it_means_what_works_and_what_to_do(alarm):
    words = WORDS[alarm]
    assert all((words.heading, words.means, words.works, *words.steps))
    assert words.command or words.href
    assert bool(words.href) is bool(words.link)


@pytest.mark.parametrize("alarm", Alarm)
def test_a_page_that_it_leads_to_is_there(alarm):
    href = WORDS[alarm].href.partition("?")[0]
    assert not href or href in {route.path for route in ROUTES if route.method == "GET"}


@pytest.mark.parametrize("alarm", Alarm)
def test_a_command_of_ours_is_one_that_there_is(alarm):
    ours = re.match(r"beffroi (\w+)", WORDS[alarm].command)
    assert not ours or f"beffroi {ours[1]}" in OPERATE
