"""The operator at night: a calm health page, every alarm really caused, what the page says of it, calm again.

By keyboard; axe finds nothing. With `BEFFROI_SCREENS=1` the page is photographed into `docs/screens/`.
"""

import threading
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from playwright.sync_api import expect

from beffroi.doors.web.alarm_words import WORDS
from beffroi.flow.health import Alarm, measure
from tests.alarms import CAUSES, staged, until
from tests.nodes import PASSWORD

from .conftest import free_port
from .driving import LOOKS, is_wider_than_the_screen, photograph, violations

SHOWN = ("light", "dark", "rtl", "phone")
OF_THE_DATABASE = {Alarm.DATABASE_SILENT}
TOGETHER = (
    Alarm.WARNING_WAITS,
    Alarm.WARNING_UNSEEN,
    Alarm.OUTBOX_OLD,
    Alarm.LOOP_FAILING,
    Alarm.DECODER_FAILING,
    Alarm.SPOOL_WAITING,
    Alarm.LOOP_SILENT,  # of which an overdue claim and an event without its entry are parts
    Alarm.DISK_FULL,
    Alarm.SPOOL_ODD,
    Alarm.RESERVE_USED,
    Alarm.CLOCK_BACK,
)
"""Each can end, the last one first: what needs the writer comes before it stalls, the clock goes back last."""


@contextmanager
def on_duty(folder, database=""):
    """A stage that a browser reaches, and its address."""
    port = free_port()
    with staged(folder, database, port=port, demo=True) as stage:
        config = uvicorn.Config(stage.node.client.app, port=port, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run)
        serving.start()
        try:
            until(lambda: server.started)
            yield stage, f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = server.force_exit = True
            serving.join()


@pytest.fixture(scope="module")
def duty(tmp_path_factory):
    """One node for all alarms that leave its database alone."""
    with on_duty(tmp_path_factory.mktemp("duty")) as made:
        yield made


@pytest.fixture(scope="module")
def operator(browser, duty):
    """The administrator, who got there by keyboard."""
    page = browser.new_context(viewport=LOOKS["light"][0]).new_page()
    sign_in(page, duty[1])
    yield page
    page.context.close()


def sign_in(page, node):
    page.set_default_timeout(30_000)
    page.goto(f"{node}/login")
    page.keyboard.type("administrator@node.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/console/health")


def raised(stage):
    """What the node finds of itself."""
    return set(measure(stage.node.house).alarms)


def calm(page, stage):
    """Nothing asks for a person."""
    until(lambda: not raised(stage))
    page.reload()
    expect(page.locator("#state")).to_contain_text("All is well")
    expect(page.locator("#alarms li")).to_have_count(0)


def seen(page, name):
    """In light, dark, from right to left and on a telephone there is nothing wrong with it."""
    for look in SHOWN:
        size, scheme, language = LOOKS[look]
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        expect(page.locator("#health tbody tr").first).to_be_visible()
        photograph(page, name, look)
        assert violations(page) == [], look
        assert not is_wider_than_the_screen(page), look
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(LOOKS["light"][0])
    page.goto(page.url.partition("?")[0])


def told(page, alarm):
    """What the page says of it: what it is, since when, what works, what to do, and where or how."""
    words, card = WORDS[alarm], page.locator(f"#alarm-{alarm.value}")
    expect(card).to_contain_text(words.heading, timeout=60_000)
    text, urgency = card.inner_text(), "Come now" if alarm.pages else "Can wait for the day"
    parts = (urgency, "since", words.means, words.works, *words.steps, words.command, words.link, "docs/operate.md")
    assert [part for part in parts if part not in text] == []


def test_every_alarm_is_walked_to():
    assert set(CAUSES) == set(Alarm)


def test_a_calm_night(operator, duty):
    calm(operator, duty[0])
    expect(operator.locator("#limits tbody tr")).to_have_count(7)
    seen(operator, "health-calm")


@pytest.mark.parametrize("alarm", sorted(set(Alarm) - OF_THE_DATABASE))
def test_an_alarm_comes_with_what_to_do_and_goes(operator, duty, alarm):
    stage, _ = duty
    calm(operator, stage)
    with CAUSES[alarm](stage):
        until(lambda: alarm in raised(stage))
        operator.reload()
        told(operator, alarm)
        link = operator.locator(f"#alarm-{alarm.value} a")
        if link.count():
            link.focus()
            operator.keyboard.press("Enter")
            operator.wait_for_url(f"**{WORDS[alarm].href}")
            operator.go_back()
    calm(operator, stage)


def test_an_open_page_follows_by_itself(operator, duty):
    stage, _ = duty
    calm(operator, stage)
    with CAUSES[Alarm.CLOCK_BACK](stage):
        told(operator, Alarm.CLOCK_BACK)
        expect(operator.locator("#rail a[href='/console/health'] .n")).to_have_text("1", timeout=60_000)
    expect(operator.locator("#state")).to_contain_text("All is well", timeout=60_000)
    expect(operator.locator("#alarms li")).to_have_count(0)


def test_all_of_them_at_once(browser, tmp_path):
    everything = set(Alarm) - OF_THE_DATABASE
    with on_duty(tmp_path) as (stage, node), browser.new_context(viewport=LOOKS["light"][0]) as context:
        page = context.new_page()
        sign_in(page, node)
        with ExitStack() as causes:
            for alarm in TOGETHER:
                causes.enter_context(CAUSES[alarm](stage))
                until(lambda alarm=alarm: alarm in raised(stage))
            until(lambda: raised(stage) == set(stage.node.house.watch.raised) == everything)
            page.reload()
            for alarm in everything:
                told(page, alarm)
            urgency = page.locator(".alarms > li").evaluate_all("all => all.map(each => each.className)")
            assert urgency == sorted(urgency), "what somebody must come for stands first"
            seen(page, "health-all-alarms")
        calm(page, stage)
