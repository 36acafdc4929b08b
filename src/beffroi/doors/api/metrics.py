"""`/metrics`: how the node is, as Prometheus reads it.

Owns: names, units and labels of what is exported; they are listed in docs/operate.md.
Promises: figures and codes only; no label is taken from what anybody sent.
Never does: judge; the alarms are those of `flow.health`.
"""

import platform
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from fastapi import Depends
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from beffroi import __version__
from beffroi.flow.health import Alarm, Health, Own, Stored, measure
from beffroi.flow.house import House
from beffroi.ground.storage.effects import EffectState

from ..web.access import house_of
from ..web.answers import Meters


def metrics(request: Request, house: Annotated[House, Depends(house_of)]) -> Response:
    """Figures and alarms of this process and its database, in the text format of Prometheus."""
    meters: Meters = request.app.state.meters
    database = "sqlite" if house.database.is_sqlite else "postgresql"
    return Response(exported(meters, measure(house), database), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def exported(meters: Meters, health: Health, database: str) -> bytes:
    """What was counted since the process began, and what was measured just now."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_Measured(health, database))
    return generate_latest(meters.registry) + generate_latest(registry)


class _Measured(Collector):
    def __init__(self, health: Health, database: str) -> None:
        self._health, self._database = health, database

    def collect(self) -> Iterable[Metric]:
        yield _info(self._database)
        yield _by("beffroi_alarm", "1 while the alarm is raised.", "alarm", _raised(self._health))
        yield from _of_own(self._health.own)
        if self._health.stored is not None:
            yield from _of_stored(self._health, self._health.stored)


def _raised(health: Health) -> dict[str, float]:
    return {alarm.value: float(alarm in health.alarms) for alarm in Alarm}


def _info(database: str) -> Metric:
    told = GaugeMetricFamily("beffroi_build", "Always 1.", labels=("version", "python", "database"))
    told.add_metric((__version__, platform.python_version(), database), 1)
    return told


def _of_own(own: Own) -> Iterator[Metric]:
    yield _one("beffroi_disk_free_bytes", "Free where the data lies.", own.disk.free)
    yield _one("beffroi_disk_size_bytes", "In all where the data lies.", own.disk.whole)
    yield _one("beffroi_clock_back_seconds", "How far the clock was set back.", own.clock_back_s)
    yield _one("beffroi_decoder_losses_in_a_row", "Pictures in a row that cost their process.", own.decoder_losses)
    yield _by("beffroi_writer_waiting", "Jobs before the writer.", "lane", {str(k): n for k, n in own.writing.items()})
    yield _by("beffroi_loop_failing", "1 for each loop whose last turn failed.", "loop", dict.fromkeys(own.failures, 1))
    yield _by("beffroi_loop_silent_seconds", "Since the last turn of a loop that hangs.", "loop", own.silent)


def _of_stored(health: Health, stored: Stored) -> Iterator[Metric]:
    now, record, outbox = health.now, stored.record, stored.outbox

    def since(at: object) -> float:
        return (now - at).total_seconds() if isinstance(at, type(now)) else 0.0

    yield _one("beffroi_ledger_leaves", "Leaves under the newest seal.", record.size)
    yield _one("beffroi_ledger_waiting_events", "Events without a leaf.", record.waiting)
    yield _one("beffroi_ledger_lag_seconds", "Since the oldest of them was recorded.", since(record.oldest_at))
    yield _one("beffroi_cases_open", "Cases that wait for somebody.", stored.cases)
    counts = {state.value: outbox.counts.get(state, 0) for state in EffectState}
    yield _by("beffroi_effects", "What is meant to be done outside, by state.", "state", counts)
    yield _one("beffroi_effect_due_seconds", "Since the oldest due one waits for a worker.", since(outbox.due_at))
    yield _one("beffroi_effect_tried_seconds", "Since the oldest tried one was meant.", since(outbox.tried_at))
    yield _one("beffroi_sweep_late", "1 while what time brings is overdue.", stored.is_sweep_late)


def _one(name: str, means: str, value: float) -> Metric:
    return GaugeMetricFamily(name, means, value=value)


def _by(name: str, means: str, label: str, values: Mapping[str, float]) -> Metric:
    told = GaugeMetricFamily(name, means, labels=(label,))
    for of, value in values.items():
        told.add_metric((of,), value)
    return told
