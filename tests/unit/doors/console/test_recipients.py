"""The register at the console: two people behind each entry."""

import re

NEW = {
    "name": "Farwick Prosecutor", "function": "investigate", "country": "xf", "phone": "+99 0 555 0177",
    "hours": "always", "email": "duty@prosecutor.farwick.example", "source": "the list of Farwick", "certificate": "",
}  # fmt: skip
HERE = "/console/threats/recipients"


def row_of(page, name):
    return re.search(rf'<tr data-row id="row-(rcp_\w+)">(?:(?!</tr>).)*?{name}.*?</tr>', page, re.DOTALL)


def test_an_entry_is_pinned_by_one_and_called_by_another(place):
    tomas, ioana = place.visitor("tomas"), place.visitor("ioana")
    assert tomas.post(HERE, data=NEW).headers["location"] == f"{HERE}?did=pinned"
    row = row_of(tomas.get(HERE).text, "Farwick")
    assert "Nobody has called them yet" in row[0]
    assert "I called them" not in row[0]
    assert tomas.post(f"{HERE}/{row[1]}/confirm").status_code == 403
    assert "I called them" in row_of(ioana.get(HERE).text, "Farwick")[0]
    assert ioana.post(f"{HERE}/{row[1]}/confirm").status_code == 303
    assert "Called back" in row_of(ioana.get(HERE).text, "Farwick")[0]
    assert tomas.post(HERE, data=NEW).status_code == 409
    assert ioana.post(f"{HERE}/{row[1]}/end").status_code == 303
    assert row_of(ioana.get(HERE).text, "Farwick") is None


def test_what_is_refused_comes_back_as_it_was_typed(place):
    refused = place.visitor("tomas").post(HERE, data=NEW | {"name": "Gull <b>Desk", "certificate": "-----BEGIN"})
    assert refused.status_code == 422
    assert 'value="Gull &lt;b&gt;Desk"' in refused.text
    assert "no certificate in PEM" in refused.text
    assert place.visitor("tomas").post(HERE, data=NEW | {"function": "court"}).status_code == 422


def test_who_works_on_cases_reads_it_and_changes_nothing(place):
    page = place.visitor("noor").get(HERE).text
    assert "Valmere Criminal Police" in page
    assert "Take a body over" not in page
    assert place.visitor("noor").post(HERE, data=NEW).status_code == 403
