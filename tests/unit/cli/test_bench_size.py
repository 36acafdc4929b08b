"""What `beffroi bench size` asks, and how it counts; its measurements are not judged by tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

from beffroi.cli import bench_size
from beffroi.ground.kernel.limits import BATCH_UNITS_MAX


def test_each_upload_is_asked_once_and_few_of_them_match() -> None:
    items = [item for _, body in bench_size._batches(2500) for item in json.loads(body)["items"]]
    assert len({item["platform_id"] for item in items}) == len(items) == 2500
    assert sum("lamp" in item["text"] for item in items) == 3
    assert max(len(json.loads(body)["items"]) for _, body in bench_size._batches(2500)) == BATCH_UNITS_MAX


def test_the_known_picture_comes_once_in_a_thousand() -> None:
    sent = [
        json.loads(body)["item"]["media"][0]["data"] for _, body in bench_size._singles(2000, [b"known", b"a", b"b"])
    ]
    assert sent.count(sent[0]) == 2


def test_computing_time_counts_children_dead_or_alive() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    living = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n{burn}\nprint(flush=True)\ninput()"
    )
    before = bench_size._core_s(os.getpid())
    with subprocess.Popen([sys.executable, "-c", living], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alive = bench_size._core_s(os.getpid()) - before
        child.communicate(b"\n")
    assert alive >= 0.5  # as much as both burnt, less what the kernel rounds
    assert bench_size._core_s(os.getpid()) - before >= alive


def test_the_disk_is_counted_by_part(tmp_path: Path) -> None:
    (tmp_path / "blobs/ab").mkdir(parents=True)
    for name, count in (("beffroi.db", 3), ("beffroi.db-wal", 4), ("vault.db", 5), ("blobs/ab/x", 6), ("other", 7)):
        (tmp_path / name).write_bytes(b"x" * count)
    assert bench_size._bytes(tmp_path) == {"database": 7, "vault": 5, "blobs": 6}
