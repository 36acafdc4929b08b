import numpy as np
import pytest

from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.ids import BankId, EntryId
from beffroi.matching.model import Opinion
from beffroi.matching.roster import Arrivals, Roster, is_exact


def roster_of(*people: tuple[int, str, Opinion], start: Roster | None = None) -> Roster:
    before = start or Roster.empty()
    arrivals = Arrivals.after(before)
    for number, bank, opinion in people:
        arrivals.arrive(number, EntryId(f"ent_{number:026d}"), BankId(bank), opinion, confirmed=number == 7)
    return before.with_more(arrivals)


def test_everybody_is_found_by_number_whatever_the_order_of_arrival():
    people = [(7, "b", Opinion.NEGATIVE), (3, "a", Opinion.POSITIVE), (5, "b", Opinion.DISPUTED)]
    roster = roster_of(*people)
    places = roster.places_of(np.array([3, 5, 7], np.uint64))
    assert [roster.entry_at(place)[-1] for place in places] == ["3", "5", "7"]
    assert [roster.bank_at(place) for place in places] == ["a", "b", "b"]
    assert [roster.opinion_at(place) for place in places] == [Opinion.POSITIVE, Opinion.DISPUTED, Opinion.NEGATIVE]
    assert [roster.is_confirmed_at(place) for place in places] == [False, False, True]
    assert roster.is_negative(places).tolist() == [False, False, True]


def test_banks_keep_their_places_when_more_come():
    first = roster_of((1, "a", Opinion.POSITIVE), (2, "b", Opinion.POSITIVE))
    left = first.without(np.array([1], np.uint64))
    second = roster_of((3, "c", Opinion.POSITIVE), (4, "a", Opinion.POSITIVE), start=left)
    assert [second.bank_at(place) for place in range(3)] == ["b", "c", "a"]
    assert first.numbers.tolist() == [1, 2]


def test_an_id_of_another_form_is_no_entry_of_ours():
    with pytest.raises(InvariantViolated):
        Arrivals.after(Roster.empty()).arrive(1, EntryId("ent_1"), BankId("a"), Opinion.POSITIVE, confirmed=False)


@pytest.mark.parametrize(
    ("kind", "exact"),
    [("sha256", True), ("md5", True), ("url", True), ("pdq", False), ("phrase", False), ("tlsh", False)],
)
def test_which_types_are_equal_or_not(kind: str, exact: bool):
    assert is_exact(kind) is exact
