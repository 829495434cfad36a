"""environment.py - where the suite is, and the environment that its programs get: made here, not inherited.

A variable that the user has set (CFLAGS, CDPATH, GIT_DIR, LD_PRELOAD, NODE_OPTIONS...) changes what a program does, and
the figures would not show it. So every program gets the few variables below and no others.
"""
import os
import pathlib

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
ROOT = SCRIPTS.parent

# Where programs, home, temporary files, terminal and package servers are. Nothing of it changes a figure.
PASSED_ON = ("HOME", "LOGNAME", "PATH", "TERM", "TMPDIR", "USER", "SSL_CERT_FILE", "NO_COLOR",
             "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

# What would have changed the build, or how programs run. Worth a line where it is set.
TOLD = ("CC", "CFLAGS", "CPPFLAGS", "CPATH", "LDFLAGS", "LIBRARY_PATH", "PKG_CONFIG_PATH", "LD_PRELOAD",
        "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


def made(**more):
    """The environment for a program: PASSED_ON as the user has it, one language, and `more`."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **kept, "LC_ALL": "C.UTF-8", **more}


def ignored():
    """The names in TOLD that the user has set, in order: the programs do not see them."""
    return [name for name in TOLD if os.environ.get(name)]
