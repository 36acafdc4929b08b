"""Handing letters in: to a real server on loopback, and what each of its answers means."""

import smtplib

import pytest

from beffroi.ground.kernel.errors import TooLarge
from beffroi.ground.kernel.limits import MAIL_BYTES_MAX
from beffroi.ground.net import MailRefused, MailServer, UnknownOutcome, Unreachable, submit
from tests.smtp import mail_server

LETTER = b"Subject: a lamp\r\n\r\n.It is lit.\r\n"


@pytest.fixture
def box():
    with mail_server() as made:
        yield made


def server(box, **more):
    return MailServer("127.0.0.1", box.port, "none", "desk@agora.example", **more)


def test_a_letter_arrives_as_it_was_handed_in(box):
    submit(server(box), "night@police.example", LETTER)
    assert box.came == [LETTER]
    assert box.envelopes == [("<desk@agora.example>", "<night@police.example>")]


@pytest.mark.parametrize(
    ("verb", "reason"),
    [("MAIL", "sender-refused"), ("RCPT", "recipient-refused"), (".", "letter-refused"), ("DATA", "letter-refused")],
)
def test_what_is_refused_for_good_is_told_apart_from_what_is_not(box, verb, reason):
    box.says[verb] = "550 never"
    with pytest.raises(MailRefused) as refused:
        submit(server(box), "night@police.example", LETTER)
    assert refused.value.code == reason
    box.says[verb] = "451 later"
    with pytest.raises(Unreachable):
        submit(server(box), "night@police.example", LETTER)
    assert box.came == []


def test_a_server_that_hangs_up_may_have_the_letter_or_cannot(box):
    box.hangs_up = "."
    with pytest.raises(UnknownOutcome):
        submit(server(box), "night@police.example", LETTER)
    box.hangs_up = "RCPT"
    with pytest.raises(Unreachable):
        submit(server(box), "night@police.example", LETTER)


def test_a_server_that_is_not_there_is_unreachable():
    with mail_server() as box:
        gone = server(box)
    with pytest.raises(Unreachable):
        submit(gone, "night@police.example", LETTER)


def test_nothing_is_said_without_the_encryption_that_was_asked_for(box):
    for security in ("starttls", "tls"):
        asked = MailServer("127.0.0.1", box.port, security, "desk@agora.example", user="desk", password="a secret")
        with pytest.raises(Unreachable):
            submit(asked, "night@police.example", LETTER)
    assert box.came == []
    assert "a secret" not in repr(asked)


def test_a_letter_over_the_limit_is_not_sent(box):
    submit(server(box), "night@police.example", b"x" * (MAIL_BYTES_MAX - 2) + b"\r\n")
    with pytest.raises(TooLarge):
        submit(server(box), "night@police.example", b"x" * (MAIL_BYTES_MAX + 1))
    assert len(box.came) == 1


def test_the_server_above_is_one_for_other_programs_too(box):
    with smtplib.SMTP("127.0.0.1", box.port, timeout=10) as other:
        other.sendmail("a@x.example", ["b@x.example"], b"hello\r\n")
    assert box.came == [b"hello\r\n"]
