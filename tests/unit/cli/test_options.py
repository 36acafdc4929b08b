"""What commands share."""

import json

import pytest

from beffroi.cli._options import say, settings_from
from beffroi.ground.kernel.errors import Invalid


def test_json_rows_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    say({"name": "a\nb", "letters": "ü"})
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert json.loads(told) == {"name": "a\nb", "letters": "ü"}


def test_a_wrong_value_is_named_and_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        settings_from(port=0)
    assert refused.value.where == "port"
