"""The house rules, applied to the tree. A failure names file, line and rule."""

from collections.abc import Iterable

import pytest

from tests.tidy import places, rules
from tests.tidy.sources import Finding, sources


def found(rule: rules.Rule, folder: str) -> list[Finding]:
    return [finding for file in sources(folder) for finding in rule(file)]


def none(findings: Iterable[object]) -> None:
    listed = [str(finding) for finding in findings]
    assert not listed, "\n".join(["", *listed])


@pytest.mark.parametrize("rule", rules.EVERYWHERE, ids=lambda rule: rule.__name__)
def test_everywhere(rule: rules.Rule) -> None:
    none(found(rule, ""))


@pytest.mark.parametrize("rule", [*rules.PRODUCT, *places.PLACES], ids=lambda rule: rule.__name__)
def test_in_the_product(rule: rules.Rule) -> None:
    none(found(rule, "src/"))


def test_the_tree_was_read() -> None:
    """An empty tree would keep every rule."""
    assert any(file.module == "beffroi.ground.kernel.limits" for file in sources("src/"))
