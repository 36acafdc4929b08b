import json
from pathlib import Path
from xml.etree import ElementTree as ET

from beffroi.cli import bench_plot

ROW = {
    "name": "Beffroi avx2",
    "queries_per_cpu_s": 250_000.4,
    "one_call_p50_us": 12.34,
    "one_call_p99_us": 1234.5,
    "build_cpu_s": 0.5,
    "bytes_per_hash": 136.2,
    "queries": 20_000,
    "pairs_compared": 7,
}


def test_a_page_has_its_plot_and_every_figure_in_a_table(tmp_path: Path):
    bench_plot.write(tmp_path / "bench", "match-1m-real", "1m", "a machine", [ROW, ROW | {"name": "faiss Flat"}])
    page = (tmp_path / "bench/match-1m-real.md").read_text("utf-8")
    assert "| Beffroi avx2 | 250,000 | 12.3 | 1,234 | 0.5 | 136.2 | 20,000 | 7 |" in page
    assert "![queries by CPU-second, on a logarithmic scale](match-1m-real.svg)" in page
    assert "`beffroi bench match --size 1m --real --out docs/bench`" in page
    drawn = ET.parse(tmp_path / "bench/match-1m-real.svg").getroot()  # noqa: S314 (our own)
    assert sum(each.tag.endswith("rect") for each in drawn.iter()) == 3
    assert json.loads((tmp_path / "bench/match-1m-real.json").read_text("utf-8"))["rows"][0] == ROW
