"""Faults on order: an environment in which one function of libc fails (fault.c)."""
import errno
import os
import pathlib
import subprocess


def build(directory, name="fault"):
    """Compiles fault.c, or another such file beside it; returns what make_environment needs."""
    library = directory / f"{name}.so"
    source = pathlib.Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source, "-ldl"],
                   check=True)
    return library


def make_environment(library, **words):
    """This environment, with the library preloaded (before a sanitizer's, which has to be told) and `words`."""
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return {**os.environ, "LD_PRELOAD": str(library), "ASAN_OPTIONS": options, **words}


def fault(call, why, first=1, count=0):
    """The word for FAULT: calls of `call` fail with errno `why` from the `first` on, `count` times (0: for ever)."""
    return f"{call}:{getattr(errno, why)}:{first}:{count}"
