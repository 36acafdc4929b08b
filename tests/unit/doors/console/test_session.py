from starlette.requests import Request

from beffroi.doors.console.session import address_of, agent_of, desk, signed_in, token_of


def request(cookie="", client=("192.0.2.7", 5000)):
    headers = [(b"cookie", cookie.encode()), (b"user-agent", b"Paper/1")]
    return Request({"type": "http", "headers": headers, "client": client})


def test_a_cookie_that_is_no_session_is_nobody(place):
    assert signed_in(request("beffroi=nonsense"), place.house).kind == "public"
    assert signed_in(request(), place.house).kind == "public"
    assert token_of(request("beffroi=abc"), place.house) == "abc"


def test_who_asks_and_from_where():
    assert address_of(request()) == "192.0.2.7"
    assert address_of(request(client=None)) == ""
    assert agent_of(request()) == "Paper/1"


def test_the_desk_is_this_house(place):
    made = desk(place.house)
    assert made.party.origins == (place.house.settings.public_url,)
    assert made.demo_allowed
    assert place.house.pepper.hex() not in repr(made)
