from beffroi.ground.trust.last_signed import LastSigned


def test_nothing_was_signed_at_first(tmp_path):
    assert LastSigned(tmp_path).get("log.example/a") is None


def test_the_last_note_of_each_origin_is_kept_across_restarts(tmp_path):
    LastSigned(tmp_path).remember("log.example/a", "one\n")
    LastSigned(tmp_path).remember("log.example/b", "two\n")
    LastSigned(tmp_path).remember("log.example/a", "three — signed\n")
    assert LastSigned(tmp_path).get("log.example/a") == "three — signed\n"
    assert LastSigned(tmp_path).get("log.example/b") == "two\n"
