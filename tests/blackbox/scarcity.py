"""scarcity.c for a server: allocations that fail, and a disk that is full, when a test says so."""
import mmap
import os
import struct
import subprocess

from timing import seconds


class Scarcity:
    """Compiled for one test. `server.environment = scarcity.environment` puts it before a server that is yet to start."""

    def __init__(self, directory, sanitizer=None):
        library = directory / "scarcity.so"
        subprocess.run(["gcc", "-O1", "-fPIC", "-shared", "-D_GNU_SOURCE", *(["-DNO_MALLOC"] if sanitizer else []),
                        "-o", library, os.path.join(os.path.dirname(__file__), "scarcity.c")],
                       check=True, timeout=seconds(60))
        path = directory / "scarcity"
        path.write_bytes(bytes(24))
        with open(path, "r+b") as file:
            self.numbers = mmap.mmap(file.fileno(), 24)
        asan = os.environ.get("ASAN_OPTIONS", "")
        self.environment = {"LD_PRELOAD": str(library), "SCARCITY": str(path),
                            "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0"}

    def _set(self, place, number):
        self.numbers[8 * place:8 * place + 8] = struct.pack("=q", number)

    def _get(self, place):
        return struct.unpack("=q", self.numbers[8 * place:8 * place + 8])[0]

    def refuse_allocation(self, number):
        """The allocation of this number, counted from now on from 1, will fail; 0: none will."""
        self._set(0, number)

    def refused(self):
        """Allocations that have failed so far."""
        return self._get(1)

    def fill_disk(self, full=True):
        """Writes to files find no space from now on; or they do again."""
        self._set(2, int(full))
