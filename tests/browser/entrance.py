"""entrance.py - the system's nginx before ws_demo, as docs/deploy/nginx.conf has it: a browser asks for https and wss."""
import contextlib
import functools
import pathlib
import shutil
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

import real_proxies  # pylint: disable=wrong-import-position


class Entrance:
    """An nginx, and the Unix socket behind it, for one server after the other."""

    def __init__(self, opened):
        directory = pathlib.Path(opened.enter_context(tempfile.TemporaryDirectory()))
        self.path = directory / "socket"
        proxy, _, self.port = real_proxies.nginx(directory, self.path, *certificate(opened))
        opened.enter_context(proxy)

    @property
    def options(self):
        """Those of a ws_demo behind it."""
        return ["--unix", str(self.path), "--allow-origin", f"https://127.0.0.1:{self.port}"]


class Entrances:
    """All that were needed at once. They end with the tests."""

    def __init__(self):
        self.opened, self.free = contextlib.ExitStack(), []

    def take(self, port):
        """That of this port, whose server has ended; 0: any."""
        for place in self.free:
            if port in (0, place.port):
                self.free.remove(place)
                return place
        assert port == 0, f"no entrance has port {port}, or its server still runs"
        return Entrance(self.opened)


@functools.cache
def certificate(opened):
    """(certificate, key)."""
    return real_proxies.make_certificate(pathlib.Path(opened.enter_context(tempfile.TemporaryDirectory())))[:2]


def missing():
    """Why there is none, or None."""
    absent = [program for program in ("nginx", "openssl") if not shutil.which(program)]
    return f"not installed: {' '.join(absent)} (scripts/setup.sh --proxies)" if absent else None
