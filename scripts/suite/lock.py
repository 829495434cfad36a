"""lock.py - one comparison at a time in a checkout: two would measure each other.

The lock is an abstract Unix socket: its name is in no directory, so it works in a read-only checkout too. It ends with
its process, however that ends; children do not inherit it; and the kernel tells which process has it.
"""
import os
import socket
import struct
import time

import environment
import host
from terminal import Failure


def name():
    """The same name for this checkout, by whatever path it is reached."""
    place = os.stat(environment.SCRIPTS)
    return f"\0io-models compare {place.st_dev}:{place.st_ino}"


def take():
    """Returns the lock: it lasts as long as the object exists. Failure if another comparison has it, naming that
    one."""
    lock = socket.socket(socket.AF_UNIX)
    try:
        lock.bind(name())
        lock.listen(16)
    except OSError:
        lock.close()
        raise Failure(f"another comparison is running here{holder()}: two at once would measure each other; "
                      "wait for it to end, or end it") from None
    return lock


def holder():
    """Which process that is, and since when, as far as it can be known."""
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.setblocking(False)  # nobody accepts: a queue that is full would be waited for
        try:
            visitor.connect(name())
            peer = visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except OSError:
            return ""
    pid = struct.unpack("3i", peer)[0]
    return f" (process {pid}{since(pid)})" if pid > 0 else ""


def since(pid):
    """When the process began, in local time."""
    try:
        began_s = int(host.text_of(f"/proc/{pid}/stat").rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        age_s = float(host.text_of("/proc/uptime").split()[0]) - began_s
    except (OSError, ValueError, IndexError):
        return ""
    return time.strftime(", since %Y-%m-%d %H:%M:%S", time.localtime(time.time() - age_s))
