"""Banks from outside the console."""

import json

import pytest

from beffroi.flow import banks
from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.storage import Actor
from beffroi.matching.model import BankTerms, Stage
from tests.unit.flow.node import IOANA, opened
from tests.unit.flow.test_screening import picture

ME = Actor("command-line")


def create(node, name="Kettle phrases"):
    return banks.create(node.house, ME, IOANA, BankTerms(name, "invented"))


def load(node, content, name="list.txt", kind="phrase"):
    return banks.import_file(node.house, ME, IOANA, "Kettle phrases", name, content, kind)


def test_a_list_is_imported_once_and_bad_rows_keep_their_line(any_node):
    create(any_node)
    done = load(any_node, b"the lamp is lit\nx\nthe oil is out\n")
    assert (done.added, done.known, [line.line for line in done.refused]) == (2, 0, [2])
    again = load(any_node, b"the lamp is lit\nthe oil is out\n")
    assert (again.added, again.known) == (0, 2)
    row = json.loads(json.dumps(banks.imported_row(done)))
    assert (row["added"], row["refused"][0]["line"]) == (2, 2)


def test_a_change_is_in_force_at_once(node):
    create(node)
    load(node, b"the lamp is lit\n")
    node.post(1, "the lamp is lit")
    assert node.cases() == []
    told = banks.replay(node.house, "Kettle phrases")
    assert (told.items, banks.replay_row(told)["items"]) == (1, 1)
    assert banks.promote(node.house, ME, IOANA, "Kettle phrases").stage is Stage.ACTIVE
    node.post(2, "the lamp is lit")
    assert len(node.cases()) == 1
    assert banks.disable(node.house, ME, IOANA, "Kettle phrases").stage is Stage.DISABLED
    node.post(3, "the lamp is lit")
    assert len(node.cases()) == 1


def test_a_paused_bank_is_resumed_by_the_same_word(node):
    node.bank("the lamp is lit", hourly_cap=1)
    for number in range(3):
        node.post(number, "the lamp is lit")
    [line] = banks.lines(node.house)
    assert line.bank.stage is Stage.PAUSED
    assert banks.promote(node.house, ME, IOANA, "Kettle phrases").stage is Stage.ACTIVE


def test_pages_and_exports_hold_every_entry_in_its_order(node):
    create(node)
    words = [f"the lamp of {who} is lit" for who in ("anna", "bert", "cora", "dora", "emil")]
    load(node, "\n".join(words).encode())
    first = banks.page(node.house, "Kettle phrases", 0, 2)
    rest = banks.page(node.house, "Kettle phrases", first.next_after, 10)
    assert [entry.value for entry in (*first.entries, *rest.entries)] == words
    exported = list(banks.export(node.house, "Kettle phrases"))
    assert [entry.value for entry in exported] == words
    rows = [json.loads(json.dumps(banks.entry_row(entry))) for entry in exported]
    assert [banks.entry_given(row) for row in rows] == [entry.given for entry in exported]


def test_lines_tell_of_every_bank(node):
    create(node)
    create(node, "Harbour pictures")
    load(node, b"the lamp is lit\n")
    rows = {row["name"]: row for row in map(banks.as_row, banks.lines(node.house))}
    assert (rows["Kettle phrases"]["entries"], rows["Harbour pictures"]["entries"]) == (1, 0)
    assert {row["stage"] for row in rows.values()} == {"observe"}


def test_a_picture_is_read_in_a_child_before_any_transaction(folder, decoder):
    with opened(folder, decoder) as node:
        create(node)
        assert load(node, picture(60), "drawing.png", None).added >= 1
        assert {entry.type for entry in banks.export(node.house, "Kettle phrases")} >= {"pdq"}


@pytest.mark.parametrize(
    "call",
    [
        lambda house: banks.replay(house, "none"),
        lambda house: banks.promote(house, ME, IOANA, "none"),
        lambda house: banks.disable(house, ME, IOANA, "none"),
        lambda house: list(banks.export(house, "none")),
    ],
)
def test_a_bank_is_called_by_its_name(node, call):
    with pytest.raises(NotFound) as raised:
        call(node.house)
    assert raised.value.code == "no-such-bank"
