"""Pictures people upload: what they are is read from their first bytes, never from a name or a header.

Owns: the list of formats this site shows.
Promises: whatever else is uploaded is refused, so a page dressed up as a picture is never served.
Never does: decode. A picture that lies about its inside harms only a decoder, and this site has none.
"""

FORMATS = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)


def media_type(content: bytes) -> str | None:
    """The media type of a picture in one of our formats, or None."""
    for magic, offset, name in FORMATS:
        if content[offset : offset + len(magic)] == magic and (name != "image/webp" or content[:4] == b"RIFF"):
            return name
    return None
