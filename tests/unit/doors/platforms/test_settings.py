import pytest
from pydantic import SecretStr

from beffroi.doors.platforms.settings import ConnectorSettings
from beffroi.ground.kernel.errors import Invalid


class LampSettings(ConnectorSettings):
    connector = "lamp"
    wicks: int
    secret: SecretStr = SecretStr("")


def test_what_is_right_is_read():
    assert LampSettings.read({"wicks": 3}).wicks == 3


@pytest.mark.parametrize(
    ("given", "where"),
    [({}, "wicks"), ({"wicks": "many"}, "wicks"), ({"wicks": 1, "colour": "red"}, "colour")],
)
def test_what_is_wrong_is_named_by_setting_and_connector(given, where):
    with pytest.raises(Invalid) as refused:
        LampSettings.read(given)
    assert (refused.value.code, refused.value.where) == ("lamp-settings", where)


def test_no_value_is_quoted():
    with pytest.raises(Invalid) as refused:
        LampSettings.read({"wicks": 1, "secret": ["hush"]})
    assert "hush" not in str(refused.value)
