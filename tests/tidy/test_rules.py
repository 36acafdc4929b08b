"""Each rule finds the offence planted for it, at its line, and leaves the decent form alone."""

import pytest

from tests.tidy import places, rules
from tests.tidy.sources import source

DOCSTRING = '"""It.\n\nOwns: a.\nPromises: b.\nNever does: c.\n"""\n'
SHORT = "def f():\n" + "    pass\n" * 59
LONG = "def f():\n" + "    pass\n" * 60
SAID = '"""Sign.\n\nRaises:\n    Invalid: no."""'
LIMITS = "src/beffroi/ground/kernel/limits.py"
MIGRATION = "src/beffroi/ground/storage/migrations/versions/0001_first.py"
CASES = "src/beffroi/cases/service.py"
TRUST = "src/beffroi/ground/trust/keys.py"

OFFENCES = [
    (rules.function_length, CASES, LONG, [1]),
    (rules.function_length, CASES, SHORT, []),
    (rules.function_length, CASES, "class A:\n    async " + LONG.replace("\n", "\n    ").rstrip(), [2]),
    (rules.function_length, MIGRATION, LONG, []),
    (rules.file_length, MIGRATION, "\n" * 501, []),
    (rules.file_length, CASES, "\n" * 501, [501]),
    (rules.file_length, CASES, "\n" * 500, []),
    (rules.file_length, "tests/unit/test_a.py", "\n" * 600, []),
    (rules.file_length, "tests/unit/test_a.py", "\n" * 601, [601]),
    (rules.module_docstring, CASES, "x = 1", [1]),
    (rules.module_docstring, CASES, '"""Owns: a. Promises: b."""', [1]),
    (rules.module_docstring, CASES, DOCSTRING, []),
    (rules.module_docstring, "src/beffroi/cases/__init__.py", '"""Cases."""', []),
    (rules.raises_documented, TRUST, 'def f():\n    """Sign."""\n    raise Invalid("a", "b")', [1]),
    (
        rules.raises_documented,
        TRUST,
        f"def f():\n    {SAID}\n    raise Invalid",
        [],
    ),
    (rules.raises_documented, TRUST, 'def _f():\n    raise Invalid("a", "b")', []),
    (rules.raises_documented, CASES, 'def f():\n    raise Invalid("a", "b")', []),
    (rules.plain_names, "src/beffroi/cases/utils.py", "", [1]),
    (rules.plain_names, "src/beffroi/cases/case_helpers.py", "", [1]),
    (rules.plain_names, "src/beffroi/cases/database.py", "", []),
    (rules.plain_names, CASES, "x = 1\nclass CaseManager: ...", [2]),
    (rules.limits_explained, LIMITS, "A_MAX = 1\nB_MAX = 2\n'why'", [1]),
    (rules.limits_explained, LIMITS, "A_MAX = 1\n'why'", []),
    (rules.limits_in_one_place, CASES, "\nNOTE_CHARS_MAX = 2 * 10", [2]),
    (rules.limits_in_one_place, CASES, "_READERS_MAX = 2\nCASES_MAX = other.CASES_MAX", []),
    (places.powers_in_place, CASES, "from datetime import datetime as d\nd.now()", [2]),
    (places.powers_in_place, CASES, "import datetime\ndatetime.datetime.now(datetime.UTC)", [2]),
    (places.powers_in_place, CASES, "from datetime import datetime\ndatetime.fromisoformat(x)", []),
    (places.powers_in_place, "src/beffroi/ground/kernel/clock.py", "import time\ntime.time()", []),
    (places.powers_in_place, CASES, "import secrets\nsecrets.token_bytes()", [2]),
    (places.powers_in_place, CASES, "import numpy as np\nnp.random.rand()", [2]),
    (places.powers_in_place, CASES, "from socket import create_connection as c\nc()", [2]),
    (places.powers_in_place, CASES, "import urllib.request as r\nr.urlopen(x)", [2]),
    (places.powers_in_place, CASES, "import urllib.parse\nurllib.parse.quote(x)", []),
    (places.powers_in_place, CASES, "import subprocess\nsubprocess.run(x)", [2]),
    (places.powers_in_place, CASES, "open(x)", [1]),
    (places.powers_in_place, CASES, "cases.open(x)", []),
    (places.powers_in_place, "src/beffroi/ground/storage/blobs.py", "open(x)", []),
    (places.files_in_place, CASES, "path.read_bytes()", [1]),
    (places.files_in_place, "src/beffroi/ground/storage/blobs.py", "path.read_bytes()", []),
    (places.libraries_in_place, CASES, "from sqlalchemy import select", [1]),
    (places.libraries_in_place, "src/beffroi/cases/store.py", "from sqlalchemy import select", []),
    (
        places.libraries_in_place,
        CASES,
        "from sqlalchemy import Connection\nfrom fastapi.responses import Response",
        [2],
    ),
    (places.libraries_in_place, CASES, "from beffroi.settings import Settings", [1]),
    (places.libraries_in_place, CASES, "from beffroi import settings", [1]),
    (places.async_in_place, CASES, "async def f(): ...", [1]),
    (places.async_in_place, "src/beffroi/doors/api/live.py", "async def f(): ...", []),
]


@pytest.mark.parametrize(("rule", "path", "text", "lines"), OFFENCES)
def test_finds_what_was_planted(rule: rules.Rule, path: str, text: str, lines: list[int]) -> None:
    assert [finding.line for finding in rule(source(path, text))] == lines


def test_every_rule_has_an_offence_and_a_decent_form() -> None:
    every = {*rules.EVERYWHERE, *rules.PRODUCT, *places.PLACES}
    assert {rule for rule, *_, lines in OFFENCES if lines} == every
    assert {rule for rule, *_, lines in OFFENCES if not lines} == every
