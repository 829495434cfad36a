"""Runs a server of this suite as a child process, for the facts that the report shows about it."""
import ctypes
import pathlib
import select
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "suite"))

import database  # pylint: disable=wrong-import-position
import environment  # pylint: disable=wrong-import-position

# The models, their programs and what makes them do what the others do, as they are measured.
PROGRAMS = {name: [program, *options.split()] for name, program, options in database.words().execute(
    "select name, program, options from model where not yardstick and client = '' and before is null and twin_of is null order by position")}

START_LIMIT_S = 20
STOP_LIMIT_S = 10
PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)


class NotServing(Exception):
    """The server cannot be run here; the text says why, in one line."""


def command(build, model, protocol, *options):
    """What starts this model's server."""
    program, *own = PROGRAMS[model]
    path = pathlib.Path(build, program).resolve()
    if not path.exists():
        raise NotServing(f"{program} is not built")
    return [str(path), *own, "--port", "0", "--protocol", protocol, *options]


def let_others_trace():
    """Where only a parent may attach a debugger (kernel.yama.ptrace_scope 1), this lets ours. It holds beyond exec."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)


class Serving:
    """`with Serving(command) as server:` starts it and waits until it listens; the end of the block ends it."""

    def __init__(self, words):
        self.words = words
        self.address = None

    def __enter__(self):
        # pylint: disable-next=subprocess-popen-preexec-fn # there is no thread yet
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=environment.made(),
                                        preexec_fn=let_others_trace)
        ready, _, _ = select.select([self.process.stdout], [], [], START_LIMIT_S)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("listening on "):
            self.process.kill()
            said = self.process.communicate()[1].strip().replace("\n", " ")
            raise NotServing(said or "the server did not say that it listens")
        host, _, port = line.split()[2].rpartition(":")
        self.address = (host, int(port))
        return self

    @property
    def pid(self):
        """Its process id."""
        return self.process.pid

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
