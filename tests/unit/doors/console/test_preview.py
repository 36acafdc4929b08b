from .test_cases import PHRASE, claimed
from .test_decide import SENTENCE, filled


def preview(place, text, **more):
    case = claimed(place, text)
    return place.visitor("noor").post(f"/console/cases/{case}/preview", data=filled(place, case, **more))


def test_the_moderator_reads_what_the_person_will_read(place):
    answer = preview(place, f"Preview this: {PHRASE}")
    assert answer.status_code == 200
    assert "Your post is no longer visible on Agora" in answer.text
    assert "even indirectly or by praise" in answer.text
    assert SENTENCE in answer.text
    assert "Ask us to look again" in answer.text
    assert 'id="summary"' in answer.text


def test_each_act_has_its_own_words(place):
    assert (
        "not visible in some countries"
        in preview(place, f"By territory: {PHRASE}", act="restrict_territories", territories="AT").text
    )
    assert "We added a note to your post" in preview(place, f"With a label: {PHRASE}", act="label").text


def test_it_stays_in_the_language_of_the_post(place):
    answer = preview(place, f"In English: {PHRASE}", lang="ar")
    assert '<html lang="en"' in answer.text


def kept(place):
    with place.house.read() as conn:
        counted = ("SELECT count(*) FROM decision", "SELECT count(*) FROM event")
        return [conn.exec_driver_sql(statement).scalar_one() for statement in counted]


def test_nothing_is_kept_of_it(place):
    case = claimed(place, f"Not decided: {PHRASE}", account="never-decided")
    form, before = filled(place, case), kept(place)
    assert place.visitor("noor").post(f"/console/cases/{case}/preview", data=form).status_code == 200
    assert kept(place) == before
