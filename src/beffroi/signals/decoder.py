"""The pool of confined children that decode pictures; the only way from posted bytes to pixels.

Owns: `Decoder`.
Promises: the parent decodes nothing; a picture that crashes, hangs or fills its child costs that child and nothing
else; each picture gets an answer within `PICTURE_WALL_S_MAX` of its turn; answers keep the order of the question; a
spare child is always warming up, so that a lost one is not waited for.
Never does: try a picture twice; what it does to a child it would do to the next.
"""

from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Self

from beffroi.ground.kernel.clock import Clock, SystemClock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import PICTURE_WALL_S_MAX

from .model import PictureFacts, Undecodable
from .process import Child, Lost
from .sniff import sniff


class Decoder:
    """Decodes pictures in `children` processes at once. Use it as a context manager, or `start` and `close` it.

    Safe to share between threads. `wall_s` is for tests.
    """

    def __init__(self, children: int = 2, *, clock: Clock | None = None, wall_s: float = PICTURE_WALL_S_MAX) -> None:
        self._count = children
        self._clock = clock or SystemClock()
        self._wall_s = wall_s
        self._idle: SimpleQueue[Child] = SimpleQueue()
        self._alive: set[Child] = set()
        self._guard = Lock()
        self._hands: ThreadPoolExecutor | None = None
        self.confinement: tuple[str, ...] = ()
        """The measures that hold in the children, as `confine` names them; known after `start`."""
        self.losses_in_a_row = 0
        """Pictures that cost their child since the last one that did not."""

    def start(self) -> Self:
        """Start the children and one to spare; returns when the first is ready.

        Raises:
            Unavailable: it does not come up.

        """
        self._hands = ThreadPoolExecutor(self._count, thread_name_prefix="decoder")
        first = self._new_child()
        for _ in range(self._count):
            self._idle.put(self._new_child())
        try:
            self.confinement = first.confinement()
        except Lost:
            self.close()
            raise Unavailable("decoder-not-starting", "the picture decoder's child process does not start") from None
        self._idle.put(first)
        return self

    def close(self) -> None:
        """Finish what is under way, then end every child. Closing twice is closing once."""
        hands, self._hands = self._hands, None
        if hands:
            hands.shutdown(wait=True, cancel_futures=True)
        with self._guard:
            leaving, self._alive = self._alive, set()
        for child in leaving:
            child.end()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def pictures(self, files: Sequence[bytes]) -> list[PictureFacts | Undecodable]:
        """What each file is, in their order; several children work on them at once.

        Raises:
            Unavailable: the decoder is not started, or closed.

        """
        if not files:
            return []
        hands = self._hands
        try:
            if hands:
                return list(hands.map(self._picture, files))
        except (CancelledError, RuntimeError):
            if self._hands:  # not because it was closed meanwhile
                raise
        raise Unavailable("decoder-closed", "the picture decoder is not running")

    def _picture(self, raw: bytes) -> PictureFacts | Undecodable:
        kind = sniff(raw)
        if isinstance(kind, Undecodable):
            return kind
        child = self._renewed(self._idle.get())
        try:
            answer = child.examine(kind, raw)
        except Lost as loss:
            self.losses_in_a_row += 1  # two threads at one moment may count as one; the next loss counts again
            return Undecodable(loss.reason)
        else:
            self.losses_in_a_row = 0
            return answer
        finally:
            self._idle.put(self._renewed(child))

    def _renewed(self, child: Child) -> Child:
        """The same while it is fit, else a new one; the same again if the system has no process to give just now."""
        if child.is_fit:
            return child
        try:
            successor = self._new_child()
        except OSError:
            return child
        with self._guard:
            self._alive.discard(child)
        child.end()
        return successor

    def _new_child(self) -> Child:
        child = Child(self._clock, self._wall_s)
        with self._guard:
            self._alive.add(child)
        return child
