"""What the ground keeps points only where effects still to be done will read."""

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.records import SealedBlob
from beffroi.ground.records.ground import RECORDS
from beffroi.ground.storage import Effect, Tx, effects
from beffroi.ground.storage.effects import EffectState
from tests.databases import HouseDb

BLOB = BlobKey("a" * 64)


def pointed_to(house: HouseDb) -> list[SealedBlob]:
    return [
        each for keeping in RECORDS if keeping.blobs for each in house.ask(lambda conn, k=keeping: list(k.blobs(conn)))
    ]  # type: ignore[misc]


def test_a_blob_is_awaited_until_its_effect_has_ended(house_db: HouseDb) -> None:
    def work(tx: Tx) -> None:
        tx.intend(Effect("tell", "with", {"blob": BLOB, "subject": "sub_1"}))
        tx.intend(Effect("tell", "without", {"words": "no blob"}))

    house_db.run(work)
    effect = house_db.ask(lambda conn: effects.by_key(conn, "with"))
    assert pointed_to(house_db) == [SealedBlob(f"effect {effect.id}", BLOB, SubjectId("sub_1"), None)]
    house_db.run(lambda tx: effects.settle(tx.conn, effect.id, tx.now, EffectState.DONE, {}))
    assert pointed_to(house_db) == []
