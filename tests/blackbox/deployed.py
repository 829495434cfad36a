"""ws_demo as it is deployed: on a Unix socket, behind proxies, started by systemd."""
import os
import re
import sys

from servers import Demo

# In a child, in place of ws_demo: the sockets become descriptors 3, 4... and LISTEN_PID is this process (sd_listen_fds(3)).
PASS_ON = """
import os, sys
fds = [int(word) for word in sys.argv[1].split(",")]
high = [os.dup2(fd, 100 + number) for number, fd in enumerate(fds)]
for number, fd in enumerate(high):
    os.dup2(fd, 3 + number)
    os.close(fd)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=":".join("x" * len(fds)))
os.execv(sys.argv[2], sys.argv[2:])
"""


class UnixDemo(Demo):
    """On a Unix socket."""

    def __init__(self, executable, path, options=(), **limits):
        super().__init__(executable, ["--unix", path, *options], **limits)
        self.path = str(path)

    @property
    def address(self):
        return self.path

    def _read_port(self):
        line = self.process.stdout.readline().decode()
        assert line == f"listening on unix:{self.path}\n", f"{line!r}, status {self.process.poll()}: {self.errors()}"


class ActivatedDemo(Demo):
    """With sockets that somebody else has opened: `sockets`, which stay the caller's."""

    def __init__(self, executable, sockets, options=(), **limits):
        super().__init__(executable, options, inherits=[each.fileno() for each in sockets], **limits)
        numbers = ",".join(str(each.fileno()) for each in sockets)
        self.command = [sys.executable, "-I", "-S", "-c", PASS_ON, numbers, *self.command]
        self.sockets = sockets

    def _read_port(self):
        for each in self.sockets:
            name = each.getsockname()
            where = f"unix:{name}" if isinstance(name, str) else (
                f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}")
            line = self.process.stdout.readline().decode()
            assert line == f"listening on {where}\n", f"{line!r}, status {self.process.poll()}: {self.errors()}"
        name = self.sockets[0].getsockname()
        return None if isinstance(name, str) else name[1]


def clients_in_log(server):
    """Whom the log names, line by line, without ports."""
    lines = re.findall(r"^[^:]*: (.*?): (?:rejected|protocol_error|handshake_timeout|no_memory)", server.errors(), re.M)
    return [re.sub(r"^\[(.*)\]:\d+$|^([^:]*):\d+$", r"\1\2", line) for line in lines]


def is_root():
    """May this process do what only root may?"""
    return os.geteuid() == 0
