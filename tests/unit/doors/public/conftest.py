"""The console's node serves the public pages too."""

from tests.unit.doors.console.conftest import place

__all__ = ["place"]
