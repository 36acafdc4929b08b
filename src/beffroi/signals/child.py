"""The confined child: `python -m beffroi.signals.child`. It reads pictures from standard input and answers on output.

Owns: the loop, the warming up, and the clock on each picture.
Promises: nothing from outside is read before `confine` is done; one answer per picture; it ends when its input does.
Never does: open a file, a socket or a process after that; print.
"""

import codecs
import gc
import signal
import sys
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from beffroi.ground.kernel.limits import PICTURE_CPU_S_MAX

from .confine import confine
from .model import PICTURE_FORMATS, PictureFormat
from .picture import examine
from .wire import REQUEST_HEAD, answer_frame, hello_frame

_SPECIMEN_SIDE = 32
_CODECS = ("ascii", "latin-1", "utf-8", "utf-16", "unicode_escape")
"""Text encodings that metadata may ask for; Python loads each when first used."""


def main() -> None:
    """Load, lock, answer until the input ends."""
    _warm_up()
    confinement = confine()
    gc.freeze()
    _say(hello_frame(confinement))
    while request := _next_request(sys.stdin.buffer):
        signal.setitimer(signal.ITIMER_PROF, PICTURE_CPU_S_MAX)
        answer = examine(*request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del request
        _say(answer_frame(answer))


def _warm_up() -> None:
    """Decode each format once, whole and cut short, so that nothing is left to load when files are out of reach."""
    for name in _CODECS:
        codecs.lookup(name)
    specimen = Image.linear_gradient("L").resize((_SPECIMEN_SIDE, _SPECIMEN_SIDE)).convert("RGB")
    exif = Image.Exif()
    exif[274] = 6
    for kind in PICTURE_FORMATS:
        saved = BytesIO()
        specimen.save(saved, kind, exif=exif)
        examine(kind, saved.getvalue())
        examine(kind, saved.getvalue()[: saved.tell() // 2])


def _next_request(stream: BinaryIO) -> tuple[PictureFormat, bytes] | None:
    head = stream.read(REQUEST_HEAD.size)
    if len(head) < REQUEST_HEAD.size:
        return None
    kind, size_bytes = REQUEST_HEAD.unpack(head)
    raw = stream.read(size_bytes)
    return (PICTURE_FORMATS[kind], raw) if len(raw) == size_bytes else None


def _say(frame: bytes) -> None:
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
