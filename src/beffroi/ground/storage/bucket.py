"""Blobs in a bucket of an S3 server.

Owns: `BlobBucket`.
Promises: what `BlobStore` promises, as far as the server keeps its own word: an object that was acknowledged is durable
there. Credentials come from the settings and from nowhere else; no request goes to anything but the endpoint.
Never does: know what the bytes are, trust the server with them (they come sealed, and are checked by their digest when
read), or make the bucket.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..kernel.errors import Invalid, NotFound, Unavailable
from ..kernel.ids import BlobKey
from ..kernel.limits import BUCKET_CALL_S_MAX, BUCKET_CONNECT_S_MAX, BUCKET_RETRIES_MAX
from .blobs import checked, place_of

if TYPE_CHECKING:
    from obstore.store import S3Store


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which bucket, where, and by whose leave. `prefix`: the folder within it, without slashes at its ends."""

    name: str
    prefix: str
    endpoint: str
    """`https://…`; `http://` is for a server that only this machine or network reaches."""
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


class BlobBucket:
    """The blobs under one prefix of one bucket; thread-safe."""

    def __init__(self, bucket: Bucket) -> None:
        """Nothing is asked of the server yet.

        Raises:
            Invalid: the package `obstore` is not installed (`pip install beffroi[s3]`).

        """
        self._store = _store(bucket)

    def put(self, content: bytes) -> BlobKey:
        """Store and return the key; the server has acknowledged it on return.

        Raises:
            Unavailable: it did not; the same call may succeed later.

        """
        key = BlobKey(hashlib.sha256(content).hexdigest())
        try:
            with _failures_told():
                self._store.put(place_of(key), content)
        except NotFound:
            raise Unavailable("bucket-silent", "the server has no such bucket; nothing was done") from None
        return key

    def get(self, key: BlobKey) -> bytes:
        """The bytes.

        Raises:
            NotFound: no such blob.
            InvariantViolated: the server's bytes are not what the key says.
            Unavailable: it did not answer.

        """
        with _failures_told():
            content = bytes(self._store.get(place_of(key)).bytes())
        return checked(key, content)

    def has(self, key: BlobKey) -> bool:
        """Whether it is stored."""
        place = place_of(key)
        try:
            with _failures_told():
                self._store.head(place)
        except NotFound:
            return False
        return True

    def drop(self, key: BlobKey) -> None:
        """Remove it, if it is there."""
        place = place_of(key)
        try:
            with _failures_told():
                self._store.delete(place)
        except NotFound:
            return

    def keys(self) -> Iterator[BlobKey]:
        """All keys, in no order."""
        return (key for key, _ in self._listed())

    def older_than(self, at: datetime) -> Iterator[BlobKey]:
        """Keys of blobs written before that instant, by the server's clock; storing again counts as writing."""
        return (key for key, written_at in self._listed() if written_at < at)

    def _listed(self) -> Iterator[tuple[BlobKey, datetime]]:
        with _failures_told():
            for page in self._store.list():
                yield from ((BlobKey(found["path"].rpartition("/")[2]), found["last_modified"]) for found in page)


def _store(bucket: Bucket) -> "S3Store":
    try:
        from obstore.store import S3Store  # noqa: PLC0415 (an extra: most nodes keep blobs in a folder)
    except ImportError:
        raise Invalid("no-obstore", "blobs in a bucket need the package obstore: pip install beffroi[s3]") from None
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": timedelta(seconds=BUCKET_CALL_S_MAX),
            "connect_timeout": timedelta(seconds=BUCKET_CONNECT_S_MAX),
        },
        retry_config={"max_retries": BUCKET_RETRIES_MAX, "retry_timeout": timedelta(seconds=BUCKET_CALL_S_MAX)},
    )


@contextmanager
def _failures_told() -> Iterator[None]:
    """The library's failures as ours; of its words nothing, for they may quote a signed address."""
    from obstore.exceptions import BaseError, NotFoundError  # noqa: PLC0415 (see `_store`)

    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise NotFound("no-such-blob", "no blob has this key") from None
    except (BaseError, OSError) as error:
        told = f"the bucket did not answer ({type(error).__name__}); nothing was done"
        raise Unavailable("bucket-silent", told) from None
