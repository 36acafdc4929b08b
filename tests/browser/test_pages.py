"""Every page as people meet it: light and dark, wide and narrow, from left and from right; axe finds nothing.

With `BEFFROI_SCREENS=1` the pages are photographed into `docs/screens/`.
"""

import re

import pytest

from .driving import LOOKS, Watched, is_wider_than_the_screen, photograph, sign_in, violations
from .posting import post

PSEUDO = {"qps", "qps-rtl"}
NOT_A_LANGUAGE = {"html-lang-valid", "valid-lang"}
"""axe is right that nobody speaks them."""

PUBLIC = {
    "contact": "/contact",
    "report": "/report",
    "rules-public": "/policies",
    "transparency": "/transparency",
    "ledger-public": "/ledger",
    "sign-in": "/login",
}
PAGES = {
    "queue": ("noor", "/console/queue"),
    "case": ("noor", "/console/cases/{case}"),
    "account-case": ("noor", "/console/cases/{account_case}"),
    "decision": ("noor", "/console/decisions/{decision}"),
    "preview": ("noor", "/console/cases/{case}/preview"),
    "item": ("noor", "/console/items/{item}"),
    "account": ("noor", "/console/accounts/{account}"),
    "banks": ("tomas", "/console/banks"),
    "bank": ("tomas", "/console/banks/{bank}"),
    "bank-observing": ("ioana", "/console/banks/{observing}"),
    "rules": ("ioana", "/console/rules"),
    "policies": ("ioana", "/console/policies"),
    "policy-form": ("ioana", "/console/policies/new"),
    "charter": ("ioana", "/console/charter"),
    "deliveries": ("tomas", "/console/deliveries"),
    "ledger": ("ossian", "/console/ledger"),
    "health": ("ossian", "/console/health"),
    "people": ("ada", "/console/people"),
    "person": ("ada", "/console/people/{person}"),
    "keys": ("ada", "/console/keys"),
    "me": ("noor", "/console/me"),
    "pause": ("noor", "/console/pause"),
    "not-for-you": ("noor", "/console/people"),
    "not-here": ("noor", "/console/cases/cas_nothing"),
}
FAULTS = {"not-for-you", "not-here"}


@pytest.fixture(scope="module")
def places(browser, demo):
    """A case with its form, a decision, and what they are about."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    sign_in(page, demo.node, "noor")
    found = {}
    page.goto(post(demo, "Pages: and so the herons watched over the square, number nineteen came home"))
    page.keyboard.press("c")
    page.wait_for_url("**did=claimed")
    page.keyboard.press("1")
    page.select_option("#ex", "public_debate")
    page.fill("#exr", "The account calls itself satire, but this names a day and nothing frames it as a joke.")
    page.select_option("#rule", index=2)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**did=decided")
    page.goto(post(demo, "Pages, another: the lamps go out on market day, bring a friend"))
    page.keyboard.press("c")
    page.wait_for_url("**did=claimed")
    content = page.content()
    found["case"] = re.search(r"cas_\w+", page.url)[0]
    found["item"] = re.search(r"itm_\w+", content)[0]
    found["account"] = re.search(r"acc_\w+", content)[0]
    found["decision"] = re.search(r"dec_\w+", content)[0]
    page.keyboard.press("4")
    page.wait_for_url(lambda url: found["case"] not in url)
    found["account_case"] = re.search(r"cas_\w+", page.url)[0]
    page.keyboard.press("c")
    page.wait_for_url("**did=claimed")
    page.goto(f"{demo.node}/console/banks")
    banks = dict(re.findall(r"(bnk_\w+)\"[^>]*><bdi>([^<]+)", page.content()))
    found |= {"bank": next(b for b, n in banks.items() if "Kettle" in n)}
    found |= {"observing": next(b for b, n in banks.items() if "Lighthouse" in n)}
    page.close()
    page = browser.new_page()
    sign_in(page, demo.node, "ada")
    page.goto(f"{demo.node}/console/people")
    found["person"] = re.search(r"prs_\w+", page.content())[0]
    page.close()
    return found


@pytest.fixture(scope="module")
def tabs(browser, demo):
    """A signed-in tab for each person and look."""
    opened = {}

    def tab(who, look):
        if (who, look) not in opened:
            size, scheme, _ = LOOKS[look]
            page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
            if who:
                sign_in(page, demo.node, who)
            opened[who, look] = page
        return opened[who, look]

    yield tab
    for page in opened.values():
        page.context.close()


def look_at(page, name, look, *, is_fault=False):
    watched = Watched(page)
    page.wait_for_load_state("networkidle") if page.locator("[data-changes]").count() == 0 else page.wait_for_timeout(
        150
    )
    photograph(page, name, look)
    found = [each for each in violations(page) if not (LOOKS[look][2] in PSEUDO and each["rule"] in NOT_A_LANGUAGE)]
    assert found == []
    assert not is_wider_than_the_screen(page)
    assert is_fault or watched.said == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PUBLIC)
def test_a_page_for_everybody(demo, tabs, name, look):
    page = tabs("", look)
    page.goto(f"{demo.node}{PUBLIC[name]}?lang={LOOKS[look][2]}")
    look_at(page, name, look)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_console(demo, tabs, places, name, look):
    who, path = PAGES[name]
    page = tabs(who, look)
    address = f"{demo.node}{path.format(**places)}"
    if name == "preview":
        page.goto(address.removesuffix("/preview"))
        fill_in(page, address, LOOKS[look][2])
    else:
        page.goto(f"{address}?lang={LOOKS[look][2]}")
    look_at(page, name, look, is_fault=name in FAULTS)


def fill_in(page, address, language):
    """The statement that a form would become, in this tab."""
    page.evaluate(
        """([address]) => {
            const form = document.querySelector("form[data-decide]");
            form.querySelector("[value=remove]").checked = true;
            form.querySelector("#ex").value = "art";
            form.querySelector("#exr").value = "It shows a drawing; nothing in it shows that it is meant as art.";
            form.querySelector("#rule").selectedIndex = 2;
            form.action = address;
            form.noValidate = true;
            form.submit();
        }""",
        [f"{address}?lang={language}"],
    )
    page.wait_for_url("**/preview**")


@pytest.mark.parametrize("look", ["light", "dark", "rtl", "phone"])
def test_the_legend_of_the_keys(demo, tabs, places, look):
    page = tabs("noor", look)
    page.goto(f"{demo.node}/console/cases/{places['case']}?lang={LOOKS[look][2]}")
    page.keyboard.press("?")
    look_at(page, "legend", look)
    page.keyboard.press("Escape")
