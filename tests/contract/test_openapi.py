"""The API keeps its own contract: schemathesis over the whole OpenAPI document."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from beffroi.app import application
from beffroi.doors.api.routes import ROUTES, Route
from tests.nodes import running

EXAMPLES = 500 if os.environ.get("BEFFROI_SOAK") == "1" else 25
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document of a running node, asked with the platform's key and the command line's."""
    with running(Path(tmp_path_factory.mktemp("node"))) as node:
        loaded = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application(node.node))
        loaded.config.seed = 20261123
        # A text too long for its field can make the body too long for the node, which says so first (413).
        loaded.config.checks.negative_data_rejection.expected_statuses += ["413"]
        loaded.beffroi_keys = {  # type: ignore[attr-defined]
            "platform": node.bearer,
            "local": {"Authorization": f"Bearer {(node.house.settings.data / 'local.key').read_text()}"},
        }
        yield loaded


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_every_operation_keeps_the_contract(schema: Any, row: Route, mode: GenerationMode) -> None:
    operation = schema[row.path][row.method]
    headers = schema.beffroi_keys["local" if "/banks" in row.path else "platform"]
    try:
        cases = operation.as_strategy(generation_mode=mode)

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=cases)
        def keeps(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        keeps()
    except (Unsatisfiable, SkipTest):
        assert mode is GenerationMode.NEGATIVE, "there must be a valid request"
        assert not row.body or row.raw_bytes_max, "a JSON body can always be wrong"
