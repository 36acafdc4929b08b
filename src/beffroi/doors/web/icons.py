"""The glyphs: one stroke drawing each, 16 by 16, drawn inline so that they take the colour of their word.

Owns: the paths and the belfry mark.
Promises: an icon is ornament (`aria-hidden`); the word beside it says the same.
Never does: load a font or a sprite.
"""

from markupsafe import Markup

PATHS = {
    "account": "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.5 14c.4-2.7 2.6-4.2 5.5-4.2s5.1 1.5 5.5 4.2",
    "back": "M5.5 3 2.5 6l3 3M2.5 6H9a4 4 0 0 1 0 8H6",
    "bank": "M2 3.5h12M2 8h12M2 12.5h12M4.5 2v3M8 6.5v3M11.5 11v3",
    "bell": "M8 1.8v1M3.2 11.6c1-.9 1.3-2 1.3-4.1C4.5 5 5.7 2.9 8 2.9s3.5 2.1 3.5 4.6c0 2.1.3 3.2 1.3 4.1z"
    "M6.8 13.8a1.3 1.3 0 0 0 2.4 0",
    "bubble": "M2 3h12v8H7.5L4.5 13.5V11H2z",
    "check": "M3 8.5 6.5 12 13 4.5",
    "clock": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.4",
    "closed": "M2 2l12 12M6.3 3.8A6 6 0 0 1 8 3.5c4 0 6.5 4.5 6.5 4.5a11 11 0 0 1-2 2.5M9.5 12.3A6 6 0 0 1 8 12.5"
    "C4 12.5 1.5 8 1.5 8a11 11 0 0 1 2.4-2.8",
    "cross": "M4 4l8 8M12 4l-8 8",
    "delivery": "M1.5 4.5h8v6.5h-8zM9.5 7h3l2 2v2h-5M4.5 12.8h.01M11.8 12.8h.01",
    "done": "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM5.2 8.2l2 2 3.6-4.2",
    "down": "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
    "eye": "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
    "file": "M4 1.8h5L12.5 5v9.2H4zM9 1.8V5h3.5",
    "find": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14",
    "free": "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Z",
    "globe": "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM2 8h12M8 1.8c2 2 2.6 4 2.6 6.2S10 12.2 8 14.2"
    "C6 12.2 5.4 10.2 5.4 8S6 3.8 8 1.8Z",
    "health": "M1.5 8.5H5l1.5-4 3 7.5 1.5-3.5h3.5",
    "info": "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 7.3v3.7M8 5h.01",
    "key": "M5.2 12.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM7.2 7.6 13 2M10.5 4.4l2 2",
    "keys": "M1.5 4.5h13v7h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.3h6",
    "ledger": "M2 3h5v4H2zM9 9h5v4H9zM7 5h2.5a2 2 0 0 1 2 2v2",
    "letter": "M2 5.5 8 9l6-3.5M2 3.5h12v9H2z",
    "link": "M6.5 9.5 9.5 6.5M7 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M9 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1",
    "lock": "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
    "moon": "M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z",
    "none": "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
    "order": "M4 2h8v12l-2-1.2-2 1.2-2-1.2L4 14zM6.2 5.2h3.6M6.2 8h3.6",
    "out": "M6.5 3H3v10h3.5M6.5 8h7M10.8 5.2 13.5 8l-2.7 2.8",
    "pause": "M5.5 3.5v9M10.5 3.5v9",
    "people": "M6 7.5a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8ZM1.5 13.5c.3-2.5 2-3.8 4.5-3.8s4.2 1.3 4.5 3.8"
    "M10.5 3a2.3 2.3 0 0 1 0 4.3M12 9.9c1.5.5 2.3 1.7 2.5 3.6",
    "picture": "M2 3h12v10H2zM2 11l3.5-3.5 3 3L11 8l3 3M5.5 6h.01",
    "policy": "M3 2.5h7.5L13 5v8.5H3zM5.5 6h5M5.5 8.5h5M5.5 11h3",
    "print": "M4.5 6V2h7v4M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7V14h-7z",
    "report": "M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6",
    "rule": "M8 2.5v11M5 13.5h6M3 4.5h10M3 4.5 1.3 9h3.4zM13 4.5 11.3 9h3.4z",
    "seal": "M8 9.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6ZM5.5 9l-1 5L8 12.3l3.5 1.7-1-5",
    "send": "M14 2 7.5 8.5M14 2l-4 12-2.5-5.5L2 6z",
    "shield": "M8 1.8 13.5 4v4c0 3.2-2.3 5.3-5.5 6.3C4.8 13.3 2.5 11.2 2.5 8V4z",
    "text": "M3 4h10M3 8h10M3 12h6",
    "video": "M2 4h8.5v8H2zM10.5 7 14 5v6l-3.5-2",
    "warning": "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.6h.01",
}

_MARK = (
    "M16 .8 22.6 9H24v3h-1.4v.8H25V31H7V12.8h2.4V12H8V9h1.4zM11 22.4V17.2a5 5 0 0 1 10 0v5.2zM16 13.9"
    "c-2 0-2.9 1.5-2.9 3.2 0 1.5-.4 2.2-1 2.8h7.8c-.6-.6-1-1.3-1-2.8 0-1.7-.9-3.2-2.9-3.2z"
    "M14.9 20.7a1.15 1.15 0 0 0 2.2 0zM11 24.9h10v1.3H11zM11 27.7h6.5V29H11z"
)


def icon(name: str) -> Markup:
    """The glyph `name` as inline SVG; an unknown name is a mistake of ours and raises `KeyError`."""
    return Markup('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>').format(PATHS[name])


def mark() -> Markup:
    """The belfry."""
    return Markup(
        '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path fill-rule="evenodd" d="{}"/></svg>'
    ).format(_MARK)
