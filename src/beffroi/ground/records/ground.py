"""What the ground itself keeps: events, effects, the ledger's tables, holds, wishes, blobs on their way out.

Owns: the declarations of these tables, which lie below `records` and cannot declare themselves.
Promises: none of them holds personal data; commitments to it die with their subject's salt.
Never does: anything else.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.ledger.store import checkpoint_table, leaf_table, subtree_table
from beffroi.ground.storage.doomed import doomed_table
from beffroi.ground.storage.effects import EffectState, effect_table
from beffroi.ground.storage.events import event_table

from . import erasure, holds
from .keeping import Keeping, Retention, SealedBlob
from .spooled import KEEPING as SPOOLED

_FACTS = Retention("as long as the node's record; holds no personal data")


def _awaited(conn: Connection) -> Iterator[SealedBlob]:
    """What effects will read that are still to be carried out, or can be tried again: `blob` and `subject`."""
    open_ = effect_table.c.state.in_([EffectState.INTENDED, EffectState.FAILED])
    waiting = select(effect_table.c.id, effect_table.c.payload).where(open_)
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
    holds.RECORD,
    erasure.RECORD,
    Keeping(
        doomed_table,
        "which blobs are still to be removed from the disk",
        Retention("seconds; the keys of these blobs are destroyed already", owner="retention.drop_blobs"),
    ),
)
