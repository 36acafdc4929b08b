from beffroi.doors.console.names import colleagues, names
from beffroi.staff import store


def test_a_case_can_be_handed_to_who_may_decide_and_not_to_oneself(place):
    with place.house.read() as conn:
        known = names(conn, place.house.vault)
        noor = next(person for person, name in known.items() if name == "Noor H.")
        offered = {each.name for each in colleagues(conn, known, noor)}
        assert "Tomas W." in offered
        assert not offered & {"Noor H.", "Ioana P.", "Ada K.", "Ossian V."}
        assert len(known) >= 5
        assert set(known) <= {person.id for person in store.everybody(conn)}
