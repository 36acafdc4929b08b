"""One confined child, seen from the parent: started, asked, timed, killed.

Owns: `Child`, `Lost`.
Promises: a question is answered, or the child is dead, within its time, however the child behaves, reading and writing
included; the child has no environment but a search path, no files but two pipes, and is not in our terminal's reach.
Never does: trust an answer that `wire` has not checked; decide what becomes of the next picture.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.limits import CHILD_START_S_MAX, PICTURE_WALL_S_MAX, PICTURES_PER_CHILD_MAX

from .model import PictureFacts, PictureFormat, Undecodable, UndecodableReason
from .wire import ANSWER_HEAD, Nonsense, answer_size, read_answer, read_hello, request_head

_COMMAND = (sys.executable, "-I", "-B", "-m", "beffroi.signals.child")
_ENVIRONMENT = {
    "PATH": os.defpath,
    # One thread and one heap a child keep its address space, which is limited, small.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_CHUNK_BYTES = 2**20
_OUT_OF_CPU_TIME = frozenset({-signal.SIGPROF, -signal.SIGXCPU})
_LAST_BREATH_S_MAX = 1.0


class Lost(Exception):
    """The child is dead, and why; what it worked on gets no answer."""

    def __init__(self, reason: UndecodableReason) -> None:
        """`reason` is "too-slow" or "decoder-crashed"."""
        super().__init__(reason)
        self.reason: UndecodableReason = reason


class Child:
    """One process and the two pipes to it, used by one thread at a time. `wall_s` bounds one picture."""

    def __init__(self, clock: Clock, wall_s: float = PICTURE_WALL_S_MAX) -> None:
        """Start the process; it warms up by itself."""
        self._clock = clock
        self._wall_s = wall_s
        self._confinement: tuple[str, ...] | None = None
        self._served = 0
        self._lost = False
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_ENVIRONMENT,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the parent, which ends its children itself
        )
        self._to, self._from = (pipe.fileno() for pipe in (self._process.stdin, self._process.stdout) if pipe)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether it may be given another picture."""
        return not self._lost and self._served < PICTURES_PER_CHILD_MAX

    def confinement(self) -> tuple[str, ...]:
        """The measures it says it took; waits until it is ready.

        Raises:
            Lost: it does not come up, or is dead already.

        """
        if self._lost:
            raise Lost("decoder-crashed")
        if self._confinement is None:
            with self._lost_if_it_fails():
                self._confinement = read_hello(self._answer(self._clock.monotonic() + CHILD_START_S_MAX))
        return self._confinement

    def examine(self, kind: PictureFormat, raw: bytes) -> PictureFacts | Undecodable:
        """What the child finds in one picture.

        Raises:
            Lost: it died, said nonsense, or took too long and was killed.

        """
        self.confinement()
        self._served += 1
        until = self._clock.monotonic() + self._wall_s
        with self._lost_if_it_fails():
            self._send(request_head(kind, len(raw)), until)
            self._send(raw, until)
            return read_answer(self._answer(until), kind)

    def end(self) -> None:
        """Kill it, if it still lives, and leave nothing behind."""
        self._lost = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    @contextmanager
    def _lost_if_it_fails(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self.end()
            raise Lost("too-slow") from None
        except Nonsense:
            self.end()
            raise Lost("decoder-crashed") from None
        except (EOFError, BrokenPipeError):
            raise Lost(self._cause_of_death()) from None

    def _cause_of_death(self) -> UndecodableReason:
        try:
            code = self._process.wait(_LAST_BREATH_S_MAX)
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
        return "too-slow" if code in _OUT_OF_CPU_TIME else "decoder-crashed"

    def _answer(self, until: float) -> bytes:
        return self._receive(answer_size(self._receive(ANSWER_HEAD.size, until)), until)

    def _send(self, raw: bytes, until: float) -> None:
        left = memoryview(raw)
        while left:
            self._await(self._to, select.POLLOUT, until)
            sent = os.write(self._to, left[:_CHUNK_BYTES])
            left = left[sent:]

    def _receive(self, size: int, until: float) -> bytes:
        received = b""
        while len(received) < size:
            self._await(self._from, select.POLLIN, until)
            piece = os.read(self._from, size - len(received))
            if not piece:
                raise EOFError
            received += piece
        return received

    def _await(self, pipe: int, event: int, until: float) -> None:
        """Until the pipe is ready or its other end is closed (then the call that follows says so)."""
        poller = select.poll()
        poller.register(pipe, event)
        left_s = until - self._clock.monotonic()
        if left_s <= 0 or not poller.poll(left_s * 1000):
            raise TimeoutError
