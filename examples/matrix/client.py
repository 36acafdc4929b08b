"""The few calls of the Matrix client API that the example, the tests and the measurement make.

Owns: one person's token.
Promises: every call returns what the server answered, good or bad; nothing is hidden.
Never does: retry.
"""

from itertools import count
from typing import Any
from urllib.parse import quote

import httpx

_V3 = "/_matrix/client/v3"


class Client:
    """One person at one homeserver."""

    _txns = count(1)

    def __init__(self, url: str, user: str, token: str) -> None:
        """`user` is the whole Matrix id."""
        self.user, self.token = user, token
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def room(self, name: str, *, is_open: bool = True, is_readable: bool = True) -> str:
        """A new room: anybody may join, and read it without joining; or only who is invited."""
        history = {"history_visibility": "world_readable" if is_open and is_readable else "shared"}
        guests = {"guest_access": "can_join" if is_open else "forbidden"}
        state = [("m.room.history_visibility", history), ("m.room.guest_access", guests)]
        made = self.http.post(
            f"{_V3}/createRoom",
            json={
                "name": name,
                "preset": "public_chat" if is_open else "private_chat",
                "initial_state": [{"type": kind, "state_key": "", "content": content} for kind, content in state],
            },
        )
        made.raise_for_status()
        return str(made.json()["room_id"])

    def join(self, room: str) -> None:
        """Join an open room, or one to which one is invited."""
        self.http.post(f"{_V3}/join/{quote(room)}", json={}).raise_for_status()

    def invite(self, room: str, user: str) -> None:
        """Ask somebody in."""
        self.http.post(f"{_V3}/rooms/{quote(room)}/invite", json={"user_id": user}).raise_for_status()

    def send(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> httpx.Response:
        """Send an event."""
        txn = f"t{next(self._txns)}-{id(self)}"
        return self.http.put(f"{_V3}/rooms/{quote(room)}/send/{kind}/{txn}", json=content)

    def say(self, room: str, words: str) -> httpx.Response:
        """Send words."""
        return self.send(room, {"msgtype": "m.text", "body": words})

    def show(self, room: str, mxc: str, name: str = "picture.png") -> httpx.Response:
        """Send a picture that is uploaded."""
        return self.send(room, {"msgtype": "m.image", "body": name, "url": mxc, "info": {"mimetype": "image/png"}})

    def edit(self, room: str, event: str, words: str) -> httpx.Response:
        """Replace the words of an event."""
        new = {"msgtype": "m.text", "body": words}
        relates = {"rel_type": "m.replace", "event_id": event}
        return self.send(room, {**new, "body": f"* {words}", "m.new_content": new, "m.relates_to": relates})

    def redact(self, room: str, event: str) -> httpx.Response:
        """Take an event back."""
        txn = f"r{next(self._txns)}-{id(self)}"
        return self.http.put(f"{_V3}/rooms/{quote(room)}/redact/{quote(event)}/{txn}", json={})

    def upload(self, content: bytes, kind: str = "image/png") -> httpx.Response:
        """Upload a file."""
        return self.http.post("/_matrix/media/v3/upload", content=content, headers={"Content-Type": kind})

    def uploaded(self, content: bytes, kind: str = "image/png") -> str:
        """Upload a file that must be taken; its mxc address."""
        answer = self.upload(content, kind)
        answer.raise_for_status()
        return str(answer.json()["content_uri"])

    def download(self, mxc: str) -> httpx.Response:
        """Get a file."""
        return self.http.get(f"/_matrix/client/v1/media/download/{mxc.removeprefix('mxc://')}")

    def thumbnail(self, mxc: str, side: int = 96) -> httpx.Response:
        """Get a file's thumbnail."""
        query = {"width": side, "height": side, "method": "crop"}
        return self.http.get(f"/_matrix/client/v1/media/thumbnail/{mxc.removeprefix('mxc://')}", params=query)

    def event(self, room: str, event: str) -> httpx.Response:
        """Look at an event."""
        return self.http.get(f"{_V3}/rooms/{quote(room)}/event/{quote(event)}")

    def messages(self, room: str) -> list[dict[str, Any]]:
        """The newest events of a room, the newest first."""
        answer = self.http.get(f"{_V3}/rooms/{quote(room)}/messages", params={"dir": "b", "limit": 50})
        answer.raise_for_status()
        return list(answer.json()["chunk"])

    def report(self, room: str, event: str, reason: str) -> httpx.Response:
        """Report an event to the server's people."""
        return self.http.post(f"{_V3}/rooms/{quote(room)}/report/{quote(event)}", json={"reason": reason})

    def set_profile(self, field: str, value: str) -> httpx.Response:
        """Set `displayname` or `avatar_url`."""
        return self.http.put(f"{_V3}/profile/{quote(self.user)}/{field}", json={field: value})

    def notices(self) -> list[str]:
        """What the server told this person in its notices room, the oldest first."""
        rooms = self.http.get(f"{_V3}/joined_rooms").json()["joined_rooms"]
        events = [event for room in rooms for event in reversed(self.messages(room))]
        said = [event for event in events if event["sender"].startswith("@notices:")]
        return [event["content"]["body"] for event in said if event["type"] == "m.room.message"]
