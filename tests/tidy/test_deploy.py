"""What is shipped for operators reads as it should: compose.yaml, Containerfile, the systemd unit.

No container engine runs here: the files are read, not started. The unit is read by systemd itself where it is there.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from beffroi.settings import Settings
from tests.tidy.sources import ROOT

PINNED = re.compile(r"[\w./-]+:(?:[\w.-]+@sha256:[0-9a-f]{64}|v?\d+\.\d+(?:\.\d+)?(?:-[\w.-]+)?)")
EXPOSURE_MAX = 2.5
"""systemd's own figure for what a unit leaves open, 0 to 10; what it counts against us is the network, mostly."""


def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return read


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile: instruction and arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Containerfile").read_text("utf-8"))
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(head, rest) for head, _, rest in (line.partition(" ") for line in lines)]


SERVICES = sorted(composed()["services"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_pinned_and_locked_in(name: str) -> None:
    service = composed()["services"][name]
    assert "build" in service or PINNED.fullmatch(service["image"]), f"{name}: name an exact version of its image"
    assert int(service["user"].partition(":")[0]) > 0, f"{name} runs as root"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & service.keys()
    mounts = [mount.partition(":")[0] for mount in service.get("volumes", ())]
    assert set(mounts) <= composed()["volumes"].keys(), f"{name} mounts a folder of the host"


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_says_whether_it_is_well_unless_it_ends_by_itself(name: str) -> None:
    service = composed()["services"][name]
    assert "healthcheck" in service or service["restart"] == "no"
    for other, wait in service.get("depends_on", {}).items():
        assert wait["condition"] in {"service_healthy", "service_completed_successfully"}, f"{name} races {other}"


def test_only_the_node_is_reached_and_only_from_this_machine() -> None:
    services = composed()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["node"]
    assert all(port.startswith("127.0.0.1:") for port in services["node"]["ports"])
    assert composed()["networks"]["back"]["internal"] is True
    assert [name for name, service in services.items() if "front" in service["networks"]] == ["node"]


def test_the_settings_of_the_node_exist_and_no_secret_stands_in_the_file() -> None:
    environment = composed()["services"]["node"]["environment"]
    named = {name.removeprefix("BEFFROI_").lower() for name in environment}
    assert named <= Settings.model_fields.keys()
    wanted = (ROOT / "deploy/compose.env").read_text("utf-8")
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text("utf-8")))
    assert asked == set(re.findall(r"^(\w+)=$", wanted, re.MULTILINE)), (
        "deploy/compose.env names what compose.yaml asks"
    )
    for service in composed()["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|KEY", name):
                assert value.startswith("${"), f"{name} has a value"


def test_the_settings_of_the_node_are_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    filled = {"BASE_URL": "https://node.example", "POSTGRES_PASSWORD": "p", "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
    for name, value in composed()["services"]["node"]["environment"].items():
        told = re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled.get(found[1], ""), value)
        monkeypatch.setenv(name, told)
    settings = Settings(data=tmp_path)
    assert settings.trusted_proxies == (composed()["networks"]["front"]["ipam"]["config"][0]["gateway"],)
    assert settings.database_url.startswith("postgresql+psycopg://beffroi:p@database")


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_in_particular() -> None:
    told = instructions()
    bases = [rest.partition(" ")[0] for head, rest in told if head == "FROM"]
    assert all(PINNED.fullmatch(base) for base in bases)
    last = told[max(n for n, (head, _) in enumerate(told) if head == "FROM") :]
    [user] = [rest for head, rest in last if head == "USER"]
    assert int(user.partition(":")[0]) > 0
    assert [head for head, _ in last].index("USER") < [head for head, _ in last].index("ENTRYPOINT")
    assert any(head == "HEALTHCHECK" for head, _ in last)
    assert not any(head == "ADD" for head, _ in told)
    assert any("--frozen" in rest and "--no-dev" in rest for head, rest in told if head == "RUN")
    copied = {part for head, rest in told if head == "COPY" and "--from" not in rest for part in rest.split()[:-1]}
    assert all((ROOT / part).exists() for part in copied)
    let_in = re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text("utf-8"), re.MULTILINE)
    assert {part.removeprefix("./") for part in copied} <= set(let_in)


def test_compose_and_image_agree_on_the_user() -> None:
    [user] = [rest for head, rest in instructions() if head == "USER"]
    assert composed()["services"]["node"]["user"] == user


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        if os.environ.get("BEFFROI_REQUIRE_SYSTEMD") == "1":
            pytest.fail("BEFFROI_REQUIRE_SYSTEMD=1, but there is no systemd-analyze", pytrace=False)
        pytest.skip("no systemd-analyze was found (Debian: apt-get install systemd)")
    return found


def unit(folder: Path) -> Path:
    """The unit, with a program that is there in the place of the one that is not."""
    text = (ROOT / "deploy/beffroi.service").read_text("utf-8")
    assert text.count("/opt/beffroi/bin/beffroi") == 1
    written = folder / "beffroi.service"
    written.write_text(text.replace("/opt/beffroi/bin/beffroi", "/bin/true"))
    return written


def test_systemd_finds_nothing_wrong_with_the_unit(analyze: str, tmp_path: Path) -> None:
    done = subprocess.run([analyze, "verify", str(unit(tmp_path))], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "beffroi.service" in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_the_unit_leaves_little_open(analyze: str, tmp_path: Path) -> None:
    command = [analyze, "security", "--offline=true", "--no-pager", str(unit(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [figure] = re.findall(r"Overall exposure level for beffroi.service: ([\d.]+)", done.stdout)
    assert float(figure) <= EXPOSURE_MAX, done.stdout


def test_the_unit_leaves_the_decoder_what_it_locks_itself_in_with() -> None:
    text = (ROOT / "deploy/beffroi.service").read_text("utf-8")
    [spaces] = re.findall(r"^RestrictNamespaces=(.+)$", text, re.MULTILINE)
    assert set(spaces.split()) == {"user", "net", "ipc"}  # signals/confine.py: _own_network
