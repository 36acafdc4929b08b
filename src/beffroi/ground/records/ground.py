"""What the ground itself keeps: events, effects, the ledger's tables.

Owns: the declarations of these tables, which lie below `records` and cannot declare themselves.
Promises: none of them holds personal data; commitments to it die with their subject's salt.
Never does: anything else.
"""

from beffroi.ground.ledger.store import checkpoint_table, leaf_table, subtree_table
from beffroi.ground.storage.effects import effect_table
from beffroi.ground.storage.events import event_table

from .keeping import Keeping, Retention

_FACTS = Retention("as long as the node's record; holds no personal data")

RECORDS = (
    Keeping(event_table, "what happened, so that nobody can quietly change it", _FACTS),
    Keeping(effect_table, "what was meant to be done outside, and what became of it", _FACTS),
    Keeping(leaf_table, "the transparency log", _FACTS),
    Keeping(subtree_table, "the transparency log", _FACTS),
    Keeping(checkpoint_table, "the transparency log", _FACTS),
)
