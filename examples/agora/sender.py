"""The thread that empties the outbox.

Owns: when a message is tried, again and again with growing pauses, and what happens to its answer.
Promises: in order, one at a time; a node that is down costs one attempt per pause, however long the queue.
A message leaves the queue in the same transaction that acts on its answer.
Never does: hold up a visitor. `ask_now` lets an author wait for a bounded time only.
"""

import json
import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from . import outbox, screening, store
from .node import Answer, Node, Refused, Silent
from .outbox import Message
from .store import Store, now

log = logging.getLogger("agora.sender")

PAUSE_S_FIRST = 1.0
PAUSE_S_MAX = 30.0
BACKGROUND_DEADLINE_MS = 10_000
"""Nobody waits for these verdicts, so the node may take its time."""
CHARTER_EVERY_S = 60.0
LEASE_S = 15.0
"""`ask_now` is done with a message by then; if not (we were killed), the sender takes it over."""


class Sender:
    """Carries messages from the outbox to the node and answers back. `start` and `stop` it with the site."""

    def __init__(self, keep: Store, node: Node, *, pause_s_first: float = PAUSE_S_FIRST) -> None:
        """Nothing runs yet. `pause_s_first` is the first of the doubling pauses."""
        self._store, self._node, self._pause_s_first = keep, node, pause_s_first
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="agora-sender", daemon=True)
        self._quiet_until: datetime | None = None
        self._failures = 0
        self._charter_due_at = 0.0
        self.is_node_up: bool | None = None
        """Whether the last attempt got an answer; None before the first."""

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop soon. A message on its way stays in the outbox and is sent again after the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=2)

    def nudge(self) -> None:
        """There is something new in the outbox."""
        self._wake.set()

    def ask_now(self, message_id: int, wait_s: float) -> None:
        """Send one message at once and give it `wait_s` seconds; later answers are obeyed when they come."""
        asking = threading.Thread(target=self._ask, args=(message_id,), name="agora-ask", daemon=True)
        asking.start()
        asking.join(wait_s)
        with self._store.write() as db:
            asked = outbox.message(db, message_id)
            if asked and asked.state == "queued":
                screening.no_verdict(db, _post_id(asked), asked.version)

    def send_due(self) -> None:
        """Send everything whose time has come; stop at the first sign that the node is down."""
        self._read_charter()
        while not self._stop.is_set() and not self._is_quiet():
            with self._store.read() as db:
                message = outbox.due(db, now())
            if message is None:
                return
            self._deliver(message, BACKGROUND_DEADLINE_MS)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.send_due()
                pause_s = self._idle_s()
            except Exception:
                log.exception("the sender stumbled and goes on")
                pause_s = PAUSE_S_MAX
            self._wake.wait(pause_s)

    def _ask(self, message_id: int) -> None:
        with self._store.read() as db:
            message = outbox.message(db, message_id)
            is_head = outbox.is_head(db, message_id)
        if message and is_head:
            self._deliver(message, screening.ASK_DEADLINE_MS)
            return
        with self._store.write() as db:  # an older version still waits to be asked, and goes first
            outbox.release(db, message_id)

    def _deliver(self, message: Message, deadline_ms: int) -> None:
        """Try once, and write down what came of it."""
        try:
            answer = self._send(message, deadline_ms)
        except Refused as refused:
            self._note_up()
            with self._store.write() as db:
                outbox.settle(db, message, "refused", refused.problem)
                self._without_verdict(db, message)
        except Silent as silent:
            pause_s = max(silent.wait_s, self._note_failure(message, is_down=silent.is_down))
            with self._store.write() as db:
                outbox.postpone(db, message, pause_s, str(silent))
                self._without_verdict(db, message)
        else:
            self._note_up()
            with self._store.write() as db:
                raw = answer.raw if isinstance(answer, Answer) else answer
                outbox.settle(db, message, "dropped" if message.body is None else "answered", raw)
                if isinstance(answer, Answer):
                    screening.obey(db, _post_id(message), message.version, answer)

    def _send(self, message: Message, deadline_ms: int) -> Answer | dict[str, Any]:
        if message.body is None:
            return {"dropped": "its author deleted the post before the node was asked"}
        if message.kind == "event":
            return self._node.tell(message.body)
        item = message.body["item"]
        media = [self._hand_over(each, deadline_ms) for each in item["media"]]
        return self._node.screen({**message.body, "item": {**item, "media": media}}, deadline_ms)

    def _hand_over(self, media: dict[str, Any], deadline_ms: int) -> dict[str, Any]:
        with self._store.read() as db:
            found = store.picture(db, int(media["platform_id"].removeprefix("m-")))
        if found is None:
            return media
        _, media_type, content = found
        return {**media, "blob": self._node.upload(content, media_type, deadline_ms / 1000)}

    def _read_charter(self) -> None:
        if time.monotonic() < self._charter_due_at:
            return
        self._charter_due_at = time.monotonic() + CHARTER_EVERY_S
        try:
            fail = self._node.charter()
        except (Silent, Refused):
            self._charter_due_at = time.monotonic() + self._pause_s(self._failures)
            return
        self.is_node_up = True
        with self._store.write() as db:
            store.set_fact(db, "charter", json.dumps(fail))

    @staticmethod
    def _without_verdict(db: Any, message: Message) -> None:
        if message.kind == "screen":
            screening.no_verdict(db, _post_id(message), message.version)

    def _note_up(self) -> None:
        self.is_node_up, self._failures, self._quiet_until = True, 0, None

    def _note_failure(self, message: Message, *, is_down: bool) -> float:
        """Quieten the whole queue; the pause for this message itself, in seconds.

        Where nobody opened, the message keeps its place. Where its own content may be why the node stumbles,
        it waits twice as long as the others, so that they get their turn.
        """
        self.is_node_up = False
        self._failures += 1
        self._quiet_until = now() + timedelta(seconds=self._pause_s(self._failures - 1))
        return 0 if is_down else 2 * self._pause_s(max(self._failures - 1, message.attempts))

    def _pause_s(self, failures: int) -> float:
        return min(self._pause_s_first * 2.0 ** min(failures, 16), PAUSE_S_MAX)

    def _is_quiet(self) -> bool:
        return self._quiet_until is not None and now() < self._quiet_until

    def _idle_s(self) -> float:
        """How long there is nothing to do, in seconds."""
        with self._store.read() as db:
            next_at = outbox.next_due_at(db)
        charter_s = self._charter_due_at - time.monotonic()
        due_s = (datetime.fromisoformat(next_at) - now()).total_seconds() if next_at else charter_s
        if next_at and self._quiet_until:
            due_s = max(due_s, (self._quiet_until - now()).total_seconds())
        return max(0.01, min(due_s, charter_s))


def _post_id(message: Message) -> int:
    return int(message.subject.removeprefix("p-"))
