"""What the ground itself keeps: events, effects, the ledger's tables.

Owns: the declarations of these tables, which lie below `records` and cannot declare themselves.
Promises: none of them holds personal data; commitments to it die with their subject's salt.
Never does: anything else.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.ledger.store import checkpoint_table, leaf_table, subtree_table
from beffroi.ground.storage.effects import EffectState, effect_table
from beffroi.ground.storage.events import event_table

from .keeping import Keeping, Retention, SealedBlob
from .spooled import KEEPING as SPOOLED

_FACTS = Retention("as long as the node's record; holds no personal data")


def _awaited(conn: Connection) -> Iterator[SealedBlob]:
    """What effects still to be carried out will read: their payload names `blob` and `subject`."""
    waiting = select(effect_table.c.id, effect_table.c.payload).where(effect_table.c.state == EffectState.INTENDED)
    for effect, payload in conn.execute(waiting):
        if "blob" in payload:
            yield SealedBlob(f"effect {effect}", BlobKey(payload["blob"]), SubjectId(payload["subject"]), None)


RECORDS = (
    Keeping(event_table, "what happened, so that nobody can quietly change it", _FACTS),
    Keeping(effect_table, "what was meant to be done outside, and what became of it", _FACTS, blobs=_awaited),
    Keeping(leaf_table, "the transparency log", _FACTS),
    Keeping(subtree_table, "the transparency log", _FACTS),
    Keeping(checkpoint_table, "the transparency log", _FACTS),
    SPOOLED,
)
