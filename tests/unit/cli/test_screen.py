"""`beffroi screen`: what in these files matches, one object a line, past what cannot be read."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.unit.cli.conftest import Run


def _picture(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed)
    pixels = np.kron(noise.random((16, 16, 3)), np.ones((32, 32, 1))) * 255
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def _prepared(beffroi: Run, folder: Path) -> None:
    _picture(folder / "known.png", 1)
    (folder / "words.txt").write_text("the paper lamp sings\n")
    for bank, file in (("Pictures", "known.png"), ("Words", "words.txt")):
        assert beffroi("bank", "create", bank, "--purpose", "a test").returncode == 0
        kind = ["--type", "phrase"] if file == "words.txt" else []
        done = beffroi("bank", "import", folder / file, "--bank", bank, *kind)
        assert done.returncode == 0, done.stderr


def test_folders_pictures_and_texts(beffroi: Run, tmp_path: Path) -> None:
    _prepared(beffroi, tmp_path)
    given = tmp_path / "given"
    (given / "deep").mkdir(parents=True)
    Image.open(tmp_path / "known.png").convert("RGB").save(given / "deep" / "copy.jpg", quality=60)
    _picture(given / "other.png", 2)
    (given / "note.md").write_text("Tonight The Paper  Lamp sings.")
    (given / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\0")
    done = beffroi("screen", "--json", given, given / "missing")
    rows = {Path(row["path"]).name: row["matches"] for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 3
    assert "broken.jpg" in done.stderr
    assert "missing" in done.stderr
    [match] = rows["copy.jpg"]
    assert (match["bank"], match["type"]) == ("Pictures", "pdq")
    assert 0 <= match["distance"] <= 31
    assert match["entry"].startswith("ent_")
    assert rows["other.png"] == []
    assert [m["bank"] for m in rows["note.md"]] == ["Words"]


def test_exit_codes(beffroi: Run, tmp_path: Path) -> None:
    assert beffroi("screen").returncode == 2, "wrong use"
    assert beffroi("screen", tmp_path).returncode == 1, "no banks yet"
    _prepared(beffroi, tmp_path)
    assert beffroi("screen", tmp_path / "known.png").returncode == 0
