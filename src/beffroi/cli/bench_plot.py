"""What `beffroi bench match` measured, as a page for `docs/bench/`: a plot with its table.

Owns: the form of the page and of the plot (SVG, bars on a logarithmic scale).
Promises: every figure of the plot stands in the table under it.
Never does: measure.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from beffroi import __version__

NAMES = ("contender", "queries / CPU-s", "one call p50 µs", "p99 µs", "build CPU-s", "B / hash", "queries", "pairs")
_KEYS = ("queries_per_cpu_s", "one_call_p50_us", "one_call_p99_us", "build_cpu_s", "bytes_per_hash")
_BAR, _LEFT, _WIDTH = 26, 190, 640


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One row as text."""
    figures = (f"{row[key]:,.1f}" if row[key] < 1000 else f"{row[key]:,.0f}" for key in _KEYS)  # noqa: PLR2004
    return row["name"], *figures, f"{row['queries']:,}", f"{row['pairs_compared']:,}"


def write(folder: Path, name: str, title: str, machine: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """`NAME.md` with the table, `NAME.svg` and `NAME.json` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    size = " ".join(f"--{part}" if part == "real" else f"--size {part}" for part in name.split("-")[1:])
    table = ["| " + " | ".join(row) + " |" for row in (NAMES, ("---",) * len(NAMES), *map(cells, rows))]
    page = [
        f"# {title}", "", f"![queries by CPU-second, on a logarithmic scale]({name}.svg)", "", *table, "",
        f"Beffroi {__version__} on {machine}. One thread each; in turn in one process; median of three rounds;",
        "queries by the processor's own time, single calls by the clock on the wall. Pairs were compared with",
        "those of faiss's plain comparison, for the queries that both were asked, and with all that were planted: none",
        "missing, none more.",
        "Memory of ours is that of its arrays, of faiss what the process grew by, and no less than the hashes.", "",
        f"`beffroi bench match {size} --out docs/bench`", "",
    ]  # fmt: skip
    (folder / f"{name}.md").write_text("\n".join(page), "utf-8")
    (folder / f"{name}.svg").write_text(_drawn(title, rows), "utf-8")
    facts = {"title": title, "machine": machine, "rows": list(rows)}
    (folder / f"{name}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _drawn(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Bars of queries by CPU-second."""
    figures = [float(row["queries_per_cpu_s"]) for row in rows]
    least = 10 ** math.floor(math.log10(min(figures)))
    scale = _WIDTH / math.log10(max(figures) / least)
    height = 60 + _BAR * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 110} {height}" role="img">',
        "<style>text { font: 13px sans-serif }</style>",
        f"<title>{title}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="10" y="22">{title}: queries by CPU-second (logarithmic)</text>',
    ]
    for number, (row, figure) in enumerate(zip(rows, figures, strict=True)):
        y = 40 + _BAR * number
        length = max(2.0, scale * math.log10(figure / least))
        fill = "#1f5fa8" if row["name"].startswith("Beffroi") else "#8a8a8a"
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{row["name"]}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{length:.0f}" height="{_BAR - 6}" fill="{fill}"/>',
            f'<text x="{_LEFT + length + 6:.0f}" y="{y + 15}">{figure:,.0f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
