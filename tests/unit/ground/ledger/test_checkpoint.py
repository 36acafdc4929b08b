import base64

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.limits import LEDGER_SIZE_MAX
from beffroi.ground.ledger.checkpoint import (
    Checkpoint,
    log_keys,
    open_checkpoint,
    parse_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.note import sign_note
from beffroi.ground.trust.ring import KeyRing

# The example of C2SP tlog-checkpoint.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = base64.b64encode(bytes(32)).decode()
ORIGIN = "node.example/ledger"


@pytest.fixture
def ring(tmp_path):
    return KeyRing.open(tmp_path / "keys", FakeClock())


def test_the_specifications_text_both_ways():
    checkpoint = parse_checkpoint(SOFA)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a")
    assert checkpoint.text == SOFA


@pytest.mark.parametrize("size", [0, 1, LEDGER_SIZE_MAX])
def test_sizes_at_the_limits(size):
    checkpoint = Checkpoint(ORIGIN, size, bytes(32))
    assert parse_checkpoint(checkpoint.text) == checkpoint


def test_extension_lines_are_passed_over():
    assert parse_checkpoint(SOFA + "whatever\n") == parse_checkpoint(SOFA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n00\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n 1\n{ROOT}\n",
        f"a\n1_0\n{ROOT}\n",
        f"a\n١\n{ROOT}\n",
        f"a\n1.0\n{ROOT}\n",
        f"a\n{LEDGER_SIZE_MAX + 1}\n{ROOT}\n",
        f"a\n{'9' * 5000}\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[:-2]}B=\n",
        f"a\n1\n{ROOT} \n",
        f"a\n1\n{base64.b64encode(bytes(31)).decode()}\n",
        f"a\n1\n{base64.b64encode(bytes(33)).decode()}\n",
        f"a\n1\n{ROOT}\n\n",
        f"a\n1\n{ROOT}\n\nx\n",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(Invalid) as refused:
        parse_checkpoint(text)
    assert refused.value.code == "checkpoint-malformed"


def test_signed_and_opened(ring):
    checkpoint = Checkpoint(ORIGIN, 7, bytes(32))
    note = sign_checkpoint(checkpoint, ring.signers(Purpose.LEDGER))
    assert open_checkpoint(note, log_keys(ORIGIN, ring.verifying(Purpose.LEDGER))) == checkpoint
    assert read_checkpoint(note) == checkpoint


def test_during_an_overlap_holders_of_either_key_can_open_it(ring):
    (old,) = log_keys(ORIGIN, ring.verifying(Purpose.LEDGER))
    ring.rotate(Purpose.LEDGER)
    new = next(key for key in log_keys(ORIGIN, ring.verifying(Purpose.LEDGER)) if key != old)
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), ring.signers(Purpose.LEDGER))
    for key in (old, new):
        assert open_checkpoint(note, [key]).size == 7


def test_the_key_of_another_log_does_not_speak_for_this_one(ring):
    note = sign_note(Checkpoint(ORIGIN, 7, bytes(32)).text, "other.example", ring.signers(Purpose.LEDGER)).encode()
    with pytest.raises(Unauthenticated) as refused:
        open_checkpoint(note, log_keys("other.example", ring.verifying(Purpose.LEDGER)))
    assert refused.value.code == "checkpoint-of-another-log"


def test_a_signed_text_that_is_no_checkpoint_is_refused(ring):
    note = sign_note("hello\n", ORIGIN, ring.signers(Purpose.LEDGER)).encode()
    with pytest.raises(Invalid):
        open_checkpoint(note, log_keys(ORIGIN, ring.verifying(Purpose.LEDGER)))
