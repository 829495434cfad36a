"""poll(2) beside epoll: what idle clients cost. That poll_echo serves as the other first readings do: test_ladder.py."""
import contextlib

import pytest

from clients import Peer, pattern
from servers import Step

IDLE = 2000
MESSAGES = 300
TIMES_MORE = 3  # it is 40 and more; where others use the machine, both are dearer


def cpu_seconds(server):
    """Of its only thread (proc(5): schedstat)."""
    with open(f"/proc/{server.pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def cost(server, idle):
    """CPU seconds for the messages of one client beside so many that are silent."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(Peer(server)) for _ in range(idle)]
        active = stack.enter_context(Peer(server))
        for peer in (*silent[-1:], active):
            peer.roundtrip()  # all before it are accepted
        before = cpu_seconds(server)
        for number in range(MESSAGES):
            active.roundtrip(pattern(64, number))
        return cpu_seconds(server) - before


@pytest.mark.heavy("the CPU time measured would be the sanitizer's own")
def test_a_call_of_poll_costs_more_with_every_idle_client(executable):
    """epoll's does not. CPU time, not time: others may have the machine meanwhile."""
    costs = {}
    for name in ("poll_echo", "nio_echo"):
        with Step(executable(name), name) as server:
            costs[name] = (cost(server, 0), cost(server, IDLE))
    alone, beside_idle = costs["poll_echo"]
    assert beside_idle > TIMES_MORE * alone, costs
    assert beside_idle > TIMES_MORE * costs["nio_echo"][1], costs
