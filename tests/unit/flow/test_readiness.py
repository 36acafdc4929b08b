"""What `beffroi config check` finds."""

import pytest

from beffroi.flow.readiness import check, of_address, of_calls, of_files, of_people
from beffroi.settings import Settings
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Identity, Role


def codes(found):
    return [finding.code for finding in found]


def given(tmp_path, **settings):
    return Settings(data=tmp_path / "data", **settings)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"host": "0.0.0.0"}, ["no-base-url"]),  # noqa: S104
        ({"base_url": "http://node.example"}, ["no-tls"]),
        ({"base_url": "https://node.example"}, ["proxy-not-named"]),
        ({"base_url": "https://node.example", "trusted_proxies": ("10.0.0.2",)}, []),
        (
            {"base_url": "https://node.example", "trusted_proxies": ("10.0.0.2",), "host": "0.0.0.0"},  # noqa: S104
            ["listens-past-proxy"],
        ),
        ({"base_url": "https://node.example", "trusted_proxies": ("10.0.0.2",), "host": "10.0.0.3"}, []),
        ({"log_origin": "https://node.example/ledger"}, ["odd-origin"]),
        ({"log_origin": "node example"}, ["odd-origin"]),
    ],
)
def test_addresses(tmp_path, settings, expected):
    assert codes(of_address(given(tmp_path, **settings))) == expected


def test_calls_that_its_own_rules_forbid(tmp_path):
    told = of_calls(
        given(tmp_path, hook_url="http://10.0.0.9:8000/hook", heartbeat_url="https://monitor.example:8443/p")
    )
    assert [(f.code, f.place) for f in told] == [
        ("call-blocked", "hook_url"), ("call-blocked", "heartbeat_url"), ("no-hook-secret", "hook_secret"),
    ]  # fmt: skip
    allowed = ("10.0.0.9:8000", "monitor.example:8443")
    secret = {"hook_secret": "whsec_c2VjcmV0"}
    calls = {"hook_url": "http://10.0.0.9:8000/hook", "heartbeat_url": "https://monitor.example:8443/p"}
    assert codes(of_calls(given(tmp_path, outbound_allow=allowed, **calls, **secret))) == []


def test_without_platform_and_monitor_there_are_notes(tmp_path):
    assert [(f.code, f.is_note) for f in of_calls(given(tmp_path))] == [("no-platform", True), ("no-heartbeat", True)]


def test_a_homeserver_has_an_address_a_token_and_a_way(tmp_path):
    told = of_calls(given(tmp_path, platform="matrix", heartbeat_url="https://monitor.example/p"))
    assert [(f.code, f.place) for f in told] == [
        ("no-matrix-server", "matrix_url"), ("no-matrix-server", "matrix_token"),
    ]  # fmt: skip
    reach = {"platform": "matrix", "matrix_url": "http://10.0.0.9:8008", "matrix_token": "syt_x"}
    reach |= {"heartbeat_url": "https://monitor.example/p"}
    assert codes(of_calls(given(tmp_path, **reach))) == ["call-blocked"]
    assert codes(of_calls(given(tmp_path, **reach, outbound_allow=("10.0.0.9:8008",)))) == []


def test_files_that_others_can_read(node):
    settings = node.house.settings
    assert codes(of_files(settings)) == []
    (settings.data / "keys").chmod(0o750)
    (settings.data / "pepper").chmod(0o644)
    told = list(of_files(settings))
    assert [f.message.split(" ")[1] for f in told] == ["700", "600"]
    assert str(settings.data / "pepper") in told[1].place


def people(any_node, *roles):
    def work(tx):
        for number, role in enumerate(roles):
            who = Identity("Somebody", f"{role}{number}@node.example", f"{role}{number}")
            staff.create_person(tx, who, (role,), Credentials("argon2", None), demo=False)

    any_node.write(work)


def test_duties_against_the_people_of_either_database(any_node):
    people(any_node, Role.MODERATOR, Role.POLICY_LEAD, Role.ADMINISTRATOR)
    told = list(of_people(any_node.house.settings))
    assert {(f.code, f.place) for f in told} == {
        ("duty-unmet", "confirm-decision"), ("duty-unmet", "keep-house"), ("duty-unmet", "approve-rule"),
    }  # fmt: skip
    says = {f.place: f.message for f in told}
    assert "Invite a senior moderator" in says["confirm-decision"]
    assert "who cannot be both" in says["keep-house"]
    people(any_node, Role.SENIOR_MODERATOR)
    assert ("duty-leans-on-one", True) in [(f.code, f.is_note) for f in of_people(any_node.house.settings)]


def test_a_node_that_was_never_started_is_no_fault(tmp_path):
    [note] = of_people(given(tmp_path))
    assert (note.code, note.is_note) == ("no-people-yet", True)
    assert not (tmp_path / "data").exists()


def test_a_database_that_does_not_answer_is_a_finding(tmp_path):
    [finding] = of_people(given(tmp_path, database="postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert (finding.place, finding.is_note) == ("database", False)


def test_notes_come_last(tmp_path):
    told = list(check(given(tmp_path, host="0.0.0.0")))  # noqa: S104
    assert [f.is_note for f in told] == sorted(f.is_note for f in told)
