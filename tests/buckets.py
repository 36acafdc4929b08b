"""A real S3 server on loopback for tests: moto's, in this process.

Owns: `s3_server`, `bucket`.
Promises: each bucket is a new one.
Never does: leave this machine.
"""

import logging
import socket
import warnings
from collections.abc import Iterator
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from beffroi.ground.storage import Bucket


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of the server, one for the whole run of this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> Bucket:
    """A new bucket, empty."""
    name = f"test-{uuid4().hex}"
    urlopen(Request(f"{s3_server}/{name}", method="PUT")).close()  # noqa: S310 (loopback)
    return Bucket(name, "blobs", s3_server, "us-east-1", "key", "secret")


def settings_of(bucket: Bucket) -> dict[str, str]:
    """The same as operation settings."""
    return {
        "blobs": f"s3://{bucket.name}/{bucket.prefix}", "s3_endpoint": bucket.endpoint, "s3_access_key": "key",
        "s3_secret_key": "secret",
    }  # fmt: skip
