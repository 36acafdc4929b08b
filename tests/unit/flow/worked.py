"""A node at which something of everything has happened: what tests of upkeep copy and damage."""

from collections.abc import Sequence

from beffroi.content.model import AccountGiven, MediaGiven
from beffroi.flow import screening
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records import erase
from beffroi.ground.storage import Tx
from beffroi.signals import Decoder
from beffroi.signals.model import PictureFacts, Undecodable
from tests.unit.flow.node import PHRASE, PLATFORM, Node

CANARY = "Lantern Keeper Quillon"
"""A name that stands nowhere else; whoever finds it in a file has found personal bytes."""
UPLOAD = b"bytes that were sent ahead"
MEDIA = b"bytes of a file that matched"


def work(node: Node) -> None:
    """Posts, a kept file, a decision that was carried out, an upload, a verdict still owed, somebody erased."""
    node.bank()
    media = (MediaGiven("file-1", content=MEDIA),)
    node.post(1, media=media, account=AccountGiven("u-1", CANARY))
    node.post(2, text=f"a post by {CANARY} that matches nothing")
    node.post(3, text="a post of somebody who left", account=AccountGiven("u-2", f"{CANARY} the Second"))
    (case,) = node.cases()
    node.decide(case)
    node.move(hours=1)  # past the undo hold
    node.work()
    screening.take_upload(node.house, PLATFORM, UPLOAD)
    screening.owe(node.house, PLATFORM, node.given(4, text=f"{CANARY} waits for an answer. {PHRASE}"))
    node.house.write("law", PLATFORM, erase_second)
    node.move(seconds=1)
    node.house.integrator.beat()


def erase_second(tx: Tx) -> None:
    """The account `u-2` asks for it."""
    erase(tx, account_of(tx, "u-2"), "request", KEEPINGS)


def account_of(tx: Tx, platform_id: str) -> SubjectId:
    """An account is the subject of what it posted."""
    found = tx.conn.exec_driver_sql(
        f"SELECT account FROM account_locator WHERE platform_id = '{platform_id}'"  # noqa: S608 (ours)
    )
    return SubjectId(found.scalar_one())


class Blind(Decoder):
    """A decoder that sees no picture in any file, and starts no child."""

    def pictures(self, files: Sequence[bytes]) -> list[PictureFacts | Undecodable]:
        return [Undecodable("not-a-picture") for _ in files]
