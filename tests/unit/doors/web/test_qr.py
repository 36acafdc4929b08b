import re

from PIL import Image

from beffroi.doors.web.qr import qr

URI = "otpauth://totp/Beffroi:noor?secret=JBSWY3DPEHPK3PXP&issuer=Beffroi"


def grid(svg):
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    picture = Image.new("1", (size, size), 1)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg):
        picture.putpixel((int(x), int(y)), 0)
    return picture


def test_it_has_three_finders_and_a_quiet_zone():
    picture = grid(qr(URI))
    size = picture.width
    assert all(picture.getpixel((x, y)) for x in range(size) for y in (*range(4), *range(size - 4, size)))
    for x, y in ((4, 4), (size - 11, 4), (4, size - 11)):
        ring = [picture.getpixel((x + i, y)) for i in range(7)] + [picture.getpixel((x + 3, y + 3))]
        assert not any(ring)


def test_two_texts_give_two_pictures_and_no_style():
    assert qr(URI) != qr(URI + "x")
    assert "style" not in qr(URI)
    assert "JBSWY3DP" not in qr(URI)
