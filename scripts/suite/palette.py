"""palette.py - turns a PNG of true colours into one with a palette: a chart has a dozen colours and the shades of its
edges, and then takes a third of the bytes. Reads what gnuplot and a browser write: 8 bits a channel, not interlaced,
nothing transparent.
"""
import collections
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256


def with_palette(png):
    """The same picture; a colour that is not among the most frequent becomes the nearest of them. ValueError: the PNG
    is of another kind.
    """
    width, height, channels, packed = parts(png)
    pixels = []
    for line in lines(zlib.decompress(packed), width * channels, height, channels):
        if channels == 4 and line[3::4] != b"\xff" * width:
            raise ValueError("a part of it is transparent")
        pixels.append([line[at:at + 3] for at in range(0, len(line), channels)])
    counts = collections.Counter(pixel for line in pixels for pixel in line)
    colours = [colour for colour, _ in counts.most_common(COLOURS)]
    index = {colour: place for place, colour in enumerate(colours)}
    for colour in counts.keys() - index.keys():
        index[colour] = min(range(len(colours)), key=lambda place: distance(colours[place], colour))
    data = b"".join(b"\0" + bytes(index[pixel] for pixel in line) for line in pixels)
    return SIGNATURE + b"".join([
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), chunk(b"PLTE", b"".join(colours)),
        chunk(b"IDAT", zlib.compress(data, 9)), chunk(b"IEND", b"")])


def parts(png):
    """(width, height, channels, the compressed lines)"""
    if png[:8] != SIGNATURE:
        raise ValueError("it is no PNG")
    at, packed, header = 8, b"", None
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8:at + 8 + size]
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    width, height, depth, colour, _, _, interlaced = header
    if depth != 8 or colour not in (2, 6) or interlaced:
        raise ValueError("it is no PNG of true colours, 8 bits each")
    return width, height, 3 if colour == 2 else 4, packed


def lines(data, size, height, channels):
    """Each line of the picture, its filter undone: PNG, 9.2."""
    above = bytes(size)
    for number in range(height):
        start = number * (size + 1)
        above = unfiltered(data[start], bytearray(data[start + 1:start + 1 + size]), above, channels)
        yield bytes(above)


def unfiltered(kind, line, above, step):
    """The bytes of a line; `step` of them are a pixel."""
    for at, value in enumerate(line):
        left = line[at - step] if at >= step else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above[at]
        elif kind == 3:
            guess = (left + above[at]) // 2
        elif kind == 4:
            guess = paeth(left, above[at], above[at - step] if at >= step else 0)
        else:
            break
        line[at] = (value + guess) & 255
    return line


def paeth(left, above, corner):
    """Which of the three is nearest to left + above - corner."""
    to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
    if to_left <= to_above and to_left <= to_corner:
        return left
    return above if to_above <= to_corner else corner


def distance(one, other):
    """How far apart two colours are."""
    return sum((a - b) ** 2 for a, b in zip(one, other))


def chunk(kind, body):
    """A part of the file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
