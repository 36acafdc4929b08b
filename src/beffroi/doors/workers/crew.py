"""The threads of a node that nobody called.

Owns: `Crew`: effect workers, the sweep, the daily look for leftovers, the ledger's beat, the look at the node's own
health, the heartbeat, the reading of users' reports.
Promises: each loop goes on after a failure; its turns and its last failure are noted in the house's `watch`; nothing
is signed while the clock is behind what it showed before; `stop` returns when all have stopped.
Never does: share a transaction between loops.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from beffroi.doors.platforms import Capability, Connector
from beffroi.flow import health, leftovers, spool, sweeps
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import (
    ALARMS_EVERY_S,
    CLOCK_BACK_S_MAX,
    EFFECT_LEASE_S,
    EFFECT_WORKERS,
    EFFECTS_CLAIMED_MAX,
    IDLE_S,
    LEDGER_CADENCE_S,
    LEFTOVERS_EVERY_S,
    REPORTS_EVERY_S,
    SPOOL_EVERY_S,
    SWEEP_EVERY_S,
)
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import StoredEffect
from beffroi.ground.storage.tx import NODE

from . import heartbeat
from .outward import perform
from .reports import read_reports

_log = logging.getLogger(__name__)


class Crew:
    """The loops of one node."""

    def __init__(self, house: House, connector: Connector | None) -> None:
        """`connector` is the platform, if one is connected."""
        self._house, self._connector, self._watch = house, connector, house.watch
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start all loops."""
        for number in range(EFFECT_WORKERS):
            self._loop(f"effects-{number}", self._effects, IDLE_S)
        self._loop("sweep", self._sweep, SWEEP_EVERY_S)
        self._loop("leftovers", self._leftovers, LEFTOVERS_EVERY_S)
        self._loop("ledger", self._ledger, LEDGER_CADENCE_S)
        self._loop("spool", self._spool, SPOOL_EVERY_S)
        self._loop("alarms", self._alarms, ALARMS_EVERY_S)
        if self._house.settings.heartbeat_url:
            self._loop("heartbeat", self._heartbeat, self._house.settings.heartbeat_s)
        connector = self._connector
        if connector is not None and Capability.REPORTS in connector.capabilities:
            self._loop("reports", lambda: read_reports(self._house, connector), REPORTS_EVERY_S)

    def stop(self) -> None:
        """Stop them, each after what it is doing."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, name: str, turn: Callable[[], bool], pause_s: float) -> None:
        def run() -> None:
            while not self._stopping.is_set():
                try:
                    more = turn()
                    self._watch.failures.pop(name, None)
                except Exception as error:  # noqa: BLE001 (a loop must outlive whatever one turn met)
                    more = False
                    self._watch.failures[name] = type(error).__name__
                    _log.exception("the loop %s failed and goes on", name)
                self._watch.turned(name)
                if not more:
                    self._stopping.wait(pause_s)
            self._watch.ended(name)

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        self._watch.begun(name, thread, pause_s)

    def _effects(self) -> bool:
        """Claim due effects and perform them; whether there may be more."""
        house = self._house
        with house.read() as conn:
            if not effects.any_due(conn, house.clock.now()):
                return False
        lease = timedelta(seconds=EFFECT_LEASE_S)
        claimed: list[StoredEffect] = house.writer.run(
            "law", NODE, lambda tx: effects.claim(tx.conn, tx.now, limit=EFFECTS_CLAIMED_MAX, lease=lease)
        )
        for effect in claimed:
            perform(house, self._connector, effect)
        return bool(claimed)

    def _sweep(self) -> bool:
        self._watch.clock_back_s()  # looks at the clock, so that no jump goes unseen
        return sweeps.sweep(self._house) > 0

    def _spool(self) -> bool:
        """Enter what waits beside the record, and take the reserved room back once there is plenty."""
        if self._house.reserve is not None:
            self._house.reserve.keep()
        with suppress(Unavailable):  # not yet; the health page says how much waits
            spool.drain(self._house)
        return False

    def _leftovers(self) -> bool:
        leftovers.collect(self._house)
        return False

    def _ledger(self) -> bool:
        back_s = self._watch.clock_back_s()
        if back_s > CLOCK_BACK_S_MAX:
            raise Unavailable(
                "clock-back", f"the clock was set back by {back_s:.0f} s: nothing is signed until it is past"
            )
        self._house.integrator.beat()
        return False

    def _alarms(self) -> bool:
        health.look(self._house)
        return False

    def _heartbeat(self) -> bool:
        heartbeat.beat(self._house)
        return False
