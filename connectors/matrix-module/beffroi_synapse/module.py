"""What Synapse calls, and what becomes of a message.

Owns: the answer to each message of an open room, and the list of what the node is told afterwards.
Promises: a sender waits no longer than the deadline; without an answer the charter decides, per kind; rooms that are
not open are not asked about, nothing of them leaves this process; what was published unasked is handed over later.
Never does: read on the reactor, keep a message, or write to the log what somebody said.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from synapse.media._base import FileInfo
from synapse.module_api import NOT_SPAM, ModuleApi, make_deferred_yieldable, run_in_background
from synapse.module_api.errors import Codes, ConfigError
from twisted.internet import defer, reactor

from .events import ASKED, FILES_MAX, files_of, is_open, likeness, question
from .node import FILE_BYTES_MAX, Answer, File, Node, Silent
from .settings import Settings, WrongSetting

log = logging.getLogger("beffroi_synapse")
LATER_MAX = 1000
"""What waits to be told to the node; beyond it the oldest is forgotten, and the log says so."""
REFUSED_MAX = 10_000
"""Refused messages that are known again when they are sent again."""
LATER_EVERY_S = 2.0
LATER_S_MAX = 30.0
NODE_SHARE = 0.9
"""Of the deadline, for the node: it then answers `unknown` itself and works the verdict out, which spares a second
question."""
_JOIN_RULES = ("m.room.join_rules", "")
_HISTORY = ("m.room.history_visibility", "")

Refusal = tuple[Codes, dict[str, Any]]


class _NotThere(Exception):
    """A file of a message has not arrived."""


class _TooMany(Exception):
    """More files than can be checked together: what stands behind the last of them would slip past."""


class _TooLarge(Exception):
    """A file larger than the node takes."""


@dataclass(frozen=True)
class _Later:
    """Something to tell the node when it has time."""

    body: dict[str, Any]
    files: tuple[str, ...]
    tell: Callable[[dict[str, Any], tuple[File, ...]], Awaitable[None]]


class Module:
    """The module; one per Synapse process."""

    def __init__(self, config: Settings, api: ModuleApi) -> None:
        """Register what Synapse shall call."""
        self._settings, self._api = config, api
        self._node = Node(config.node_url, config.api_key, api)
        self._fail: Mapping[str, str] = config.fail
        self._refused: OrderedDict[str, str] = OrderedDict()
        self._later: deque[_Later] = deque()
        self._is_telling = False
        api.register_spam_checker_callbacks(check_event_for_spam=self.check_event)
        if config.profiles:
            api.register_third_party_rules_callbacks(on_profile_update=self.profile_changed)
        api.looping_background_call(self.read_charter, config.charter_every_s * 1000, run_on_all_instances=True)
        api.looping_background_call(self.tell_later, LATER_EVERY_S * 1000, run_on_all_instances=True)
        api.delayed_background_call(0, self.read_charter)

    @staticmethod
    def parse_config(config: dict[str, Any]) -> Settings:
        """The settings, or a start that fails with the name of the wrong one."""
        try:
            return Settings.read(config)
        except WrongSetting as wrong:
            raise ConfigError(f"beffroi_synapse: {wrong}") from None

    # ── messages ──

    async def check_event(self, event: Any) -> str | Refusal:
        """Let a message pass, or refuse it with a reason."""
        if event.type not in ASKED or not await self._is_open(event.room_id):
            return NOT_SPAM
        is_local = self._api.is_mine(event.sender)
        item = question(event, is_local=is_local)
        if not is_local:  # who wrote it cannot be told why, and a message pruned here never comes back: people decide
            self._put_later(_Later(item, (), self._screen_later))
            return NOT_SPAM
        return await self._answered(event, item)

    async def _answered(self, event: Any, item: dict[str, Any]) -> str | Refusal:
        files, alike = files_of(event.content), likeness(event)
        item["platform_id"] = self._refused.get(alike, event.event_id)
        began, allowed_s = monotonic(), self._settings.deadline_ms / 1000
        try:
            answer = await _within(allowed_s, self._asked, item, files, began + allowed_s)
        except (_NotThere, _TooMany) as refused:
            return self._refusal("not-there" if isinstance(refused, _NotThere) else "too-many")
        except Exception as error:  # noqa: BLE001 (whatever went wrong here, the charter decides, and not a status 500)
            log.warning("no verdict on %s: %s", event.event_id, _why(error))
            return self._unanswered(event, files)
        if answer.verdict == "allow":
            return self._released(event, alike)
        if answer.verdict == "unknown":
            return NOT_SPAM if self._lets_pass(item, files) else self._refusal("unanswered")
        self._remember(alike, item["platform_id"])
        return self._refusal(answer.verdict, answer)

    async def _asked(self, item: dict[str, Any], files: tuple[str, ...], until: float) -> Answer:
        found = await self._found(files)
        left_ms = int(max(0.0, until - monotonic()) * 1000 * NODE_SHARE)
        return await self._node.screen(item, found, max(1, left_ms))

    def _released(self, event: Any, alike: str) -> str:
        """It may pass; if it was refused before, the node learns under which id it is published now."""
        earlier = self._refused.pop(alike, None)
        if earlier is not None:
            moved = {"type": "item.located", "item": earlier, "url": question(event, is_local=True)["url"]}
            self._put_later(_Later(moved, (), self._tell))
        return NOT_SPAM

    def _unanswered(self, event: Any, files: tuple[str, ...]) -> str | Refusal:
        item = question(event, is_local=True)
        if not self._lets_pass(item, files):
            return self._refusal("unanswered")
        self._put_later(_Later(item, files[:FILES_MAX], self._screen_later))
        return NOT_SPAM

    def _lets_pass(self, item: Mapping[str, Any], files: tuple[str, ...]) -> bool:
        """Whether a message without a verdict passes: none of its parts is of a kind that fails closed."""
        is_kept = (bool(item["text"]) and self._fail["text"] == "closed") or (
            bool(files) and self._fail["media"] == "closed"
        )
        return not is_kept

    def _refusal(self, why: str, answer: Answer | None = None) -> Refusal:
        """What the sender's client is told; `error` is what it shows."""
        link = (answer.statement_url if answer is not None else None) or ""
        told: dict[str, Any] = {"error": self._settings.sentences[why].replace("{link}", link).strip()}
        told["org.beffroi.verdict"] = why
        if answer is not None:
            told |= {"org.beffroi.statement": answer.statement_url, "org.beffroi.until": answer.until}
        return Codes.FORBIDDEN, told

    def _remember(self, alike: str, platform_id: str) -> None:
        self._refused[alike] = platform_id
        self._refused.move_to_end(alike)
        while len(self._refused) > REFUSED_MAX:
            self._refused.popitem(last=False)

    async def _is_open(self, room: str) -> bool:
        state = await self._api.get_room_state(room, (_JOIN_RULES, _HISTORY))
        return is_open(state.get(_JOIN_RULES), state.get(_HISTORY))

    # ── files ──

    async def _found(self, mxcs: tuple[str, ...]) -> tuple[File, ...]:
        """The files of this server among them, by where they lie; those of other servers are not fetched."""
        local = [mxc for mxc in mxcs if mxc.startswith(f"mxc://{self._api.server_name}/")]
        if len(local) > FILES_MAX:
            raise _TooMany
        return tuple([await self._file(mxc) for mxc in local])

    async def _file(self, mxc: str) -> File:
        """Reaches below Synapse's module interface, which offers no way to read a file that is there already.

        Should a later Synapse change this, every message with a file counts as unanswered, and the log says why.
        """
        homeserver = self._api._hs  # noqa: SLF001
        media_id = mxc.rpartition("/")[2]
        known = await homeserver.get_datastores().main.get_local_media(media_id)
        if known is None or known.media_length is None:
            raise _NotThere
        if known.media_length > FILE_BYTES_MAX:
            raise _TooLarge("a file is larger than can be checked")
        storage = homeserver.get_media_repository().media_storage
        async with storage.ensure_media_is_in_local_cache(FileInfo(server_name=None, file_id=media_id)) as path:
            return File(mxc, known.media_type or "", await self._api.defer_to_thread(Path(path).read_bytes))

    # ── afterwards ──

    async def profile_changed(self, user_id: str, profile: Any, by_admin: bool, deactivation: bool) -> None:  # noqa: FBT001 (Synapse's own signature)
        """A name or an avatar changed: Synapse asks nobody before, so the node is told after."""
        if by_admin or deactivation or not self._api.is_mine(user_id):
            return
        account: dict[str, Any] = {"platform_id": user_id, "name": (profile.display_name or "")[:500]}
        files = files_of({"url": profile.avatar_url or ""})
        self._put_later(_Later({"type": "account.changed", "account": account}, files, self._tell))

    async def tell_later(self) -> None:
        """Hand over what waits, in order, until the node is silent again; one round at a time."""
        if self._is_telling:
            return
        self._is_telling = True
        try:
            await self._tell_waiting()
        finally:
            self._is_telling = False

    async def _tell_waiting(self) -> None:
        while self._later:
            first = self._later[0]
            try:
                await _within(LATER_S_MAX, self._told, first)
            except (Silent, defer.TimeoutError, defer.CancelledError) as error:
                if not getattr(error, "is_final", False):
                    return
                log.warning("the node takes no %s: %s", first.body.get("type", "item"), _why(error))
            if self._later and self._later[0] is first:
                self._later.popleft()

    async def _told(self, later: _Later) -> None:
        try:
            found = await self._found(later.files)
        except Exception as error:  # noqa: BLE001 (the words are told even where the files cannot be had)
            log.warning("files are missing from what is told later: %s", _why(error))
            found = ()
        await later.tell(later.body, found)

    async def _screen_later(self, item: dict[str, Any], files: tuple[File, ...]) -> None:
        await self._node.screen_later("synapse", item, files)

    async def _tell(self, event: dict[str, Any], files: tuple[File, ...]) -> None:
        await self._node.tell(event, event.get("account", {}), files)

    def _put_later(self, later: _Later) -> None:
        self._later.append(later)
        if len(self._later) > LATER_MAX:
            self._later.popleft()
            log.error("more than %d things wait for the node; the oldest was forgotten", LATER_MAX)

    async def read_charter(self) -> None:
        """What no answer means, as the node's charter has it now; what was read last stays."""
        try:
            self._fail = await _within(LATER_S_MAX, self._node.charter)
        except (Silent, defer.TimeoutError, defer.CancelledError) as error:
            log.warning("the node's charter could not be read: %s", _why(error))


def _why(error: Exception) -> str:
    """For the log: our own words, or only the name of what somebody else raised, for that may quote anything."""
    return str(error) if isinstance(error, Silent | _TooLarge) else type(error).__name__


async def _within(seconds: float, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    """The result of `work`, or TimeoutError when it takes longer; the reactor is free meanwhile."""
    running = run_in_background(work, *arguments)
    running.addTimeout(seconds, reactor)
    return await make_deferred_yieldable(running)
