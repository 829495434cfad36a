"""A rank that is gone or hangs ends the run within seconds, with one line that names it and its host; nothing is left."""
import os
import re
import signal
import subprocess
import time

import pytest

from conftest import HOSTS
from lab import Server, ours, wait_for

# A rank is missed after 5 s at the latest (loadgen/together/roll.h); then Open MPI 4.1's mpirun takes 3 s to end.
ENDS_WITHIN_S = 12


def lost(lab, rank_host, number, server, arguments, ready):
    """Runs, kills that host's rank when `ready()` is true, and returns the lines that were said."""
    process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 200, *arguments)
    ready()
    os.kill(lab.ranks()[rank_host], number)
    begun = time.monotonic()
    try:
        out, err = process.communicate(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        lab.end_all("mpirun", "loadgen_mpi", "orted")
        raise
    assert process.returncode not in (0, 1), out
    assert time.monotonic() - begun < ENDS_WITHIN_S
    wait_for(lambda: not lab.processes("mpirun", "loadgen_mpi", "orted", "prted", "prterun"), 2, "the end of all processes")
    assert out == "", "a run that is lost has no report"
    return ours(err)


def check_line(lines, rank, host, phase):
    """One line, which names them."""
    assert len(lines) == 1, lines
    assert re.fullmatch(f"loadgen: (rank 1 on a: )?rank {rank} on {host} is gone or hangs: not heard of for [0-9.]+ s, "
                        f"{phase}; the run is lost", lines[0])


@pytest.mark.parametrize("number, host", [
    (signal.SIGKILL, "c"),
    (signal.SIGSTOP, "b"),
    pytest.param(signal.SIGKILL, "server", marks=pytest.mark.full),  # the short form has two of these
    pytest.param(signal.SIGSTOP, "server", marks=pytest.mark.full),
])
def test_in_the_window(lab, number, host):
    """Killed, or stopped and so silent; the first rank, too, which watches the others."""
    with Server(lab, "server", "nio") as server:
        def ready():
            wait_for(lambda: lab.connections("server", server.port) == 200, what="connecting")
            time.sleep(0.3)

        lines = lost(lab, host, number, server, ["--warmup", 0.1, "--duration", 60], ready)
    check_line(lines, HOSTS.index(host), host, "in warm-up or window")


@pytest.mark.full  # each takes some ten seconds; the short form has the window
def test_while_connecting(lab):
    """Half of the clients are connected."""
    with Server(lab, "server", "nio") as server:
        lines = lost(lab, "c", signal.SIGKILL, server, ["--ramp", 60],
                     lambda: wait_for(lambda: lab.connections("server", server.port) > 3, what="connecting"))
    check_line(lines, 3, "c", "while connecting")


@pytest.mark.full  # see above
def test_in_the_warm_up(lab):
    """Before anything is measured."""
    with Server(lab, "server", "nio") as server:
        lines = lost(lab, "c", signal.SIGKILL, server, ["--warmup", 60],
                     lambda: wait_for(lambda: lab.connections("server", server.port) == 200, what="connecting"))
    check_line(lines, 3, "c", "(while connecting|in warm-up or window)")


@pytest.mark.full  # see above
def test_while_draining(lab):
    """The server has stopped, so that the clients wait for its replies."""
    with Server(lab, "server", "nio") as server:
        def ready():
            wait_for(lambda: lab.connections("server", server.port) == 200, what="connecting")
            time.sleep(0.5)
            server.signal(signal.SIGSTOP)
            time.sleep(1.5)  # the window is over, and 2 s of waiting for replies have begun

        lines = lost(lab, "c", signal.SIGKILL, server, ["--warmup", 0, "--duration", 1], ready)
    check_line(lines, 3, "c", "while draining")


def test_a_signal_to_one_ends_the_run_of_all_with_a_report(lab):
    """SIGTERM to one rank: the figures are of what was measured until then."""
    with Server(lab, "server", "nio") as server:
        process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 30,
                                   "--warmup", 0, "--duration", 60)
        wait_for(lambda: lab.connections("server", server.port) == 30, what="connecting")
        time.sleep(0.5)
        os.kill(lab.ranks()["b"], signal.SIGTERM)
        out, err = process.communicate(timeout=ENDS_WITHIN_S)
    assert (process.returncode, ours(err)) == (0, []), err
    assert "30 asked, 30 connected, 30 served" in out
    assert "warning: interrupted: the figures are of the part of the window that was measured" in out
    assert not lab.processes("mpirun", "loadgen_mpi", "orted")


@pytest.mark.full  # the short form has the one above
def test_ctrl_c_ends_with_a_report(lab):
    """SIGINT to mpirun, which sends SIGTERM to all ranks, and SIGKILL a second later."""
    with Server(lab, "server", "nio") as server:
        process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 30,
                                   "--warmup", 0, "--duration", 60)
        wait_for(lambda: lab.connections("server", server.port) == 30, what="connecting")
        time.sleep(0.5)
        (pid,) = lab.processes("mpirun") or lab.processes("prterun")
        os.kill(pid, signal.SIGINT)
        out, err = process.communicate(timeout=ENDS_WITHIN_S)
    assert ours(err) == []
    assert "30 asked, 30 connected, 30 served" in out
    assert "warning: interrupted: the figures are of the part of the window that was measured" in out
    wait_for(lambda: not lab.processes("mpirun", "loadgen_mpi", "orted", "prted", "prterun"), 2, "the end of all processes")
