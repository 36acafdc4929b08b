"""Which store of blobs the settings mean; a node on a bucket, backed up, checked, restored."""

import pytest

from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.flow.blob_store import blob_store
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.storage import BlobBucket, BlobFolder
from beffroi.settings import Settings
from tests.buckets import settings_of

from .node import opened
from .worked import Blind, work


def quiet(_what, _done, _of):
    """Nobody looks."""


def findings(settings, clock):
    with upkeep.open_premises(settings, clock) as premises:
        found = fsck.check(premises, frozenset(PERFORMERS), clock.now(), fsck.Counts(), quiet)
        return [finding.code for finding in found]


def test_without_a_bucket_it_is_the_folder(tmp_path):
    assert isinstance(blob_store(Settings(data=tmp_path)), BlobFolder)


def test_a_bucket_needs_an_address_and_keys(tmp_path, bucket):
    assert isinstance(blob_store(Settings(data=tmp_path, **settings_of(bucket))), BlobBucket)
    for missing in ("s3_endpoint", "s3_access_key", "s3_secret_key"):
        with pytest.raises(Invalid) as refused:
            blob_store(Settings(data=tmp_path, **(settings_of(bucket) | {missing: ""})))
        assert refused.value.code == "bucket-unreachable"


def test_a_node_on_a_bucket_is_backed_up_checked_and_restored_to_a_folder_and_back(tmp_path, bucket):
    clock, on_bucket = FakeClock(), settings_of(bucket)
    with opened(tmp_path / "node", Blind(), clock, **on_bucket) as node:
        work(node)
        there = set(node.house.blobs.keys())
    assert len(there) == 3
    assert not (tmp_path / "node/blobs").exists()
    settings = Settings(data=tmp_path / "node", **on_bucket)
    assert findings(settings, clock) == []
    upkeep.back_up(settings, clock, tmp_path / "backup", tmp_path / "chest", quiet)
    to_folder = Settings(data=tmp_path / "folder")
    upkeep.restore(to_folder, clock, tmp_path / "backup", tmp_path / "chest", same_log=True, progress=quiet)
    assert set(BlobFolder(tmp_path / "folder/blobs").keys()) == there
    assert findings(to_folder, clock) == []
    again = Settings(data=tmp_path / "again", **(on_bucket | {"blobs": f"s3://{bucket.name}/again"}))
    upkeep.restore(again, clock, tmp_path / "backup", tmp_path / "chest", same_log=True, progress=quiet)
    assert set(blob_store(again).keys()) == there
    assert findings(again, clock) == []


def test_a_lost_blob_and_a_lost_bucket_are_found(tmp_path, bucket):
    clock = FakeClock()
    with opened(tmp_path / "node", Blind(), clock, **settings_of(bucket)) as node:
        work(node)
        node.house.blobs.drop(next(node.house.blobs.keys()))
    settings = Settings(data=tmp_path / "node", **settings_of(bucket))
    assert findings(settings, clock) == ["blob-missing"]
    gone = Settings(data=tmp_path / "node", **(settings_of(bucket) | {"s3_endpoint": "http://127.0.0.1:1"}))
    assert findings(gone, clock) == ["not-compared"]
