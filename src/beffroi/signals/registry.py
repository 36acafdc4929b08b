"""All signal types, by name.

Owns: `TYPES`.
Promises: a new type is one new file under `types`, its vectors, and one line here.
Never does: find types by looking around; what counts is written down.
"""

from types import MappingProxyType

from beffroi.ground.kernel.errors import Invalid

from .model import SignalType
from .types import md5, pdq, phrase, sha256, url

TYPES = MappingProxyType(
    {
        each.name: each
        for each in (
            sha256.TYPE,
            md5.TYPE,
            pdq.TYPE,
            url.TYPE,
            phrase.TYPE,
        )
    },
)


def type_named(name: str, where: str = "") -> SignalType:
    """The type of that name.

    Raises:
        Invalid: there is none.

    """
    if name not in TYPES:
        raise Invalid("unknown-signal-type", f"signal types are {', '.join(TYPES)}", where=where)
    return TYPES[name]
