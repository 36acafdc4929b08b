"""Every limit, with its reason. Sizes in bytes, times in seconds, unless the name says otherwise.

Owns: all literal bounds of the program; each has a test at the limit and one beyond it.
Promises: nothing from outside is read, decoded, kept or retried without one of these.
Never does: legal deadlines; those are rules with a name and a version in their capability.
"""

# JSON from outside
JSON_BYTES_MAX = 8 * 2**20
"""A screening batch of 256 posts of 10 kB with room; media travel by upload, link or key, not in JSON."""
JSON_DEPTH_MAX = 32
"""Our deepest message has 7 levels; CPython's parser recurses, so the bound comes before it."""

# Content
TEXT_CHARS_MAX = 200_000
"""One item's text. Longer posts are books; the platform may split them. 4 × as many bytes at most."""
NAME_CHARS_MAX = 500
"""Names of accounts, banks, people, organisations."""
URL_CHARS_MAX = 4096
"""Twice what browsers were long held to; longer addresses are attacks or tracking."""
PLATFORM_ID_CHARS_MAX = 256
"""The platform's own id of an item or account."""
MEDIA_BYTES_MAX = 64 * 2**20
"""One picture or other file handed over for screening."""
MEDIA_PER_ITEM_MAX = 32
"""Files attached to one item."""
BATCH_UNITS_MAX = 256
"""Items in one screening request, and units in one bulk commit (DESIGN §4, writes)."""
DEADLINE_MS_MAX = 30_000
"""How long a screening caller may ask us to hold its connection."""

# Writes
BULK_WAIT_S_MAX = 0.05
"""A bulk unit waits at most this long for company before its batch commits (DESIGN §4, writes)."""
WRITE_QUEUE_MAX = 4096
"""Waiting write jobs per lane; beyond it callers of the bulk lane get `TooMany`, the law lane never does."""
