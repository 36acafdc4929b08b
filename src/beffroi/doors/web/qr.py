"""QR codes as one SVG path: no picture file, no inline style.

Owns: drawing.
Promises: dark on light in both themes, with the quiet zone that scanners need.
Never does: keep or log what it draws; it is a secret.
"""

import segno
from markupsafe import Markup

_QUIET = 4


def qr(content: str) -> Markup:
    """The SVG of `content`, error correction M; the caller gives it its label and the same text in letters."""
    rows = [bytes(row) for row in segno.make(content, error="m", micro=False).matrix]
    size = len(rows) + 2 * _QUIET
    path = "".join(
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return Markup(
        '<svg class="qr" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" aria-hidden="true">'
        '<rect class="light" width="{size}" height="{size}"/><path class="dark" d="{path}"/></svg>'
    ).format(size=size, path=path)
