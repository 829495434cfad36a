"""A picture with a palette shows what it showed before."""
import struct
import zlib

import palette
import pytest

WIDTH, HEIGHT = 7, 10


def filtered(kind, line, above, step):
    """A line as PNG filters it: 9.2 of its specification."""
    out = bytearray()
    for at, value in enumerate(line):
        left, up, corner = (line[at - step] if at >= step else 0), above[at], (above[at - step] if at >= step else 0)
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda one, guess=guess: abs(guess - one))
        out.append((value - (0, left, up, (left + up) // 2, nearest)[kind]) & 255)
    return bytes([kind]) + out


def picture(pixels, channels, alpha=255):
    """A PNG of these pixels, each filter in turn."""
    rows = [b"".join(bytes(pixel) + bytes([alpha]) * (channels - 3) for pixel in line) for line in pixels]
    above, data = bytes(WIDTH * channels), b""
    for number, row in enumerate(rows):
        data += filtered(number % 5, row, above, channels)
        above = row
    header = struct.pack(">IIBBBBB", WIDTH, len(rows), 8, 2 if channels == 3 else 6, 0, 0, 0)
    return palette.SIGNATURE + b"".join(palette.chunk(kind, body) for kind, body in (
        (b"IHDR", header), (b"tEXt", b"Software\0test"), (b"IDAT", zlib.compress(data)), (b"IEND", b"")))


def shown(png):
    """The pixels of a PNG with a palette."""
    chunks, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        chunks[kind] = png[at + 8:at + 8 + size]
        assert struct.unpack_from(">I", png, at + 8 + size)[0] == zlib.crc32(kind + chunks[kind])
        at += 12 + size
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert (width, depth, colour) == (WIDTH, 8, 3)
    data = zlib.decompress(chunks[b"IDAT"])
    rows = [data[number * (width + 1) + 1:(number + 1) * (width + 1)] for number in range(height)]
    return [[tuple(chunks[b"PLTE"][3 * place:3 * place + 3]) for place in row] for row in rows]


@pytest.mark.parametrize("channels", [3, 4])
def test_few_colours_are_kept_to_the_bit(channels):
    """Behind each of the five filters."""
    pixels = [[(37 * (x + y) % 256, 91 * x % 256, (255 - 13 * y) % 256) for x in range(WIDTH)] for y in range(HEIGHT)]
    assert shown(palette.with_palette(picture(pixels, channels))) == pixels


def test_the_rarest_of_many_become_the_nearest():
    """256 that are there twice, and one that is there once and nearest to one of them."""
    twice = [(4 * (number // 16), 4 * (number % 16), 200) for number in range(256)] * 2
    pixels = [(twice + [(8, 8, 200)] * 6)[at:at + WIDTH] for at in range(0, 512 + 6, WIDTH)]
    pixels[-1][-1] = (61, 59, 201)
    assert len(pixels[-1]) == WIDTH
    there = shown(palette.with_palette(picture(pixels, 3)))
    assert there[-1][-1] == (60, 60, 200) and there[0] == pixels[0]


ONE_BIT = palette.SIGNATURE + palette.chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 1, 0, 0, 0, 0))


@pytest.mark.parametrize("png", [b"no PNG", ONE_BIT])
def test_another_kind_is_refused(png):
    """It would be another picture."""
    with pytest.raises(ValueError):
        palette.with_palette(png)


def test_what_is_transparent_is_refused():
    """A palette of ours has no alpha."""
    with pytest.raises(ValueError, match="transparent"):
        palette.with_palette(picture([[(1, 2, 3)] * WIDTH], 4, alpha=7))
