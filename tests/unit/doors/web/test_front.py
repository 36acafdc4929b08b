from dataclasses import replace

from beffroi.doors.web.front import Front
from beffroi.ground.storage.tx import NODE
from beffroi.parties import service, store
from tests.unit.doors.console.conftest import place  # noqa: F401  the fixture


def test_a_node_is_called_as_its_organisation_is_called_now(place):  # noqa: F811
    front = Front(place.house)
    assert (front.node.name, front.node.kind, front.node.place, front.node.is_demo) == ("Agora", "platform", "XA", True)
    with place.house.read() as conn:
        told = store.organisation(conn).particulars
    place.house.write("law", NODE, lambda tx: service.amend(tx, replace(told, name="Agora & co")))
    assert front.node.name == "Agora & co"
    place.house.write("law", NODE, lambda tx: service.amend(tx, told))
    assert front.node.name == "Agora"
    assert front.clock is place.house.clock
