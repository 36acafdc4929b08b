from types import SimpleNamespace

from beffroi.doors.console.connector import capabilities
from beffroi.doors.platforms import Capability


def request(**state):
    return SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(**state)))


def test_without_a_platform_nothing_is_offered():
    assert capabilities(request()) == frozenset()
    assert capabilities(request(connector=None)) == frozenset()


def test_what_it_declares_is_offered():
    declared = SimpleNamespace(capabilities=frozenset({Capability.LABEL}))
    assert capabilities(request(connector=declared)) == {Capability.LABEL}
