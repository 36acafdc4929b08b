"""Blobs in a bucket of a real S3 server: the promises of a store of blobs, and what happens when it is not there."""

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beffroi.ground.kernel.errors import InvariantViolated, NotFound, Unavailable
from beffroi.ground.kernel.ids import BlobKey
from beffroi.ground.storage import BlobBucket, Bucket
from beffroi.ground.storage.blobs import place_of

CONTENT = b"a neutral picture"
KEY = BlobKey(hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def blobs(bucket: Bucket) -> BlobBucket:
    return BlobBucket(bucket)


@pytest.mark.parametrize("content", [b"", b"\0", CONTENT, os.urandom(12 * 2**20)], ids=["none", "nul", "some", "much"])
def test_comes_back_as_it_was(blobs: BlobBucket, content: bytes) -> None:
    key = blobs.put(content)
    assert key == hashlib.sha256(content).hexdigest()
    assert blobs.get(key) == content
    assert blobs.has(key)
    assert list(blobs.keys()) == [key]


def test_the_same_bytes_are_there_once(blobs: BlobBucket) -> None:
    assert blobs.put(CONTENT) == blobs.put(CONTENT)
    assert list(blobs.keys()) == [KEY]


def test_what_was_dropped_is_gone_and_dropping_again_does_no_harm(blobs: BlobBucket) -> None:
    blobs.put(CONTENT)
    blobs.drop(KEY)
    blobs.drop(KEY)
    assert not blobs.has(KEY)
    with pytest.raises(NotFound):
        blobs.get(KEY)


@pytest.mark.parametrize("key", ["", "ab", "../../other", KEY.upper(), KEY + "0", "²" * 64])
def test_what_is_no_key_is_no_path(blobs: BlobBucket, key: str) -> None:
    for ask in (blobs.get, blobs.has, blobs.drop):
        with pytest.raises(NotFound):
            ask(BlobKey(key))


def test_what_is_older_than_an_instant(blobs: BlobBucket) -> None:
    blobs.put(CONTENT)
    now = datetime.now(UTC)
    assert list(blobs.older_than(now + timedelta(hours=1))) == [KEY]
    assert list(blobs.older_than(now - timedelta(hours=1))) == []


def test_a_server_that_changed_the_bytes_is_found_out(blobs: BlobBucket) -> None:
    blobs.put(CONTENT)
    blobs._store.put(place_of(KEY), b"something else")
    with pytest.raises(InvariantViolated) as found:
        blobs.get(KEY)
    assert found.value.code == "blob-changed"


def test_two_nodes_share_a_bucket_under_prefixes_of_their_own(blobs: BlobBucket, bucket: Bucket) -> None:
    other = BlobBucket(replace(bucket, prefix="another"))
    blobs.put(CONTENT)
    assert list(other.keys()) == []
    assert not other.has(KEY)


def test_what_was_written_before_and_what_again_since(blobs: BlobBucket) -> None:
    blobs.put(CONTENT)
    now, hour = datetime.now(UTC), timedelta(hours=1)
    assert list(blobs.older_than(now - hour)) == []
    assert list(blobs.older_than(now + hour)) == [KEY]


def test_more_than_a_page_of_keys(blobs: BlobBucket) -> None:
    put = {blobs.put(str(number).encode()) for number in range(1005)}
    assert set(blobs.keys()) == put


@pytest.mark.parametrize("wrong", [{"endpoint": "http://127.0.0.1:1"}, {"name": "no-such-bucket"}])
def test_a_server_that_is_not_there_is_unavailable_and_says_nothing_of_keys(
    bucket: Bucket, wrong: dict[str, str]
) -> None:
    blobs = BlobBucket(replace(bucket, secret_key="a-canary", **wrong))
    with pytest.raises(Unavailable) as refused:
        blobs.put(CONTENT)
    assert refused.value.code == "bucket-silent"
    assert "canary" not in str(refused.value)
    assert "a-canary" not in repr(bucket)
