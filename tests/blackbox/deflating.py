"""A client that compresses (RFC 7692), as honestly or as viciously as a test wants it."""
import functools
import zlib

from clients import BINARY, WebSocket, frame, upgrade

TAIL = b"\x00\x00\xff\xff"
RSV1 = 4
OFFER = "permessage-deflate; client_max_window_bits"


class Deflating(WebSocket):
    """Its own messages go out with a window of 15 bits, or what was agreed on; those that come are inflated."""

    def __init__(self, server, offer=OFFER, path="/", **options):
        super().__init__(server, handshake=False, **options)
        self.send(upgrade(path=path, Host=f"127.0.0.1:{server.port}", Sec_WebSocket_Extensions=offer))
        status, headers = self.receive_head()
        assert status == 101, status
        self.agreed = headers.get("sec-websocket-extensions", "")
        self.own = self.others = None
        self.compressed = 0  # messages that came compressed

    def bits(self, side):
        """Of the window of 'client' or 'server'."""
        words = dict(word.strip().partition("=")[::2] for word in self.agreed.split(";"))
        return int(words.get(f"{side}_max_window_bits") or 15)

    def pack(self, message):
        """A message's payload."""
        if not self.own or "client_no_context_takeover" in self.agreed:
            self.own = zlib.compressobj(9, zlib.DEFLATED, -self.bits("client"))
        return (self.own.compress(message) + self.own.flush(zlib.Z_SYNC_FLUSH))[:-len(TAIL)]

    def packed(self, message, opcode=BINARY):
        """The whole frame."""
        return frame(opcode, self.pack(message), rsv=RSV1)

    def hear(self, plain=10):
        """The next message, inflated: opcode and text. Control frames come as they are."""
        first, second = self.receive(2, plain)
        assert first & 0xB0 == 0x80 and second & 0x80 == 0, bytes([first, second]).hex()
        length = int.from_bytes(self.receive({126: 2, 127: 8}[second], plain), "big") if second > 125 else second
        payload = self.receive(length, plain)
        if not first & 0x40:
            return first & 0x0F, payload
        self.compressed += 1
        if not self.others or "server_no_context_takeover" in self.agreed:
            self.others = zlib.decompressobj(-self.bits("server"))
        return first & 0x0F, self.others.decompress(payload + TAIL)

    def roundtrip(self, data=b"are you there? " * 4, plain=10):
        """There and back, compressed."""
        self.send(self.packed(data))
        assert self.hear(plain) == (BINARY, data)


@functools.cache
def bomb(size):
    """The frame of a message of so many zeros, a thousandth as long; it needs no window of others."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return frame(BINARY, (packer.compress(bytes(size)) + packer.flush(zlib.Z_SYNC_FLUSH))[:-len(TAIL)], rsv=RSV1)
