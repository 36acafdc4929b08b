"""What kind of file bytes are, judged by the bytes.

Owns: `sniff`.
Promises: looks at the first bytes only and decodes nothing, so it is safe in the parent process.
Never does: believe a file name or a claimed media type; recognise what has no decoder here (SVG, HTML, video) as a
picture.
"""

from beffroi.ground.kernel.limits import MEDIA_BYTES_MAX

from .model import PictureFormat, Undecodable

_MAGIC: tuple[tuple[bytes, PictureFormat], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Sizes of the headers that BMP has had; two letters alone would make a picture of any text that begins with BM."""
_UNSUPPORTED_MAGIC = (
    b"\x00\x00\x00\x0cjP  ",  # JPEG 2000
    b"\x00\x00\x00\x0cJXL ",  # JPEG XL, here and next
    b"\xff\x0a",
    b"8BPS",  # Photoshop
    b"\x00\x00\x01\x00",  # icon
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_FILE_TYPE_BOX_BYTES_MAX = 256


def sniff(raw: bytes) -> PictureFormat | Undecodable:
    """The format whose decoder may try `raw`, or why none will."""
    if not raw:
        return Undecodable("empty")
    if len(raw) > MEDIA_BYTES_MAX:
        return Undecodable("too-large")
    for magic, kind in _MAGIC:
        if raw.startswith(magic):
            return kind
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp"
    if raw[:2] == b"BM" and int.from_bytes(raw[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    return _by_brand(raw)


def _by_brand(raw: bytes) -> PictureFormat | Undecodable:
    """ISO base media files name their kinds in a first box (ISO 14496-12 §4.3); the rest has no decoder here."""
    if raw[4:8] == b"ftyp":
        end = min(int.from_bytes(raw[:4], "big"), _FILE_TYPE_BOX_BYTES_MAX)
        brands = {raw[8:12], *(raw[place : place + 4] for place in range(16, end, 4))}
        if brands & _AVIF_BRANDS:
            return "avif"
        if brands & _HEIF_BRANDS:
            return Undecodable("unsupported-format")
    if raw.startswith(_UNSUPPORTED_MAGIC):
        return Undecodable("unsupported-format")
    return Undecodable("not-a-picture")
