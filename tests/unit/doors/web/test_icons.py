import pytest

from beffroi.doors.web.icons import PATHS, icon, mark


@pytest.mark.parametrize("name", PATHS)
def test_an_icon_is_ornament(name):
    drawn = icon(name)
    assert drawn.startswith('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M')
    assert "style" not in drawn


def test_the_belfry():
    assert 'aria-hidden="true"' in mark()


def test_an_unknown_glyph_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        icon("unicorn")
