import pytest

from beffroi.parties import charter

HOME = "/console/charter"


def now(place, name):
    with place.house.read() as conn:
        return charter.get(conn, name)


def change(place, name, value, reason="We learned from our mistakes.", who="ioana"):
    return place.visitor(who).post(f"{HOME}/{name}", data={"value": value, "reason": reason})


def test_each_setting_stands_with_its_point_of_law(place):
    page = place.visitor("noor").get(HOME).text
    for setting in charter.SETTINGS.values():
        assert setting.name in page
    assert "DSA Art 20(1)" in page


def test_what_is_fixed_has_no_form(place):
    page = place.visitor("ioana").get(HOME).text
    assert f'action="{HOME}/four_eyes.account_suspension"' not in page
    assert f'action="{HOME}/undo_hold_s"' in page
    assert change(place, "four_eyes.account_suspension", "no").status_code == 422


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("remedies.complaint_months", "9", 9),
        ("fail.media", "closed", "closed"),
        ("remedies.own_complaint", "no", False),
        ("remedies.out_of_court", "The board of Oostmark", "The board of Oostmark"),
    ],
)
def test_a_change_has_its_person_and_reason_here_and_in_public(place, name, typed, value):
    reason = f"Because of {name}."
    assert change(place, name, typed, reason).headers["location"] == f"{HOME}?did=saved"
    assert now(place, name) == value
    page = place.visitor("noor").get(HOME).text
    changed = page[page.index('id="changed"') :]
    assert reason in changed
    assert "<bdi>Ioana P.</bdi>" in changed
    public = place.visitor("noor").get("/transparency").text
    assert reason in public
    assert "Ioana" not in public


@pytest.mark.parametrize(("value", "reason"), [("9999", "More."), ("many", "More."), ("12", "")])
def test_what_is_refused_stays_in_its_form(place, value, reason):
    before = now(place, "exposure.points_per_shift")
    answer = change(place, "exposure.points_per_shift", value, reason)
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.text
    assert now(place, "exposure.points_per_shift") == before


def test_the_same_value_again_is_no_change(place):
    assert change(place, "case_lease_min", str(now(place, "case_lease_min"))).status_code == 409


def test_a_moderator_reads_and_changes_nothing(place):
    assert "Change it" not in place.visitor("noor").get(HOME).text
    assert change(place, "undo_hold_s", "5", who="noor").status_code == 403
