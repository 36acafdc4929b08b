"""What holds for every page of the table: complete in the pseudo-language, keys in the legend, names isolated."""

import re
from html.parser import HTMLParser

import pytest

from beffroi.doors.console.routes import ROUTES
from beffroi.doors.public.routes import ROUTES as PUBLIC
from beffroi.doors.web.door import OPEN

from .test_cases import PHRASE, claimed
from .test_decide import decided

VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "circle", "path", "line"}
ISOLATED = {"title", "bdi", "time", "kbd", "script", "pre", "code", "textarea"}
"""What people wrote, and what is the same in every language."""
SPOKEN = {"mono", "posted", "quote", "said", "code", "brand"}
OURS = re.compile(
    r"\b(?:Beffroi|PDQ|CSV|JSON|SQLite|PostgreSQL|UTC|XA|XV|Agora|[kMGT]B|M-\d+|en|ar"
    r"|[0-9A-F]{2,3}-[0-9A-F]{6}|[a-z]{3}_…|[a-z]+(?:-[a-z]+)+)(?!\w)"
)
"""Names of ours: units, references, forms of ids, types of events."""


class Reader(HTMLParser):
    """The words that a reader sees, without names, times, quotes and evidence."""

    def __init__(self, language):
        super().__init__()
        self.open, self.words, self.attributes, self.language = [], [], [], language

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        classes = set((has.get("class") or "").split())
        foreign = has.get("lang") not in {None, self.language}
        named = tag == "option" and re.match(r"(prs|bnk|pol|ent)_|[a-z-]+:", has.get("value") or "")
        if tag not in VOID:
            self.open.append((tag, bool(tag in ISOLATED or classes & SPOKEN or foreign or named)))
        if not self.is_hidden():
            self.attributes += [has[n] for n in ("aria-label", "title", "alt", "placeholder", "data-h") if has.get(n)]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, text):
        if not self.is_hidden():
            self.words.append(text)

    def is_hidden(self):
        return any(hidden for _, hidden in self.open)


def plain(page, language="qps"):
    reader = Reader(language)
    reader.feed(page)
    texts = (OURS.sub("", text) for text in [*reader.words, *reader.attributes])
    return [text.strip() for text in texts if re.search(r"[A-Za-z]{2}", text)]


@pytest.fixture(scope="module")
def places(place):
    """Every kind of address that pages have."""
    case, decision, _ = decided(place, f"Pages of everything: {PHRASE}")
    page = place.visitor("ossian").get(f"/console/cases/{case}").text
    noor = place.visitor("noor")
    bank = re.search(r"/console/banks/(bnk_\w+)", noor.get("/console/banks").text)[1]
    return {
        "case": claimed(place, f"A page with its form: {PHRASE}"),
        "decision": decision,
        "item": re.search(r"/console/items/(itm_\w+)", page)[1],
        "account": re.search(r"/console/accounts/(acc_\w+)", page)[1],
        "bank": bank,
        "person": re.search(r"prs_\w+", place.visitor("ada").get("/console/people").text)[0],
        "threat": re.search(r"/console/threats/(thr_\w+)", noor.get("/console/threats").text)[1],
        "event": re.search(r"evt_\w+", place.visitor("ossian").get("/console/ledger").text)[0],
    }


_OTHERWISE = (
    r"\{(token|number|path|statement|policy|setting|key|form)|\.json|/media/|changes|/single|^/$|^/console$|^/login$"
)
"""Files, redirects, and pages with addresses of their own, which other tests open."""
PAGES = sorted(row.path for row in (*ROUTES, *PUBLIC) if row.method == "GET" and not re.search(_OTHERWISE, row.path))


def seen(place, places, path, query):
    """The page, by whoever may read it."""
    address = re.sub(r"\{(\w+)\}", lambda named: places[named[1]], path)
    for who in ("noor", "ossian", "ada", "ioana"):
        answer = place.visitor(who).get(f"{address}?{query}", follow_redirects=True)
        if answer.status_code == 200 or (path == "/console/find" and answer.status_code == 404):
            return answer.text
    pytest.fail(f"{address} is for nobody: {answer.status_code}")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_complete_in_the_pseudo_language(place, places, path):
    assert plain(seen(place, places, path, "lang=qps")) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_turns_round_for_languages_from_right_to_left(place, places, path):
    assert '<html lang="qps-rtl" dir="rtl"' in seen(place, places, path, "lang=qps-rtl")


@pytest.mark.parametrize("path", PAGES)
def test_every_key_on_a_page_stands_in_its_legend(place, places, path):
    page = seen(place, places, path, "lang=en")
    if 'id="keys"' not in page:
        return
    legend = re.search(r'<div class="keys">.*?</dialog>', page, re.DOTALL)[0]
    shown = {
        re.sub(r"</?kbd>", "", cap).lower().replace("⏎", "enter")
        for caps in re.findall(r"<span>((?:<kbd>[^<]+</kbd>[ ·]*)+)</span>", legend)
        for cap in caps.split(" · ")
    }
    wired = {key.replace("+", " ") for key in re.findall(r'data-key="([^"]+)"', page)}
    assert wired - shown == set()


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_what_needs_no_sign_in_stands_in_front_of_the_door(row):
    in_front = row.path.startswith(("/login", "/first-start"))
    assert (row.permission is OPEN) is in_front


def test_the_table_has_each_row_once():
    rows = [(row.method, row.path) for row in (*ROUTES, *PUBLIC)]
    assert len(rows) == len(set(rows))
