"""Connectors: how a decision reaches a platform. One file each, found by `connectors`.

Owns: the list of connectors there are; a module here with a `build` is one, under its module's name.
Promises: what a connector does not declare is not offered; a lost answer is never taken for a done deed.
Never does: decide, retry by itself, or touch the database; a worker performs an intended effect and keeps the outcome.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.net import Outbound

from .capabilities import (
    Act,
    ActKind,
    Capability,
    Connector,
    Done,
    Expect,
    Located,
    Outcome,
    PlatformAct,
    PlatformItem,
    Refused,
    Retry,
    Sighting,
    StatementLink,
    Unknown,
    UserReport,
    VerdictReady,
    act_kind,
)
from .retry import next_try

__all__ = [
    "Act",
    "ActKind",
    "Capability",
    "Connector",
    "Done",
    "Expect",
    "Located",
    "Outcome",
    "PlatformAct",
    "PlatformItem",
    "Refused",
    "Retry",
    "Sighting",
    "StatementLink",
    "Unknown",
    "UserReport",
    "VerdictReady",
    "act_kind",
    "connectors",
    "named",
    "next_try",
]

Build = Callable[[Mapping[str, Any], Outbound, Clock], Connector]
"""Settings of one connector, the way out, the time → the connector."""


def named(connector: Connector | None, url: str) -> str | None:
    """What the platform calls what stands at `url`; None where it cannot be asked or does not know."""
    if connector is None or Capability.LOCATE_BY_URL not in connector.capabilities:
        return None
    located = connector.locate(url)
    return None if located is None else located.platform_id


def connectors() -> dict[str, Build]:
    """Every connector by name; a new one is one new module in this folder."""
    modules = {found.name: import_module(f".{found.name}", __name__) for found in iter_modules(__path__)}
    return {name: module.build for name, module in modules.items() if hasattr(module, "build")}
