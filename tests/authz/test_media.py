"""Media opens item by item: what one act opened opens nothing beside it, nothing later, and nothing for a colleague."""

import hashlib
from datetime import timedelta

from sqlalchemy import update

from beffroi.cases import store as cases_store
from beffroi.cases.views import SHIFT
from beffroi.content.model import AccountGiven, MediaGiven, Submission
from beffroi.flow import screening
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service as matching
from beffroi.matching.model import EntryGiven, Stage
from beffroi.staff.model import Role
from tests.nodes import ACTOR

from .askers import asker, send
from .scene import Scene, png
from .test_matrix import origin

PICTURE = png("olive")


def case_of_copies(scene: Scene) -> tuple[str, list[str]]:
    """A case about two posts with the same picture: its id and its items."""
    bank, digest = scene.bank(scene.somebody, Stage.ACTIVE).id, hashlib.sha256(PICTURE).hexdigest()
    scene.house.write(
        "law", ACTOR, lambda tx: matching.add_entry(tx, bank, EntryGiven("sha256", digest), scene.somebody)
    )
    scene.house.index.invalidate()
    media = (MediaGiven(media_type="image/png", content=PICTURE),)
    posts = [Submission(scene.name("copy"), AccountGiven(scene.name("account")), media=media) for _ in range(2)]
    answers = [screening.screen(scene.house, NODE, [post], awaited=False)[0] for post in posts]
    refs = {getattr(answer, "case", None) for answer in answers}
    assert len(refs) == 1
    with scene.house.read() as conn:
        case = cases_store.by_ref(conn, str(refs.pop()))
    assert case is not None
    return case.id, [each.item for each in case.items]


def test_media_is_opened_item_by_item_and_for_one_shift(scene: Scene) -> None:
    case, (first, second) = case_of_copies(scene)
    who, client = asker(scene.node, Role.MODERATOR), scene.node.client

    def status(item: str) -> int:
        answer = send(client, who, "GET", f"/console/cases/{case}/media/{item}/0", {})
        return int(answer.status_code)

    assert (status(first), status(second)) == (404, 404)
    assert send(client, who, "POST", f"/console/cases/{case}/media/{first}", origin(scene)).status_code == 303
    assert (status(first), status(second)) == (200, 404)
    page = send(client, who, "GET", f"/console/cases/{case}?media=open", {}).text
    assert f' src="/console/cases/{case}/media/{first}/0"' in page
    assert f' src="/console/cases/{case}/media/{second}/0"' not in page

    kept, before = cases_store.exposure, scene.house.clock.now() - SHIFT - timedelta(seconds=1)
    aged = update(kept).where(kept.c.case == case).values(at=before)
    scene.house.write("law", ACTOR, lambda tx: tx.conn.execute(aged))
    assert status(first) == 404
