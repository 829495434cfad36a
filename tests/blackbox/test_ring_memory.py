"""io_uring where memory is what is short: `ulimit -l 64`, as ordinary users of older systems have it; and pages of other
sizes than 4 KiB."""
import json
import re
import resource
import subprocess
import sys

import pytest

from faults import fault
from servers import STEPS, without_capabilities
from timing import seconds, wait_until

KIB = 1024
RING_PROGRAMS = {"aio": "aio/aio_server", "aio_future": "aio/aio_future_server", **STEPS,
                 "fd_is_identity": "aio/naive/fd_is_identity"}


def locked_memory(kib):
    """What the child does first: an ordinary user's rights, and so much memory that may be locked."""
    def limit():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (kib * KIB, kib * KIB))
        without_capabilities()
    return limit


def run(command, **options):
    """Runs it to its end."""
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds(10), check=False,
                          **options)


@pytest.fixture(scope="module")
def counted(build_dir):
    """Skips where rings do not count as locked memory: that differs from kernel to kernel."""
    if not (build_dir / RING_PROGRAMS["aio"]).exists():
        pytest.skip("built without liburing")
    ask = "import ctypes; print(ctypes.CDLL(None).syscall(425, 2048, ctypes.create_string_buffer(120)))"  # io_uring_setup
    if run([sys.executable, "-c", ask], preexec_fn=locked_memory(64)).stdout.strip() != "-1":
        pytest.skip("this kernel does not count rings as locked memory")


@pytest.mark.parametrize("option", ["--probe", "--port=0"])
@pytest.mark.parametrize("program", RING_PROGRAMS.values(), ids=RING_PROGRAMS)
@pytest.mark.usefixtures("counted")
def test_too_little_locked_memory_is_said_before_anybody_listens(build_dir, program, option):
    """One line with the limit and what is needed, status 2; --probe says the same as the start."""
    if option == "--probe" and "naive" in program:
        pytest.skip("it has no --probe")
    done = run([build_dir / program, option], preexec_fn=locked_memory(64))
    said = done.stdout + done.stderr
    assert done.returncode == 2 and said.count("\n") == 1 and "listening" not in said, said
    needed = re.search(r"locks (\d+) KiB, and 'ulimit -l' is 64 KiB", said)
    assert needed and 64 < int(needed.group(1)) < 1024, said


@pytest.mark.parametrize("model", ["aio", "aio_future"])
@pytest.mark.usefixtures("counted")
def test_what_is_said_to_be_needed_is_enough(build_dir, model):
    """With half of that it does not open. With eight times that it does, as soon as the other rings of this user leave so
    much: those of tests that run at the same time, and those of programs that have ended, which the kernel gives back
    when it comes to it."""
    path = build_dir / RING_PROGRAMS[model]
    said = run([path, "--probe"], preexec_fn=locked_memory(64)).stdout
    needed = int(re.search(r"locks (\d+) KiB", said).group(1))
    assert run([path, "--probe"], preexec_fn=locked_memory(needed // 2)).returncode == 2
    wait_until(lambda: run([path, "--probe"], preexec_fn=locked_memory(8 * needed)).returncode == 0,
               f"{path.name} opens its ring with 8 times {needed} KiB", plain=30)


@pytest.mark.usefixtures("counted")
def test_the_load_generator_goes_on_by_epoll_and_says_why(server_of, loadgen):
    """Its report says how the bytes moved; --io io_uring is refused in one line. Two threads: both fall back."""
    with server_of("nio", "echo") as server:
        short = [loadgen.path, "--port", server.port, "--clients", 4, "--threads", 2, "--duration", 0.2, "--warmup", 0,
                 "--quiet", "--json", "-"]
        done = run(short, preexec_fn=locked_memory(64))
        asked = run([*short, "--io", "io_uring"], preexec_fn=locked_memory(64))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["options"]["io"] == "epoll" and report["clients"]["served"] == 4
    assert "going on with epoll" in done.stderr and "ulimit -l" in done.stderr, done.stderr
    assert asked.returncode == 2 and asked.stderr.count("\n") == 1 and "ulimit -l" in asked.stderr, asked.stderr


@pytest.mark.usefixtures("counted")
def test_a_second_thread_without_a_ring_takes_the_first_along(server_of, loadgen):
    """Memory for one ring and not for two: all threads move their bytes in one way."""
    with server_of("nio", "echo") as server:
        done = run([loadgen.path, "--port", server.port, "--clients", 8, "--threads", 8, "--duration", 0.2, "--warmup",
                    0, "--quiet", "--json", "-"], preexec_fn=locked_memory(1500))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["options"]["io"] == "epoll" and "going on with epoll" in done.stderr


@pytest.mark.parametrize("option", ["--probe", "--port=0"])
@pytest.mark.parametrize("call, why", [
    ("io_uring_queue_init_params", "EMFILE"), ("io_uring_queue_init_params", "ENOMEM"),
    ("io_uring_register_buf_ring", "ENOMEM")])
@pytest.mark.parametrize("program", ["aio", "aio_future"])
def test_what_is_used_up_is_not_called_forbidden_or_too_old(executable, with_fault, program, call, why, option):
    """Descriptors and memory: no sysctl and no newer kernel gives more of them."""
    done = run([executable(program), option], env=with_fault(fault(call, why)))
    said = done.stdout + done.stderr
    assert done.returncode == 2 and said.count("\n") == 1, said
    assert "ulimit" in said and not re.search("sysctl|use Linux", said), said


@pytest.mark.parametrize("program", [name for name in RING_PROGRAMS if name not in
                                     ("step1_oneshot", "step2_multishot_accept", "fd_is_identity")])
def test_a_ring_of_buffers_begins_at_a_page_of_any_size(executable, page_size, program):
    """The kernel takes it from nowhere else: where pages are 16 KiB, 4,096 is not enough."""
    size = 1024 * KIB
    done = run([executable(program), "--probe"], env=page_size(size))
    addresses = [int(address) for address in re.findall(r"buffer ring at (\d+)", done.stderr)]
    assert addresses and not any(address % size for address in addresses), done.stderr


@pytest.mark.parametrize("program", [name for name in RING_PROGRAMS if name not in
                                     ("step1_oneshot", "step2_multishot_accept", "fd_is_identity")])
def test_a_ring_of_buffers_begins_empty(executable, page_size, program):
    """Whatever its memory held before (MALLOC_PERTURB_): else the kernel takes buffers twice when all are used."""
    done = run([executable(program), "--probe"], env={**page_size(4 * KIB), "MALLOC_PERTURB_": "165"})
    tails = set(re.findall(r"buffer ring at \d+, tail (\d+)", done.stderr))
    assert tails == {"0"}, done.stderr
