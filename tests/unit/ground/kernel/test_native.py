import sys

import pytest

from beffroi.ground.kernel import native
from beffroi.ground.kernel.errors import Unavailable


def test_the_first_there_is_runs_unless_another_is_asked_for():
    assert native.chosen("", ("avx2", "portable", "numpy")) == "avx2"
    assert native.chosen("portable", ("avx2", "portable", "numpy")) == "portable"


@pytest.mark.parametrize("asked", ["avx512", "AVX2", "fast"])
def test_what_is_not_there_is_refused_and_what_is_there_is_named(asked: str):
    with pytest.raises(Unavailable, match="there are: avx2, numpy"):
        native.chosen(asked, ("avx2", "numpy"))


def test_numpy_is_always_there_and_last():
    there = native.available()
    assert there[-1] == native.NUMPY
    assert set(there[:-1]) <= set(native.NUMBERS)
    assert native.route() in there


def test_without_the_extension_there_is_numpy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "beffroi._kernels", None)
    monkeypatch.delattr("beffroi._kernels", raising=False)
    assert native.extension() is None
    assert native.available() == (native.NUMPY,)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(native.ENVIRONMENT, "numpy")
    native.route.cache_clear()
    try:
        assert native.route() == native.NUMPY
    finally:
        native.route.cache_clear()
