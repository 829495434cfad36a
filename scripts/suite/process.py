"""process.py - children that end with the suite, however it ends."""
import contextlib
import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1  # linux/prctl.h

_prctl = ctypes.CDLL(None).prctl


def die_with(parent, number=signal.SIGKILL):
    """In a new child: the kernel sends it signal `number` when process `parent`, which forked it, is gone."""
    _prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it went before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)


def start(words, number=signal.SIGKILL, **options):
    """A subprocess.Popen of the words; the kernel ends it when this process ends, for any reason (die_with)."""
    parent = os.getpid()
    return subprocess.Popen([os.fspath(word) if isinstance(word, os.PathLike) else str(word) for word in words],
                            preexec_fn=lambda: die_with(parent, number), **options)


@contextlib.contextmanager
def running(words, **options):
    """start() for a `with`: an exception inside, such as Ctrl-C, ends the child; then the child is waited for."""
    with start(words, **options) as child:
        try:
            yield child
        except BaseException:
            child.terminate()
            raise
