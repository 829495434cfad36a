"""process.py - children that end with the suite, however it ends."""
import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1  # linux/prctl.h

_prctl = ctypes.CDLL(None).prctl


def start(words, number=signal.SIGKILL, **options):
    """A subprocess.Popen of the words. The kernel sends it signal `number` when this process is gone, by whatever way."""
    parent = os.getpid()

    def die_with_parent():
        _prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it went before the kernel was asked
            os.kill(os.getpid(), signal.SIGKILL)

    return subprocess.Popen([os.fspath(word) if isinstance(word, os.PathLike) else str(word) for word in words],
                            preexec_fn=die_with_parent, **options)
