import pytest

from beffroi.doors.web.keys import PAGES, Keymap, caps


@pytest.mark.parametrize("page", PAGES)
def test_no_two_acts_of_a_page_share_a_key(page):
    pressed = [combination for line in Keymap(page).lines() for _, combination in line.presses]
    assert len(pressed) == len(set(pressed))


def test_a_key_gives_the_attribute_and_the_cap_from_one_line():
    keymap = Keymap("case")
    assert keymap.press("record") == 'data-key="ctrl+enter"'
    assert keymap.cap("record") == "<kbd>Ctrl</kbd> <kbd>⏎</kbd>"


def test_caps_of_a_sequence_and_of_signs():
    assert caps("g q") == "<kbd>G</kbd> <kbd>Q</kbd>"
    assert caps("!") == "<kbd>!</kbd>"
    assert caps("+") == "<kbd>+</kbd>"


def test_the_bar_shows_the_pages_own_keys_only():
    assert next(line.does for line in Keymap("queue").bar()) == "Next · previous"
    assert list(Keymap("plain").bar()) == []


@pytest.mark.parametrize("name", ["nothing", "media"])
def test_a_key_that_the_page_has_not_is_a_mistake_of_ours(name):
    with pytest.raises(KeyError):
        Keymap("queue").press(name)
