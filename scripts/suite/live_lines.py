"""live_lines.py - what a program tells in lines, as it comes."""
import os


class Lines:
    """Of a descriptor that has something to read."""

    def __init__(self, descriptor):
        self.descriptor, self.rest = descriptor, b""

    def read(self):
        """Those that are whole by now; None at the end."""
        piece = os.read(self.descriptor, 65536)
        *lines, self.rest = (self.rest + piece).split(b"\n")
        return lines if piece else None
