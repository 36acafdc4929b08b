"""Proofs of RFC 6962 that an independent implementation made, good ones and spoiled ones: we say the same of each."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from beffroi.ground.ledger.merkle import consistency_holds, inclusion_holds

STRICTER = {"additional/sizes-are-equal-one-and-proof-is-empty"}
"""Its roots are eleven bytes of text, which we take for no hashes."""
VECTORS = Path(__file__).parent / "vectors"


def vectors(kind: str) -> list[Any]:
    lines = (VECTORS / f"merkle-{kind}.jsonl").read_text("ascii").splitlines()
    return [pytest.param(vector, id=vector["name"]) for vector in map(json.loads, lines)]


def octets(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(vector[name] or "") for name in names]


def path(vector: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(step) for step in vector["proof"] or ()]


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_inclusion(vector: dict[str, Any]) -> None:
    leaf, root = octets(vector, "leafHash", "root")
    holds = inclusion_holds(vector["leafIdx"], vector["treeSize"], leaf, path(vector), root)
    assert holds is not vector["wantErr"], vector["desc"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_consistency(vector: dict[str, Any]) -> None:
    old_root, new_root = octets(vector, "root1", "root2")
    holds = consistency_holds(vector["size1"], vector["size2"], path(vector), old_root, new_root)
    assert holds is not (vector["wantErr"] or vector["name"] in STRICTER), vector["desc"]


def test_there_are_many_of_either_sort() -> None:
    for kind in ("inclusion", "consistency"):
        spoiled = [param.values[0]["wantErr"] for param in vectors(kind)]
        assert spoiled.count(True) > 80
        assert spoiled.count(False) >= 5
