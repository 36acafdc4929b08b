"""The matrix of who may do what, as people wrote it down, and the routes that there are.

Owns: reading `matrix.csv`; listing every route of a running application.
Promises: a route that is served is listed, whichever table it comes from.
Never does: write the matrix. It is written by hand and stands beside the permissions as a second statement of the
same intent; made from them it could only agree.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.routing import Route

from beffroi.doors.api.routes import ROUTES as API

from .askers import ASKERS

PATH = Path(__file__).parent / "matrix.csv"


@dataclass(frozen=True)
class Line:
    """One line: a route, whose the thing is, and what each asker is answered.

    `thing`: `own` (the asker's), `other` (somebody else's), `absent`, or `-` where the route names no thing.
    Cells: a status; `login` and `again` are 303 to the gate; 303 is any other place.
    """

    method: str
    path: str
    thing: str
    cells: dict[str, str]

    @property
    def route(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    def __str__(self) -> str:
        """As a test is called."""
        return f"{self.route} {self.thing}"


def lines() -> list[Line]:
    """All lines, in the order in which they were written."""
    with PATH.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if line.strip() and not line.startswith("#"))
        return [
            Line(row["method"], row["path"], row["thing"], {name: row[name].strip() for name in ASKERS}) for row in rows
        ]


def served(application: Any) -> set[str]:
    """Every `METHOD /path` that the application answers."""
    pages = [route for route in application.routes if isinstance(route, Route)]
    found = {f"{method} {route.path}" for route in pages for method in (route.methods or ()) if method != "HEAD"}
    return found | {f"{row.method} {row.path}" for row in API}
