"""`beffroi bench match`: search among PDQ hashes, beside the exact binary indexes of faiss.

Owns: the measurement, its machine and its table; `bench_plot` draws it.
Promises: contenders run in turn in one process on one thread, so that a ratio is of one moment; throughput is by the
processor's own time, latency by the clock on the wall; the pairs of all contenders are compared, with each other, with
faiss's plain comparison and with what was planted, before a figure is printed.
Never does: choose what looks well: all that was measured is in the table.
"""

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from beffroi.ground.kernel import native
from beffroi.ground.kernel.errors import Unavailable
from beffroi.matching.pdq import PdqIndex

from . import bench_plot
from ._options import say, show
from .bench_pictures import hashes_of_photographs

RADIUS = 31
_SIZES = {"100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
_PLANTED_FIRST = 40
_PLANTED_EVERY = 100
_ROUNDS = 3
_QUERIES = 20_000
_SINGLES = 2000
_SINGLES_S_MAX = 5.0
_BUILDS_OF_11_MAX = 1_000_000
"""faiss's 11 tables of 23 bits take 12 s and 1 kB a hash at a million, and more than they are worth beyond."""
_NUMPY_MAX = 1_000_000
"""Beyond it, building with numpy takes half a minute."""

Hashes = NDArray[np.uint8]
Pairs = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Contender:
    """How one is built and asked; `ask` gives row, id, distance of every pair. `queries` fill about a second."""

    name: str
    build: Callable[[Hashes], Any]
    ask: Callable[[Any, Hashes], Pairs]
    queries: int
    kind: str


@dataclass(slots=True)
class Row:
    """What was measured of one contender."""

    name: str
    queries_per_cpu_s: float
    one_call_p50_us: float
    one_call_p99_us: float
    build_cpu_s: float
    bytes_per_hash: float
    queries: int
    pairs_compared: int


def match(
    size: Annotated[str, typer.Option(help="100k, 1m or 10m hashes.")] = "1m",
    real: Annotated[bool, typer.Option("--real", help="Hashes of photographs and their copies: skewed.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write the table and the plot into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search within 31 bits: batches, one call, building, memory; exactness asserted. One thread each."""
    if size not in _SIZES:
        raise typer.BadParameter(f"one of {', '.join(_SIZES)}")
    load_before = os.getloadavg()[0]
    hashes, queries, planted = _skewed(_SIZES[size]) if real else _scattered(_SIZES[size])
    rows = _measured(_contenders(len(hashes)), hashes, queries, planted)
    machine = _machine(load_before)
    title = f"{size} {'hashes of photographs and copies' if real else 'scattered hashes'}, within {RADIUS} bits"
    if out is not None:
        bench_plot.write(out, f"match-{size}{'-real' if real else ''}", title, machine, [asdict(row) for row in rows])
    if as_json:
        for row in rows:
            say(asdict(row))
        say({"title": title, "machine": machine, "routes": native.available()})
        return
    show(f"{title} ({machine})", bench_plot.NAMES, (bench_plot.cells(asdict(row)) for row in rows))


def _contenders(count: int) -> list[Contender]:
    faiss = _faiss()
    per_million = count / 1_000_000
    slow = max(40, int(2000 / max(per_million, 0.3)))
    ours = [
        Contender(f"Beffroi {route}", _build_ours, _ask_ours, slow if route == native.NUMPY else _QUERIES, route)
        for route in native.available()
        if route != native.NUMPY or count <= _NUMPY_MAX
    ]
    peers = [
        Contender("faiss Flat", lambda given: _built(faiss.IndexBinaryFlat(256), given), _ask_faiss,
                  max(40, int(500 / per_million)), "faiss"),
        Contender("faiss MultiHash 16 × 16", lambda given: _multi(faiss, given, 16, 16, 1), _ask_faiss,
                  max(40, int(700 / max(per_million, 0.2))), "faiss"),
    ]  # fmt: skip
    if count <= _BUILDS_OF_11_MAX:
        peers.append(Contender("faiss MultiHash 11 × 23", lambda given: _multi(faiss, given, 11, 23, 2), _ask_faiss,
                               max(40, int(1000 / max(per_million, 0.4))), "faiss"))  # fmt: skip
    return [*ours, *peers]


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise Unavailable("no-peer", "faiss is not installed: ./run sync --group bench") from None
    faiss.omp_set_num_threads(1)
    return faiss


def _build_ours(hashes: Hashes) -> PdqIndex:
    return PdqIndex.build(hashes, np.arange(len(hashes), dtype=np.uint64))


def _ask_ours(index: PdqIndex, queries: Hashes) -> Pairs:
    return index.search(queries, RADIUS)


def _built(index: Any, hashes: Hashes) -> Any:
    index.add(hashes)
    return index


def _multi(faiss: Any, hashes: Hashes, tables: int, bits: int, flips: int) -> Any:
    index = faiss.IndexBinaryMultiHash(256, tables, bits)
    index.nflip = flips
    return _built(index, hashes)


def _ask_faiss(index: Any, queries: Hashes) -> Pairs:
    """Its radius is exclusive."""
    limits, distances, ids = index.range_search(queries, RADIUS + 1)
    return np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), ids, distances


def _measured(
    contenders: list[Contender], hashes: Hashes, queries: Hashes, planted: set[tuple[int, int, int]] | None
) -> list[Row]:
    rows, indexes = _all_built(contenders, hashes)
    _agree(contenders, indexes, rows, queries, planted)
    spent: list[list[float]] = [[] for _ in contenders]
    for _ in range(_ROUNDS):
        for each, index, times in zip(contenders, indexes, spent, strict=True):
            _run_on(each)
            began = time.process_time()
            each.ask(index, queries[: each.queries])
            times.append(time.process_time() - began)
    for each, index, row, times in zip(contenders, indexes, rows, spent, strict=True):
        row.queries_per_cpu_s = min(each.queries, len(queries)) / float(np.median(times))
        _run_on(each)
        row.one_call_p50_us, row.one_call_p99_us = _one_by_one(each, index, queries)
    return rows


def _all_built(contenders: list[Contender], hashes: Hashes) -> tuple[list[Row], list[Any]]:
    """Rows with what building took, and the indexes; one build serves all native routes of ours."""
    rows: list[Row] = []
    indexes: list[Any] = []
    for each in contenders:
        _run_on(each)
        shares = bool(rows) and {each.kind, contenders[0].kind} <= native.NUMBERS.keys()
        before, began = _resident_bytes(), time.process_time()
        index = indexes[0] if shares else each.build(hashes)
        took = rows[0].build_cpu_s if shares else time.process_time() - began
        grown = max(_resident_bytes() - before, hashes.nbytes)  # what was free in the process is filled unseen
        size = index.size_bytes if isinstance(index, PdqIndex) else grown
        rows.append(Row(each.name, 0, 0, 0, took, size / len(hashes), each.queries, 0))
        indexes.append(index)
    return rows, indexes


def _run_on(contender: Contender) -> None:
    if contender.kind in {*native.NUMBERS, native.NUMPY}:
        os.environ[native.ENVIRONMENT] = contender.kind
        native.route.cache_clear()


def _agree(
    contenders: list[Contender],
    indexes: list[Any],
    rows: list[Row],
    queries: Hashes,
    planted: set[tuple[int, int, int]] | None,
) -> None:
    """Every contender finds the same pairs, and those that were planted; else there is nothing to compare.

    Raises:
        RuntimeError: somebody is not exact; who, and by how much.

    """
    plain = next(n for n, each in enumerate(contenders) if each.name == "faiss Flat")
    found = []
    for each, index in zip(contenders, indexes, strict=True):
        _run_on(each)
        found.append(_as_set(each.ask(index, queries[: each.queries])))
    for each, row, pairs in zip(contenders, rows, found, strict=True):
        row.pairs_compared = len(pairs)
        both = min(each.queries, contenders[plain].queries)
        _same(each.name, "faiss Flat", _until(pairs, both), _until(found[plain], both))
        both = min(each.queries, contenders[0].queries)
        _same(each.name, contenders[0].name, _until(pairs, both), _until(found[0], both))
        if planted is not None:
            _same(each.name, "planted", pairs, _until(planted, each.queries))


def _as_set(pairs: Pairs) -> set[tuple[int, int, int]]:
    return {(int(row), int(number), int(distance)) for row, number, distance in zip(*pairs, strict=True)}


def _until(pairs: set[tuple[int, int, int]], rows: int) -> set[tuple[int, int, int]]:
    return {pair for pair in pairs if pair[0] < rows}


def _same(name: str, other: str, ours: set[tuple[int, int, int]], theirs: set[tuple[int, int, int]]) -> None:
    if ours != theirs:
        message = f"{name} and {other}: {len(theirs - ours)} missing, {len(ours - theirs)} more"
        raise RuntimeError(message)


def _one_by_one(contender: Contender, index: Any, queries: Hashes) -> tuple[float, float]:
    """Microseconds of a call with one query, p50 and p99; fewer calls of the slow."""
    took: list[float] = []
    end = time.perf_counter() + _SINGLES_S_MAX
    for number in range(_SINGLES):
        one = queries[number % len(queries)][None]
        began = time.perf_counter()
        contender.ask(index, one)
        took.append(time.perf_counter() - began)
        if began > end:
            break
    p50, p99 = (float(value) * 1e6 for value in np.percentile(took, (50, 99)))
    return p50, p99


def _scattered(count: int) -> tuple[Hashes, Hashes, set[tuple[int, int, int]]]:
    """Random hashes, queries, and the pairs there are: planted at 0 to 31 bits; those at 32 are none."""
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 2**64, (count, 4), dtype=np.uint64).view(np.uint8)
    queries = chance.integers(0, 256, (_QUERIES, 32), dtype=np.uint8)
    planted = set()
    for row in (*range(_PLANTED_FIRST), *range(_PLANTED_FIRST, len(queries), _PLANTED_EVERY)):
        number, distance = int(chance.integers(count)), (31, 32, row % 32)[row % 3]
        bits = np.unpackbits(hashes[number])
        bits[chance.permutation(256)[:distance]] ^= 1
        queries[row] = np.packbits(bits)
        planted |= {(row, number, distance)} if distance <= RADIUS else set()
    return hashes, queries, planted


def _skewed(count: int) -> tuple[Hashes, Hashes, None]:
    """Hashes of photographs' copies, and as queries other copies of the same photographs."""
    made = hashes_of_photographs(count + _QUERIES, np.random.default_rng(2))
    return made[:count], made[count:], None


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _machine(load_before: float) -> str:
    return (
        f"{_processor()}, {os.cpu_count()} cores, load average {load_before:.1f} before and {os.getloadavg()[0]:.1f} "
        f"after, Python {platform.python_version()}, numpy {np.__version__}, faiss {_faiss().__version__}"
    )


def _processor() -> str:
    def named() -> Iterator[str]:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                yield line.partition(":")[2].strip()

    return next(named(), platform.machine())
