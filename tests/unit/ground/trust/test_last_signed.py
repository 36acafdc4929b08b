from beffroi.ground.trust.last_signed import LastSigned


def test_nothing_was_signed_at_first(tmp_path):
    assert LastSigned(tmp_path).get("log.example/a") is None


def test_the_last_note_of_each_origin_is_kept_across_restarts(tmp_path):
    LastSigned(tmp_path).remember("log.example/a", "one\n")
    LastSigned(tmp_path).remember("log.example/b", "two\n")
    LastSigned(tmp_path).remember("log.example/a", "three — signed\n")
    assert LastSigned(tmp_path).get("log.example/a") == "three — signed\n"
    assert LastSigned(tmp_path).get("log.example/b") == "two\n"


def test_what_came_out_of_a_backup_is_doubted_for_every_origin_in_it(tmp_path):
    notes = LastSigned(tmp_path)
    notes.doubt("there is nothing to doubt yet")
    notes.remember("log.example/a", "one\n")
    assert notes.doubted("log.example/a") is None
    notes.doubt("restored on a day in June")
    notes.remember("log.example/b", "two\n")
    again = LastSigned(tmp_path)
    assert again.doubted("log.example/a") == "restored on a day in June"
    assert again.doubted("log.example/b") is None
    assert again.get("log.example/a") == "one\n"
