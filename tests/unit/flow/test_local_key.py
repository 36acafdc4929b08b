"""The key of the machine's own user."""

import stat

import pytest

from beffroi.flow.local_key import PREFIX, LocalKey, read
from beffroi.ground.kernel.errors import Unavailable


def test_the_key_that_lies_there_fits_and_no_other(tmp_path):
    key = LocalKey(tmp_path)
    token = read(tmp_path)
    assert token.startswith(PREFIX)
    assert key.fits(token)
    for wrong in ("", token[:-1], token + "x", PREFIX):
        assert not key.fits(wrong)
    assert stat.S_IMODE((tmp_path / "local.key").stat().st_mode) == 0o600


def test_each_start_has_its_own(tmp_path):
    first = LocalKey(tmp_path)
    old = read(tmp_path)
    second = LocalKey(tmp_path)
    assert not second.fits(old)
    assert not first.fits(read(tmp_path))


def test_it_goes_with_its_process(tmp_path):
    key = LocalKey(tmp_path)
    for _ in range(2):
        key.forget()
    with pytest.raises(Unavailable) as raised:
        read(tmp_path)
    assert raised.value.code == "no-local-key"
