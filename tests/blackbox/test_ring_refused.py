"""io_uring refused, as containers often do: its servers say so in one line; nobody else notices."""
import ctypes
import json
import struct
import subprocess

import pytest

import timing
from servers import STEPS

IO_URING_SETUP = 425  # the same on all architectures
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL_WITH_EPERM = 0x7FFF0000, 0x00050001


def refuse_io_uring():
    """In the child: a seccomp filter under which io_uring_setup fails with EPERM (seccomp(2))."""
    steps = [(LOAD_WORD, 0, 0, 0), (JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP), (RETURN, 0, 0, FAIL_WITH_EPERM),
             (RETURN, 0, 0, ALLOW)]
    filters = b"".join(struct.pack("HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(filters)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "seccomp")


@pytest.mark.parametrize("model", ["aio", "aio_future", *STEPS])
@pytest.mark.parametrize("option", ["--probe", "--port=0"])
def test_a_refused_ring_is_said_in_one_line(executable, model, option):
    """What, why, what to do; and exit status 2."""
    done = subprocess.run([executable(model), option], preexec_fn=refuse_io_uring, capture_output=True, text=True,
                          timeout=timing.seconds(10), check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert said.count("\n") == 1 and "Operation not permitted" in said and "listening" not in said, said


def test_the_load_generator_goes_on_by_epoll(server_of, loadgen):
    """Where io_uring is refused it moves its bytes the other way, and its report says so."""
    with server_of("nio", "echo") as server:
        arguments = ["--port", server.port, "--clients", 3, "--duration", 0.2, "--warmup", 0, "--quiet", "--json", "-"]
        done = subprocess.run([loadgen.path, *map(str, arguments)], preexec_fn=refuse_io_uring, capture_output=True,
                              text=True, timeout=timing.seconds(10), check=False)
        asked = subprocess.run([loadgen.path, *map(str, arguments), "--io", "io_uring"], preexec_fn=refuse_io_uring,
                               capture_output=True, text=True, timeout=timing.seconds(10), check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["options"]["io"] == "epoll"
    assert asked.returncode == 2 and asked.stderr.count("\n") == 1 and "Operation not permitted" in asked.stderr
