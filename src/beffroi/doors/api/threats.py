"""Warnings for the command line of the node's own machine: facts, to read.

Owns: the handlers of these routes.
Promises: no word of a letter, no name, no address; no route here begins, signs or sends anything.
Never does: be open to an API key: only the local key holds the permission.
"""

from typing import Annotated

from fastapi import Path

from beffroi.flow import warn
from beffroi.ground.kernel.limits import PLATFORM_ID_CHARS_MAX

from . import wire
from .handlers import HouseIn

Threat = Annotated[str, Path(max_length=PLATFORM_ID_CHARS_MAX)]


def list_threats(house: HouseIn) -> wire.ThreatsOut:
    """The newest warnings."""
    return wire.ThreatsOut(threats=tuple(wire.ThreatOut(**row) for row in warn.rows(house)))


def show_threat(threat: Threat, house: HouseIn) -> wire.ThreatOut:
    """One warning, by its id or its reference."""
    return wire.ThreatOut(**warn.row(house, threat))
