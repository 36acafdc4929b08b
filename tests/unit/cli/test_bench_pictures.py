import numpy as np
import pytest

from beffroi.cli.bench_pictures import hashes_of_photographs


@pytest.mark.slow
def test_copies_of_one_photograph_are_alike_and_the_same_for_the_same_seed():
    made = hashes_of_photographs(60, np.random.default_rng(3))
    assert made.shape == (60, 32)
    assert np.array_equal(made, hashes_of_photographs(60, np.random.default_rng(3)))
    apart = np.bitwise_count(made[:, None] ^ made[None]).sum(2)
    assert ((apart > 0) & (apart <= 60)).any()
    assert (apart > 100).any()
