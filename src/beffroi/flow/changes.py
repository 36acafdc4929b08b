"""That something changed; never what.

Owns: a counter that grows with every commit of this process.
Promises: who waits is woken soon after a commit; bursts are one wake.
Never does: carry content, so that a listener learns nothing it could not read.
"""

import threading


class Changes:
    """A number that grows; thread-safe."""

    def __init__(self) -> None:
        """Start at 0."""
        self._turn = threading.Condition()
        self._number = 0

    @property
    def number(self) -> int:
        """How many commits so far."""
        return self._number

    def tell(self) -> None:
        """Something was committed."""
        with self._turn:
            self._number += 1
            self._turn.notify_all()

    def wait(self, seen: int, timeout_s: float) -> int:
        """The number, as soon as it is not `seen` any more, or after `timeout_s`."""
        with self._turn:
            self._turn.wait_for(lambda: self._number != seen, timeout_s)
            return self._number
