"""A form of ours is sent by a page of ours; and what machines call looks at no cookie."""

import pytest

from beffroi.doors.api.routes import ROUTES as API
from beffroi.doors.console.routes import ROUTES as CONSOLE
from beffroi.doors.public.routes import ROUTES as PUBLIC
from beffroi.doors.web.csrf import SAFE_METHODS
from beffroi.staff.model import Role

from .askers import asker
from .asks import ASKS
from .matrix import served
from .scene import Scene
from .sent import Whose
from .test_matrix import answered, newest, origin

FORMS = [f"{row.method} {row.path}" for row in (*PUBLIC, *CONSOLE) if row.method not in SAFE_METHODS]
GUARDED = [f"{row.method} {row.path}" for row in API if row.permission is not None]
ELSEWHERE = {
    "another site": {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    "another site, old browser": {"Origin": "https://elsewhere.example"},
    "another port of this host": {"Origin": "http://127.0.0.1:9", "Sec-Fetch-Site": "same-site"},
    "a page that hides where it is": {"Origin": "null"},
    "nothing said": {},
}


@pytest.mark.parametrize("route", FORMS)
def test_a_form_from_elsewhere_is_refused_whoever_is_signed_in(scene: Scene, route: str) -> None:
    wrong = []
    for name in ("public", *(role.value for role in Role)):
        who = asker(scene.node, name)
        sent = ASKS[route](Whose(scene, who, "own"))
        before = newest(scene)
        cells = {where: answered(scene, who, route, sent, headers) for where, headers in ELSEWHERE.items()}
        wrong += [f"{name}, {where}: {cell}" for where, cell in cells.items() if cell != "403"]
        if newest(scene) != before:
            wrong.append(f"{name}: something was recorded")
    assert not wrong, "\n".join(wrong)


def test_every_route_that_changes_something_is_a_form_or_for_machines(scene: Scene) -> None:
    unsafe = {route for route in served(scene.node.client.app) if route.partition(" ")[0] not in SAFE_METHODS}
    assert unsafe == set(FORMS) | {f"{row.method} {row.path}" for row in API if row.method not in SAFE_METHODS}


@pytest.mark.parametrize("route", GUARDED)
def test_a_cookie_opens_nothing_that_is_for_machines(scene: Scene, route: str) -> None:
    for role in Role:
        who = asker(scene.node, role.value)
        sent = ASKS[route](Whose(scene, who, "other"))
        assert answered(scene, who, route, sent, origin(scene)) == "401"
