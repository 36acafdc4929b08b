"""The heartbeat: a monitor elsewhere hears at a fixed beat that this node lives, because a dead node pages nobody.

Owns: what is sent, and when nothing is.
Promises: no beat while an alarm is raised that somebody must come for now, so that the monitor pages for a node that
lives and does not work as for one that is dead; figures and codes only.
Never does: wait for the database longer than its time-outs, or try a beat twice; the next one comes.
"""

import logging

from beffroi import __version__
from beffroi.flow.health import Health, measure
from beffroi.flow.house import House
from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.json import canonical
from beffroi.ground.kernel.limits import HEARTBEAT_ANSWER_BYTES_MAX, HEARTBEAT_TOTAL_S_MAX

_log = logging.getLogger(__name__)
_ANSWERED = range(200, 300)


def beat(house: House) -> bool:
    """Tell the monitor how the node is; false where it is told nothing, because somebody must come.

    Raises:
        Unavailable: the monitor could not be reached, or did not take it.

    """
    health = measure(house)
    if health.is_paging:
        _log.error("no heartbeat: %s", " ".join(alarm for alarm in health.alarms if alarm.pages))
        return False
    answer = house.outbound.post(
        house.settings.heartbeat_url.get_secret_value(),
        canonical(_told(house, health)),
        headers={"Content-Type": "application/json"},
        body_bytes_max=HEARTBEAT_ANSWER_BYTES_MAX,
        total_s=HEARTBEAT_TOTAL_S_MAX,
    )
    if answer.status not in _ANSWERED:
        raise Unavailable("heartbeat-refused", f"the monitor answered {answer.status}")
    return True


def _told(house: House, health: Health) -> dict[str, object]:
    status = "red" if health.alarms else "ok"
    own = {"node": house.settings.public_url, "version": __version__, "at": rfc3339(health.now)}
    return own | {"status": status, "alarms": [alarm.value for alarm in health.alarms]}
