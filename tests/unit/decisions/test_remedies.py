"""Ways to object: the whole table of ground × size × service × border × secrecy."""

from itertools import product

import pytest

from beffroi.decisions.remedies import Basis, Remedy, Way, remedies
from beffroi.parties.model import Service, Size

CASES = list(product(Basis, Size, Service, (False, True), (False, True), (False, True)))


def ways(basis, size, service, cross_border, secret, offers):
    found = remedies(
        basis, size, service=service, cross_border=cross_border, secret=secret, offers_own_complaint=offers
    )
    return {remedy.way: remedy for remedy in found}, [remedy.way for remedy in found]


@pytest.mark.parametrize(("basis", "size", "service", "cross_border", "secret", "offers"), CASES)
def test_the_table(basis, size, service, cross_border, secret, offers):
    by_way, order = ways(basis, size, service, cross_border, secret, offers)
    if secret:
        assert order == []
        return
    dsa = service is Service.ONLINE_PLATFORM and size not in {Size.MICRO, Size.SMALL}
    if basis is Basis.REMOVAL_ORDER:
        expected = [Way.ASK_FOR_REASONS_OR_ORDER, *([Way.SCRUTINY] if cross_border else []), Way.COURT]
    else:
        asked = basis is Basis.SPECIFIC_MEASURE or dsa or offers
        expected = [
            *([Way.ASK_A_PERSON_NOW] if basis is Basis.RULE else []),
            *([Way.ASK_US] if asked else []),
            *([Way.INDEPENDENT_BODY] if dsa else []),
            Way.COURT,
        ]
    assert order == expected
    assert by_way[Way.COURT].by_law


def test_small_platforms_offer_what_they_like_and_say_so():
    by_way, _ = ways(Basis.TERMS, Size.SMALL, Service.ONLINE_PLATFORM, False, False, True)
    assert by_way[Way.ASK_US] == Remedy(Way.ASK_US, "our own offer", by_law=False)
    by_way, _ = ways(Basis.TERMS, Size.MEDIUM, Service.ONLINE_PLATFORM, False, False, False)
    assert by_way[Way.ASK_US] == Remedy(Way.ASK_US, "DSA Art 20", by_law=True)


def test_a_specific_measure_is_complained_about_under_its_own_article_everywhere():
    for size, service in product(Size, Service):
        by_way, _ = ways(Basis.SPECIFIC_MEASURE, size, service, False, False, False)
        assert by_way[Way.ASK_US] == Remedy(Way.ASK_US, "TCO Art 10", by_law=True)


def test_an_order_has_the_courts_of_its_own_article_and_no_internal_complaint():
    by_way, order = ways(Basis.REMOVAL_ORDER, Size.MEDIUM, Service.ONLINE_PLATFORM, True, False, True)
    assert by_way[Way.COURT].article == "TCO Art 9"
    assert not {Way.ASK_US, Way.INDEPENDENT_BODY, Way.ASK_A_PERSON_NOW} & set(order)
