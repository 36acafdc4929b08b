"""What holds for every template there is."""

import re
from datetime import UTC
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from jinja2 import UndefinedError, nodes
from jinja2.visitor import NodeVisitor

from beffroi.doors.web.environment import environment, excerpt
from beffroi.ground.kernel.limits import QUOTE_CHARS_MAX

from .catalogues import LOCALES, SOURCE, extracted, templates

NAMES_OF_OURS = {"selected", "checked", "Beffroi", "Esc", "O", "Ctrl", "⏎", "PDQ", "CSV", "JSON", "PDF", "UTC", "SHA"}
"""Words that are the same in every language, and attributes that a macro writes."""


def plain(path):
    """A template without its tags, expressions, comments and markup: what a reader would see unmarked."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"<!doctype[^>]*>|<[^>]*>|&\w+;", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return set(re.findall(r"[^\W\d_]+", text)) - NAMES_OF_OURS


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_word_stands_in_a_template_unmarked(path):
    assert plain(path) == set()


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_attribute_that_is_read_out_stands_unmarked(path):
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(), flags=re.DOTALL)
    read_out = re.findall(r'\b(?:aria-label|title|alt|placeholder|data-h|data-says|data-name)="([^"]*)"', text)
    read_out = [re.sub(r"\b[a-z]{3}_…", "", value) for value in read_out]  # forms of ids are no words
    assert [value for value in read_out if re.search(r"[^\W\d_]", value)] == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_template_has_a_style_a_handler_or_a_script_of_its_own(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|javascript:|<style|\|\s*safe\b", text)
    assert text.count("<script") == (1 if path.name == "base.html" else 0)


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_every_template_compiles(path):
    made = environment("en", UTC)
    made.get_template(str(path).split("/templates/")[1])


class _Autoescape(NodeVisitor):
    def __init__(self):
        self.off = []

    def visit_ScopedEvalContextModifier(self, node):  # noqa: N802
        self.off.append(node)


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_template_turns_escaping_off(path):
    visitor = _Autoescape()
    visitor.visit(environment("en", UTC).parse(path.read_text()))
    assert visitor.off == []


def test_a_message_may_hold_markup_and_what_is_put_in_is_escaped():
    made = environment("en", UTC)
    told = made.from_string("{{ _('<b>%(name)s</b> looks', name=name) }}").render(name="<i>x</i>")
    assert told == "<b>&lt;i&gt;x&lt;/i&gt;</b> looks"


def test_the_catalogues_hold_exactly_the_messages_of_the_program():
    """If not: `python -m tests.unit.doors.web.catalogues`."""
    wanted = {str(message.id) for message in extracted() if message.id}
    for po in sorted(LOCALES.glob("*.po")):
        held = {str(message.id) for message in read_po(BytesIO(po.read_bytes())) if message.id}
        assert held == wanted, po.name


def test_translations_keep_placeholders_and_markup():
    kept = re.compile(r"%\(\w+\)s|<[^>]*>|%%")
    for po in sorted(LOCALES.glob("*.po")):
        for message in read_po(BytesIO(po.read_bytes())):
            if message.id and isinstance(message.string, str) and message.string:
                assert sorted(kept.findall(message.string)) == sorted(kept.findall(str(message.id))), message.id
                assert '"' not in message.string


def test_no_message_holds_a_quotation_mark_that_would_end_an_attribute():
    assert [m.id for m in extracted() if '"' in str(m.id)] == []


def test_a_name_that_does_not_exist_is_an_error():
    with pytest.raises(UndefinedError):
        environment("en", UTC).from_string("{{ nothing }}").render()


def test_every_language_is_an_environment_of_its_own():
    assert environment("ar", UTC) is not environment("en", UTC)
    assert environment("ar", UTC) is environment("ar", UTC)


def test_the_sources_are_where_we_look():
    assert len(templates()) > 10
    assert all(path.is_relative_to(SOURCE) for path in templates())
    assert isinstance(environment("en", UTC).parse("{{ x }}"), nodes.Template)


@pytest.mark.parametrize(
    ("text", "line"),
    [("one\n two", "one two"), ("x" * QUOTE_CHARS_MAX, "x" * QUOTE_CHARS_MAX)],
)
def test_an_excerpt_is_one_line(text, line):
    assert excerpt(text) == line


def test_a_long_excerpt_says_that_it_goes_on():
    assert excerpt("x" * (QUOTE_CHARS_MAX + 1)) == "x" * (QUOTE_CHARS_MAX - 1) + "…"
