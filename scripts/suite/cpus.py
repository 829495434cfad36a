"""cpus.py - which CPUs servers and load generator get: only CPUs on which the kernel lets this process run, which may
be fewer than it lists."""
import collections
import os
import pathlib

from terminal import Failure

# servers: those of whichever server runs, the same for all. shared: there is only one. client_threads: of the load
# generator.
Cpus = collections.namedtuple("Cpus", "servers clients client_threads shared")

LOADGEN_THREADS_MAX = 4


def choose(processes=1, load_is_here=True):
    """The server has the last CPU to itself, with its hyper-thread sibling kept free if that leaves any for the load
    generator. A server of several processes has one for each, but not more than half of the cores: the load
    generator needs about as much. Where load comes from other hosts, it needs one to lead them."""
    usable = [cpu for cpu in sorted(os.sched_getaffinity(0)) if runs_on(cpu)]
    if not usable:
        raise Failure("no CPU lets itself be chosen (taskset -c): server and load generator cannot be kept apart; "
                      "is this a sandbox that refuses sched_setaffinity?")
    cores = one_of_each_core(usable)
    most = len(cores) // 2 if load_is_here else len(cores) - 1
    servers = cores[:max(1, min(processes, most))]
    others = [cpu for cpu in usable if cpu not in servers]
    apart = [cpu for cpu in others if not any(cpu in siblings(server) for server in servers)]
    clients = apart or others or servers
    return Cpus(sorted(servers), clients, min(len(clients), max(LOADGEN_THREADS_MAX, len(servers))), not others)


def one_of_each_core(usable):
    """Of its hyper-threads the last; the last core first."""
    chosen = []
    for cpu in reversed(usable):
        if not any(cpu in siblings(other) for other in chosen):
            chosen.append(cpu)
    return chosen


def listed(chosen):
    """As taskset takes them."""
    return ",".join(map(str, chosen))


def runs_on(cpu):
    """Can a process be bound to it? A CPU may be listed and be offline."""
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {cpu})
        return True
    except OSError:
        return False
    finally:
        os.sched_setaffinity(0, allowed)


def siblings(cpu):
    """The hyper-threads of its core, itself among them."""
    try:
        listed = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        return set(expand(listed.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return {cpu}


def expand(text):
    """0-2,5 -> 0 1 2 5"""
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
