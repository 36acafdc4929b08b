"""What is handed out: a bill of materials that names everything, and a wheel that anybody can build again."""

import hashlib
import json
import os
import subprocess
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.supply.audit import ROOT, locked, uv


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_bill_of_materials_names_every_package_with_its_digests() -> None:
    """CycloneDX, made from the lock file, so that it is of what is installed."""
    said = run(uv(), "export", "--frozen", "--all-groups", "--format", "cyclonedx1.5", "--quiet")
    bill = json.loads(said)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    named = {each["name"]: each for each in bill["components"]}
    assert {name: each["version"] for name, each in named.items()} == {
        name: version for name, version in locked().items() if name in named
    }
    runtime = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {line.split(">")[0].split("[")[0].split("<")[0] for line in runtime}
    assert wanted <= named.keys()
    for each in named.values():
        references = each["externalReferences"]
        assert references, each["name"]
        assert all(reference["hashes"][0]["alg"] == "SHA-256" for reference in references), each["name"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Built twice: in other folders, at other times, from what git has; with the mask of a release."""
    made = []
    when = run("git", "log", "-1", "--format=%ct").strip()
    for number in range(2):
        folder = tmp_path_factory.mktemp(f"build-{number}-{'x' * number * 20}")
        archive = folder / "source.tar"
        run("git", "archive", "--output", str(archive), "HEAD")
        (folder / "source").mkdir()
        was = os.umask(0o022)
        try:
            run("tar", "xf", str(archive), "-C", str(folder / "source"), "--no-same-permissions")
            run(uv(), "build", "--offline", "--wheel", "--quiet", "--out-dir", str(folder / "out"), ".",
                cwd=folder / "source", SOURCE_DATE_EPOCH=when)  # fmt: skip
        finally:
            os.umask(was)
        made += (folder / "out").glob("*.whl")
        time.sleep(2.1)  # a ZIP counts in steps of two seconds
    return made


def test_built_twice_it_has_the_same_bytes(wheels: list[Path]) -> None:
    assert len(wheels) == 2
    digests = {hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}
    assert len(digests) == 1, differing(wheels)


def differing(wheels: list[Path]) -> list[str]:
    with zipfile.ZipFile(wheels[0]) as one, zipfile.ZipFile(wheels[1]) as other:
        first, second = ({(each.filename, each.CRC, each.external_attr) for each in w.infolist()} for w in (one, other))
        return [str(each) for each in sorted(first ^ second)]


def test_with_a_compiler_it_carries_the_extension(compiler: str, wheels: list[Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as wheel:
        assert [name for name in wheel.namelist() if name.endswith(".so")] == ["beffroi/_kernels.abi3.so"]
    assert "-cp311-abi3-" in wheels[0].name


def test_without_a_compiler_it_is_for_any_machine(tmp_path: Path) -> None:
    run("git", "archive", "--output", str(tmp_path / "source.tar"), "HEAD")
    (tmp_path / "source").mkdir()
    run("tar", "xf", str(tmp_path / "source.tar"), "-C", str(tmp_path / "source"))
    run(uv(), "build", "--offline", "--wheel", "--quiet", "--out-dir", str(tmp_path / "out"), ".",
        cwd=tmp_path / "source", CC="/nowhere/cc")  # fmt: skip
    [made] = (tmp_path / "out").glob("*.whl")
    assert made.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(made) as wheel:
        assert not [name for name in wheel.namelist() if name.endswith(".so")]


def test_the_wheel_holds_the_program_and_nothing_beside_it(wheels: list[Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = wheel.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"beffroi"}
    assert any(name.endswith(".html") for name in names)
    assert any(name.endswith("migrations/versions/0001_first.py") for name in names)
