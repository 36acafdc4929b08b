from beffroi.signals.model import Extracted, Folded, PictureFacts, Undecodable


def test_a_span_covers_all_that_a_letter_came_from():
    folded = Folded("strasse", [0, 1, 2, 3, 4, 4, 5], 6)  # "straße"
    assert folded.span(0, 7) == (0, 6)
    assert folded.span(4, 5) == (4, 5)
    assert folded.span(5, 6) == (4, 5)
    assert folded.span(0, 1) == (0, 1)


def test_a_span_at_the_end_reaches_the_end_of_the_original():
    assert Folded("ab", [0, 3], 9).span(1, 2) == (3, 9)


def test_what_was_not_wholly_decoded_is_told_with_its_source():
    whole = PictureFacts(1, 1, "png", 1, None, ())
    half = PictureFacts(1, 1, "png", 1, "truncated", ())
    extracted = Extracted((), None, (whole, Undecodable("empty"), half))
    assert extracted.undecodable == (Undecodable("empty", "media:1"), Undecodable("truncated", "media:2"))
