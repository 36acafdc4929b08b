from beffroi.doors.web.pseudo import pseudo


def test_letters_are_accented_and_the_text_grows_by_two_fifths():
    told = pseudo("Claim the case")
    assert told.startswith("[Çļåîɱ ţĥé çåšé ")
    assert told.endswith("é]")
    assert len(told) >= len("Claim the case") * 1.4


def test_placeholders_and_markup_stay():
    told = pseudo("<b data-left='%(seconds)s'>%(left)s</b> left &amp; right 100%%")
    assert "<b data-left='%(seconds)s'>%(left)s</b>" in told
    assert "&amp;" in told
    assert "100%%" in told
    assert told % {"seconds": 1, "left": 2}
