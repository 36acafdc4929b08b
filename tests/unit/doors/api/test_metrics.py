"""`/metrics`: who may read it, and what it says."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from beffroi.flow.health import Alarm
from beffroi.staff import keys
from beffroi.staff.model import Role
from beffroi.staff.permissions import Permission
from tests.nodes import ACTOR


@pytest.fixture
def bearer(node):
    """A key that may read figures and nothing else."""
    issuer = node.people[Role.ADMINISTRATOR]
    made = node.house.write(
        "law", ACTOR, lambda tx: keys.issue(tx, "monitor", [Permission.METRICS_READ], issuer, days=1).written
    )
    return {"Authorization": f"Bearer {made}"}


def figures(node, bearer):
    answer = node.client.get("/metrics", headers=bearer)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def test_it_is_for_keys_that_may(node, bearer):
    assert node.client.get("/metrics").status_code == 401
    assert node.client.get("/metrics", headers=node.bearer).status_code == 403
    assert node.client.get("/health", headers=bearer).json()["alarms"] is None


def test_each_alarm_is_there_and_says_whether_it_is_raised(node, bearer):
    node.house.decoder.losses_in_a_row = 99
    try:
        found = figures(node, bearer)
    finally:
        node.house.decoder.losses_in_a_row = 0
    raised = {alarm: found["beffroi_alarm", alarm.value] for alarm in Alarm}
    assert raised[Alarm.DECODER_FAILING] == 1
    assert raised[Alarm.LEDGER_LATE] == 0


def test_answers_and_figures_of_the_database(node, bearer):
    node.screen("p-metrics", "A quiet evening")
    found = figures(node, bearer)
    assert found["beffroi_answers_total", "POST", "/api/v1/screen", "200"] >= 1
    assert found["beffroi_ledger_waiting_events",] + found["beffroi_ledger_leaves",] > 0
    assert {name[1] for name in found if name[0] == "beffroi_effects"} == {"intended", "done", "failed", "cancelled"}
    assert found["beffroi_disk_size_bytes",] > found["beffroi_disk_free_bytes",] > 0


def test_the_documents_name_every_figure(node, bearer, root):
    said = (root / "docs/operate.md").read_text("utf-8")
    own = {name[0] for name in figures(node, bearer) if name[0].startswith("beffroi_")}
    bases = {re.sub("_(bucket|count|sum)$", "", name) for name in own if not name.endswith("_created")}
    assert [name for name in sorted(bases) if f"`{name}`" not in said] == []
