"""redis_program.py - a Redis of one's own, on a port of its own. An installed service is left alone.

Debian has the server's program in redis-tools, as redis-check-rdb, which is a server when it is called redis-server; the
package redis-server adds that name, and a service that apt starts. So redis-tools is enough, and starts nothing.
"""
import os
import shutil

PLACES = os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin"

# Nothing is written but what the options say; nobody else is let in.
ALONE = ("--bind", "127.0.0.1", "--save", "")


def find():
    """The server's program; None: there is none."""
    return shutil.which("redis-server", path=PLACES) or shutil.which("redis-check-rdb", path=PLACES)


def words(port, directory, *options):
    """The command for a Popen whose `executable` is what find() says."""
    return ["redis-server", "--port", str(port), "--dir", str(directory), *ALONE, *options]
