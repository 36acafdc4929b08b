"""Where a node keeps its blobs: a folder beside the database, or a bucket.

Owns: the choice, from the settings.
Promises: the same settings give the same store to the node, to `fsck`, `backup` and `restore`.
Never does: move blobs from one to the other; a backup and a restore do.
"""

from urllib.parse import urlsplit

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.storage import BlobBucket, BlobFolder, BlobStore, Bucket, archive
from beffroi.settings import Settings


def blob_store(settings: Settings) -> BlobStore:
    """The store of these settings.

    Raises:
        Invalid: a bucket without endpoint or keys, or without the package for it.

    """
    if not settings.blobs:
        return BlobFolder(settings.data / archive.BLOBS)
    named = urlsplit(settings.blobs)
    keys = settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()
    if not settings.s3_endpoint or not all(keys):
        raise Invalid("bucket-unreachable", "blobs in a bucket need s3_endpoint, s3_access_key and s3_secret_key")
    return BlobBucket(Bucket(named.netloc, named.path.strip("/"), settings.s3_endpoint, settings.s3_region, *keys))
