import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import URL_CHARS_MAX, URLS_PER_TEXT_MAX
from beffroi.signals.types import url


def found(text):
    return [reading.value for reading in url.of_text(text)]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTP://Files.Example:80/a/../b?x=1&y#top", "https://files.example/b?x=1&y"),
        ("https://files.example:443", "https://files.example/"),
        ("https://files.example.:8443/", "https://files.example:8443/"),
        ("https://user:secret@files.example/x", "https://files.example/x"),
        ("https://files.example/x?", "https://files.example/x"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"),
        ("https://ｆｉｌｅｓ。example/", "https://files.example/"),
        ("http://0x7f.1/", "https://127.0.0.1/"),
        ("ftp://files.example/x", "ftp://files.example/x"),
        ("files.example/x", "https://files.example/x"),
        ("files.example:8080/x", "https://files.example:8080/x"),
        ("hxxps://files[.]example/x", "https://files.example/x"),
        ("hxxp[:]//files(.)example[.]com", "https://files.example.com/"),
        ("http://[::1]:80/x", "https://[::1]/x"),
    ],
)
def test_a_link_has_one_form(written, canonical):
    assert url.normalise(written) == canonical
    assert url.normalise(canonical) == canonical


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "not-a-url"),
        ("http://a b/", "not-a-url"),
        ("https://", "not-a-url"),
        ("https://../", "not-a-url"),
        ("https://\u3002/x", "not-a-url"),
        ("javascript://x/%0aalert(1)", "unsupported-scheme"),
        ("file:///etc/hosts", "unsupported-scheme"),
        ("mailto:somebody@mail.example", "unsupported-scheme"),
        ("localhost", "not-a-url"),
        ("//files.example/x", "not-a-url"),
        ("https://files.example/" + "a" * URL_CHARS_MAX, "url-too-long"),
        ("https://files.example/" + "ä" * (URL_CHARS_MAX // 2), "url-too-long"),
    ],
)
def test_what_is_no_link_is_refused_with_its_place(written, code):
    with pytest.raises(Invalid) as refused:
        url.parse(written, "line 9")
    assert (refused.value.code, refused.value.where) == (code, "line 9")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://files.example/x, and (https://files.example/y_(z)).", ["/x", "/y_(z)"]),
        ("<a href='https://files.example/x'>", ["/x"]),
        ("«https://files.example/x» “https://files.example/y”", ["/x", "/y"]),
        ("انظر https://files.example/x؟", ["/x"]),
        ("files.example/x twice: FILES.example/x", ["/x"]),
        ("WWW.files.example", ["www"]),
        ("files[.]example", ["/"]),
        ("at files.example/x.", ["/x"]),
        ("mail a.b@files.example or b@files.example/x", []),
        ("Ende.Dann main.py e.g. 3.14 v1.2/x ...", []),
        ("http:// https://: http://a^b/", []),
    ],
)
def test_links_in_text(text, links):
    forms = {"www": "https://www.files.example/"}
    assert found(text) == [forms.get(link, f"https://files.example{link}") for link in links]


def test_a_bare_host_counts_by_its_last_label():
    assert found("visit wombats.com today") == ["https://wombats.com/"]
    assert found("visit wombats.example today") == []


def test_only_so_many_links_are_read():
    text = " ".join(f"https://files.example/{i}" for i in range(URLS_PER_TEXT_MAX + 5))
    assert len(found(text)) == URLS_PER_TEXT_MAX
    assert found(text)[-1] == f"https://files.example/{URLS_PER_TEXT_MAX - 1}"


@pytest.mark.parametrize("piece", ["a.", "a", "a[.]", "http://", "www.", "x.co ", "((((", "https://a/" + ")" * 50])
def test_long_runs_of_anything_end(piece):
    text = piece * (200_000 // len(piece))
    assert len(found(text)) <= URLS_PER_TEXT_MAX


@given(st.text(alphabet=st.sampled_from("htps:/.w[]()@#?x1ü \n،\u200b%"), max_size=60))
def test_any_text_gives_canonical_links_or_none(text):
    for link in found(text):
        assert url.normalise(link) == link


@pytest.mark.parametrize("dots", ["https://./", "https://../x", "http://\u3002/", "hxxps://[.][.]/"])
def test_a_host_of_dots_is_no_link_and_hides_none_beside_it(dots):
    assert found(f"see {dots} and https://files.example/x") == ["https://files.example/x"]
