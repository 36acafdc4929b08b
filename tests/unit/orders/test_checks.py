"""Each check of an order as it came: what it needs to pass, and the element that its failure names."""

from dataclasses import replace

import pytest

from beffroi.orders.annexes import Officer, Redress
from beffroi.orders.checks import Known, examine, failed, is_exact
from tests.unit.orders.scene import FORM, form

GOOD = Known(pinned=True, competent=True, signed=True, language="nl-BE", declared=("nl", "fr"), state="BE")


def test_an_order_in_good_form_passes_all_of_them():
    lines = examine(FORM, GOOD)
    assert failed(lines) == ()
    assert len({line.code for line in lines}) == len(lines) == 13
    assert all(line.element for line in lines)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("identification", {"authority": Officer()}),
        ("identification", {"reference_number": ""}),
        ("identification", {"issuing_member_state": "", "is_cross_border": False}),
        ("reasons", {"grounds": ()}),
        ("reasons", {"additional_reasons": ""}),
        ("addresses", {"urls": ()}),
        ("addresses", {"urls": ("https://agora.example/p/1", "the second post")}),
        ("date", {"issued_at": None}),
        ("redress", {"redress": Redress(body_or_court="Valmere Court")}),
        ("non_disclosure", {"non_disclosure": True}),
        ("copy", {"copy_sent_to_establishment_authority": False}),
        ("copy", {"is_cross_border": False}),
    ],
)
def test_what_is_missing_in_the_form_is_named(code, changes):
    assert [line.code for line in failed(examine(form(**changes), GOOD))] == [code]


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("competence", replace(GOOD, competent=False)),
        ("competence", replace(GOOD, competent=False, pinned=False)),
        ("signature", replace(GOOD, signed=False)),
        ("language", replace(GOOD, language="el")),
        ("language", replace(GOOD, language="")),
        ("first_contact", replace(GOOD, first=True)),
        ("duplicate", replace(GOOD, repeats=2)),
        ("reference", replace(GOOD, reused=True)),
    ],
)
def test_what_the_node_knows_against_it_is_named(code, known):
    assert [line.code for line in failed(examine(FORM, known))] == [code]


def test_a_first_order_that_was_announced_or_is_an_emergency_passes():
    assert failed(examine(FORM, replace(GOOD, first=True, told_12h=True))) == ()


@pytest.mark.parametrize("url", ["", "agora.example/p/1", "/p/1", "ftp://agora.example/p", "https://", "http://[::1"])
def test_what_is_no_exact_address(url):
    assert not is_exact(url)
