"""Start Synapse with the module, a demo node beside it, people and a room; print what to try; end both on Ctrl-C.

Owns: the order of starting, which is forced: the module needs the node's key, the node an administrator's token.
Promises: a second start keeps everything; whatever ends this ends both.
Never does: listen beyond loopback.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from beffroi.app import open_house
from beffroi.flow import sample
from beffroi.ground.kernel.errors import BeffroiError
from beffroi.ground.storage.files import write_private
from beffroi.settings import Settings

from .homeserver import PASSWORD, ROOT, START_S_MAX, Homeserver

PEOPLE = ("alice", "bert", "cara")


def main() -> None:
    """Everything, until Ctrl-C."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs in the background without it
    folder: Path = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pictures = _pictures(folder)
    settings = Settings(data=folder / "node", port=asked.port, demo=True)
    with open_house(settings) as house:
        told = sample.fill(house, (pictures / "lantern-poster.png").read_bytes())
    module = {"node_url": settings.public_url, "api_key": told.api_key, "charter_every_s": 5}
    with Homeserver(folder / "synapse", asked.port + 1, module) as homeserver:
        keeper = homeserver.account("keeper", admin=True)
        node = _node(settings, homeserver, keeper.token)
        try:
            _wait(settings.public_url, node)
            room = _room(homeserver, folder)
            _say(settings, homeserver, told, room, pictures, node.pid)
            node.wait()
        except KeyboardInterrupt:
            pass
        finally:
            node.terminate()
            node.wait()


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="examples/matrix/run", description=__doc__.partition("\n")[0])
    reader.add_argument("--folder", type=Path, default=Path("beffroi-matrix"), help="where everything is kept")
    reader.add_argument("--port", type=int, default=8110, help="of the node; Synapse takes the next one")
    return reader.parse_args()


def _pictures(folder: Path) -> Path:
    drawn = folder / "pictures"
    if not drawn.exists():
        command = [sys.executable, "-m", "examples.agora.pictures", str(drawn)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return drawn


def _node(settings: Settings, homeserver: Homeserver, token: str) -> "subprocess.Popen[bytes]":
    """A process of its own, as an operator would run it, so that it can be killed and started again."""
    config = settings.data.parent / "node.toml"
    lines = (
        f'data = "{settings.data}"\nport = {settings.port}\ndemo = true\nplatform = "matrix"\n'
        f'matrix_url = "{homeserver.url}"\nmatrix_token = "{token}"\n'
        f'outbound_allow = ["127.0.0.1:{homeserver.port}"]\n'
    )
    config.unlink(missing_ok=True)
    write_private(config, lines.encode())
    command = [sys.executable, "-m", "beffroi", "serve", "--config", str(config)]
    with (settings.data.parent / "node.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=os.environ.copy(), stdout=log, stderr=log)


def _room(homeserver: Homeserver, folder: Path) -> str:
    """The room, made at the first start."""
    people = [homeserver.account(name) for name in PEOPLE]
    kept = folder / "room"
    if not kept.exists():
        kept.write_text(people[0].room("The square"))
    for each in people[1:]:
        each.join(kept.read_text())
    return kept.read_text()


def _wait(url: str, node: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S_MAX
    while time.monotonic() < until and node.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("the node did not start; node.log says why")


def _say(settings: Settings, homeserver: Homeserver, told: sample.Told, room: str, pictures: Path, pid: int) -> None:
    alice = homeserver.account("alice")
    send = f"{homeserver.url}/_matrix/client/v3/rooms/{room}/send/m.room.message"
    signs_in = ", ".join(f"{person.email} ({person.role})" for person in told.people)
    print(f"""
  The homeserver  {homeserver.url}   people: {", ".join(PEOPLE)}; administrator: keeper; password: {PASSWORD}
  The room        {room}
  The node        {settings.public_url}/console   sign in as {signs_in}
                  with the password  {told.password}
  Pictures        {pictures}

  Say something that a bank knows (a case opens), then decide it in the console:
    curl -X PUT '{send}/1' -H 'Authorization: Bearer {alice.token}' \\
      -d '{{"msgtype": "m.text", "body": "the herons watched"}}'
  Post the banked picture (refused, with a reason and a link):
    curl -X POST '{homeserver.url}/_matrix/media/v3/upload' -H 'Authorization: Bearer {alice.token}' \\
      -H 'Content-Type: image/png' --data-binary @{pictures}/lantern-poster.png
    curl -X PUT '{send}/2' -H 'Authorization: Bearer {alice.token}' \\
      -d '{{"msgtype": "m.image", "body": "poster.png", "url": "<the mxc address from above>"}}'
  See what happens without the node:  kill -STOP {pid}, post, kill -CONT {pid}

  examples/matrix/README.md has more. Ctrl-C ends both.
""")


if __name__ == "__main__":
    try:
        main()
    except BeffroiError as error:
        raise SystemExit(str(error)) from None
