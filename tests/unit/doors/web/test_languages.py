import pytest

from beffroi.doors.web.languages import choose, compiled, languages, offered
from beffroi.ground.kernel.limits import LANGUAGE_CHARS_MAX

CATALOGUE = b"""
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Claim"
msgstr "Nehmen"

#, fuzzy
msgid "Skip"
msgstr "Vielleicht"

msgid "Undo"
msgstr ""
"""


def test_a_catalogue_is_compiled_from_its_source():
    texts = compiled(CATALOGUE)
    assert texts.gettext("Claim") == "Nehmen"


@pytest.mark.parametrize("message", ["Skip", "Undo", "never seen"])
def test_what_is_fuzzy_empty_or_missing_falls_back_to_english(message):
    assert compiled(CATALOGUE).gettext(message) == message


def test_each_catalogue_is_a_language_and_each_language_knows_its_direction():
    known = languages()
    assert {"en", "ar", "qps", "qps-rtl"} <= set(known)
    assert known["en"].direction == "ltr"
    assert known["ar"].direction == "rtl"
    assert known["ar"].name == "العربية"
    assert known["qps-rtl"].direction == "rtl"


def test_only_english_counts_as_reviewed_so_far():
    assert [each.tag for each in languages().values() if each.reviewed] == ["en"]


def test_pseudo_languages_are_not_offered():
    assert {each.tag for each in offered()} == set(languages()) - {"qps", "qps-rtl"}


def test_the_address_wins_over_the_person_over_the_browser():
    assert choose("ar", "en", None, accept="en").tag == "ar"
    assert choose(None, "ar", "en", accept="en").tag == "ar"
    assert choose(None, None, None, accept="fr, ar;q=0.7, en;q=0.3").tag == "ar"


@pytest.mark.parametrize("header", ["", "*", "fr-CH, fr;q=0.9", "ar;q=0", ";;;", "ar;q=x", "\x00", "xx-" * 999])
def test_anything_else_is_english(header):
    assert choose("tlh", None, accept=header).tag == "en"


def test_a_region_gets_its_language():
    assert choose(accept="ar-EG").tag == "ar"


def test_only_the_beginning_of_a_header_is_read():
    padding = "xx," * (LANGUAGE_CHARS_MAX // 3)
    assert choose(accept=padding[: LANGUAGE_CHARS_MAX - 3] + ",ar").tag == "ar"
    assert choose(accept=padding + " " * 3 + "ar").tag == "en"
