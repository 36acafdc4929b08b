"""What was recorded, as lines of the log.

Owns: which parts of an event stand in its line.
Promises: ids only: the event's, what it is about, who did it; no facts, no commitments, nobody's name.
Never does: log what was not committed.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from beffroi.ground.kernel.log import note

_log = logging.getLogger("beffroi.event")
_OPERATORS_NAME = "command-line"


def tell(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line for each of these rows of `event`."""
    if rows:
        note(_log, logging.INFO, map(_line, rows))


def _line(row: Mapping[str, Any]) -> dict[str, object]:
    actor = str(row["actor"])
    if actor.startswith(_OPERATORS_NAME):  # what follows is somebody's name on this machine
        actor = _OPERATORS_NAME
    about = {"aggregate": row["aggregate"], "aggregate_id": row["aggregate_id"]}
    return {"event": row["type"], "id": row["id"], **about, "actor": actor}
