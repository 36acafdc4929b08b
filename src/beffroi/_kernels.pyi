from typing_extensions import Buffer

def paths() -> list[str]: ...
def pdq_spread(spread: Buffer, hashes: Buffer, to: Buffer, /) -> None: ...
def pdq_build(rows: Buffer, offsets: Buffer, nexts: Buffer, places: Buffer, scratch: Buffer, /) -> None: ...
def pdq_is_sound(offsets: Buffer, nexts: Buffer, places: Buffer, /) -> bool: ...
def pdq_search(
    path: int,
    radius: int,
    spread: Buffer,
    rows: Buffer,
    ids: Buffer,
    dead: Buffer,
    offsets: Buffer,
    nexts: Buffer,
    places: Buffer,
    tail_rows: Buffer,
    tail_ids: Buffer,
    queries: Buffer,
    /,
) -> tuple[bytearray, bytearray, bytearray]: ...
