"""No cycle of any length, between modules or between packages; relative imports count.

import-linter holds the order of the house (pyproject.toml); this finds what an order between named packages cannot see.
"""

from collections.abc import Iterable, Mapping

import grimp
import pytest

Edges = Mapping[str, Iterable[str]]


def cycles(edges: Edges) -> list[list[str]]:
    """The strongly connected components of more than one node (Tarjan), each sorted."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return sorted(found)


def module_edges(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def sibling_edges(edges: Edges, package: str) -> dict[str, set[str]]:
    """What the children of `package` import from each other, everything below a child taken as the child."""
    depth = package.count(".") + 2
    children: dict[str, set[str]] = {}
    for module, imported in edges.items():
        if module.startswith(f"{package}."):
            child = ".".join(module.split(".")[:depth])
            inside = {".".join(name.split(".")[:depth]) for name in imported if name.startswith(f"{package}.")}
            children.setdefault(child, set()).update(inside - {child})
    return children


@pytest.fixture(scope="module")
def edges() -> Edges:
    return module_edges(grimp.build_graph("beffroi", cache_dir=None))


def test_no_cycle_between_modules(edges: Edges) -> None:
    assert cycles(edges) == []


def test_no_cycle_between_packages(edges: Edges) -> None:
    packages = {module.rpartition(".")[0] for module in edges} - {""}
    assert [found for package in sorted(packages) for found in cycles(sibling_edges(edges, package))] == []


def test_the_graph_was_read(edges: Edges) -> None:
    assert "beffroi.ground.kernel.errors" in edges["beffroi.ground.kernel.json"], "a relative import was not counted"


def test_cycles_are_found() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": []}) == [["a", "b", "c"]]
    assert cycles({"a": ["b", "c"], "b": ["c"], "c": []}) == []
    across = {"p.a.x": ["p.b.y"], "p.b.z": ["p.a.w"], "p.b.y": [], "p.a.w": []}
    assert cycles(across) == []
    assert cycles(sibling_edges(across, "p")) == [["p.a", "p.b"]]
