"""run.py - one run: starts a new server, runs the load generator against it, and stores the output of both in the
database."""
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

import counters
import database
import environment
import host
import load_hosts
import process
from cpus import listed

STARTS_S = 10     # a server says within that time that it listens,
STOPS_S = 10      # and is gone within that time after it was asked to end
MESSAGE_MAX = 65536  # bytes, a server's default
SEARCH_RUNS = 40
PORTS_KEPT = 1000

# How many connections leave their ports in TIME_WAIT for a while, at most.
RECONNECTING = 300_000
SEARCHING = 100_000

LISTENING = re.compile(rb"listening on .*:([0-9]+)\n")

# They have no options but the port; the floor also an address.
BARE = ("floor/", "aio/ladder/", "aio/aio_echo")


class Runner:
    """Makes the runs of one comparison, one at a time. `runs` is the directory for the files that programs write. `load`:
    a LoadHosts, where load comes from other hosts."""

    def __init__(self, db, build, runs, cpus, load=None):
        self.db, self.build, self.runs, self.cpus, self.load = db, build, runs, cpus, load
        self.ports = host.port_count()
        self.softirq_threads = [path for path in host.process_stats() if "(ksoftirqd/" in host.text_or_none(path)]
        self.loadgen = None
        self.end_loadgen = end_group
        self.interrupted = False

    def interrupt(self):
        """What Ctrl-C does at once: the rest of the run then ends by itself, and leaves no row."""
        self.interrupted = True
        if self.loadgen:
            self.end_loadgen(self.loadgen)

    def make(self, row):
        """Makes the run of a row of next_run.sql. Whatever goes wrong in it becomes its row in the database. Returns
        False, and leaves no row, if it was interrupted."""
        before = self.moment()
        began = time.monotonic()
        server = Server(self, row)
        loadgen_exit = None
        try:
            if row["rate"] is not None and server.start() and not self.interrupted:
                loadgen_exit = self.run_loadgen(row, server)
                if not self.interrupted:
                    server.stop()
        finally:
            server.end()
            if self.loadgen:
                end_group(self.loadgen)
                self.loadgen.wait()
                self.loadgen = None
        if self.interrupted:
            return False
        self.store(row, before, time.monotonic() - began, server.state, server.exit, loadgen_exit)
        return True

    def moment(self):
        """What is to be known from before a run."""
        return {"started": time.strftime("%Y-%m-%d %H:%M:%S"), "load_average": host.load_average(),
                "time_wait": sockets_in_time_wait(), "ticks_before": self.cpu_ticks()}

    def store(self, row, before, elapsed_s, server_state, server_exit, loadgen_exit):
        """Adds the run of this row to the database, with what its programs left. `before`: of moment()."""
        database.run_file(self.db, "import_run", id=row["id"], server_state=server_state, server_exit=server_exit,
                          loadgen_exit=loadgen_exit, elapsed_s=elapsed_s,
                          build=os.fsencode(self.build).decode("utf-8", "replace"),
                          ticks_after=self.cpu_ticks(), **before,
                          stats=counters.summed(self.left_by_servers(row, "json")),
                          server_says="".join(filter(None, self.left_by_servers(row, "err"))),
                          **{name: self.left(row, ending) for name, ending in
                             (("loadgen", "loadgen.json"), ("loadgen_says", "loadgen.err"), ("calls", "calls"))})

    def left(self, row, ending):
        """The text of a file that the run left; None if it left none."""
        return host.text_or_none(self.file(row, ending), None)

    def file(self, row, ending):
        """What the run's programs write to."""
        return self.runs / f"{row['id']}.{ending}"

    def server_files(self, row, ending):
        """What the processes of its server write to: server.json, server2.json, ..."""
        return [self.file(row, f"server{number if number > 1 else ''}.{ending}")
                for number in range(1, row["processes"] + 1)]

    def left_by_servers(self, row, ending):
        """The texts of these files; None for one that is not there."""
        return [host.text_or_none(path, None) for path in self.server_files(row, ending)]

    def start(self, words, cpus, output, errors, stdin=subprocess.DEVNULL):
        """A program on these CPUs, in a new session: Ctrl-C in the terminal does not reach it."""
        with open(errors, "wb") as file:
            return process.start(["taskset", "-c", listed(cpus), *words] if cpus else words,
                                 start_new_session=True, env=environment.made(**self.more_environment()), stdin=stdin,
                                 stdout=output, stderr=file)

    def more_environment(self):
        """What mpirun is told besides."""
        return self.load.environment() if self.load else {}

    def run_loadgen(self, row, server):
        """Returns its exit status, 124 if it had to be ended."""
        if row["generator"].startswith("floor/"):
            arguments = [server.port, row["clients"], row["pipeline"], row["size"], row["warmup_s"], row["duration_s"]]
            result = self.file(row, "loadgen.json")
        else:
            arguments = self.loadgen_arguments(row, server)
            result = os.devnull
        with open(result, "wb") as output:
            self.loadgen = self.start([*generator_words(self.build, row, self.load), *arguments], self.cpus.clients, output,
                                      self.file(row, "loadgen.err"))
        if self.interrupted:
            end_group(self.loadgen)
        if not ended_within(self.loadgen.pid, bound_s(row) + (load_hosts.ANSWERS_S if self.load else 0)):
            self.loadgen.terminate()
            if not ended_within(self.loadgen.pid, load_hosts.ENDS_S if self.load else 2):
                end_group(self.loadgen)
            self.loadgen.wait()
            status = 124
        else:
            status = status_of(self.loadgen)
        self.loadgen = None
        return status

    def loadgen_arguments(self, row, server):
        """The command line of loadgen/loadgen."""
        words = [*loadgen_words(row, server.port, server.pids(), self.file(row, "loadgen.json")), "--quiet",
                 "--duration", row["duration_s"], "--warmup", row["warmup_s"]]
        connections = row["clients"]
        if row["search"]:
            connections = SEARCHING
            words += ["--search", row["search"], "--search-min", row["search_min"], "--p99-ms", row["p99_ms"],
                      "--failures-percent", row["failures_percent"], "--resolution-percent", row["resolution_percent"]]
            by_clients = row["search"] == "clients"
            words += ["--client-rate", row["client_rate"]] if by_clients else ["--clients", row["clients"]]
        else:
            words += ["--clients", row["clients"], "--rate", row["rate"]]
        if row["active"] != row["clients"]:
            words += ["--active", row["active"]]
        if row["reconnect"]:
            connections = RECONNECTING
            words.append("--reconnect")
        return words + self.source_words(connections, row["search"] or row["reconnect"])

    def source_words(self, connections, always=False):
        """From which addresses so many connections come: of more than one where the local ports of one are too few."""
        if self.load or not always and connections <= self.ports - PORTS_KEPT:
            return []  # another host has its own addresses
        return ["--source-ips", source_addresses(connections, self.ports)]

    def cpu_ticks(self):
        """CPU time so far, in clock ticks, as a JSON list: of all processes of the machine, taken by the hypervisor, of
        this one with the servers and load generators that it waited for. Soft interrupts are mostly our own loopback
        traffic: a kernel that keeps no account of interrupts (none since boot) charges them to our processes as well,
        so that they belong to both sums then. What ksoftirqd does is ours for the same reason."""
        user, nice, system, _, _, irq, softirq, stolen = map(int, host.text_of("/proc/stat").split(None, 9)[1:9])
        own = sum(sum(map(int, stat.rpartition(")")[2].split()[11:15])) for stat in
                  map(host.text_or_none, ["/proc/self/stat", *self.softirq_threads]) if stat)
        return json.dumps([user + nice + system + (0 if irq else softirq), stolen, own])


class Server:
    """The server of one run: row["processes"] processes on one port. `state`: not started, ran, died (one of them ended
    before it was asked to, or with a status of its own), or killed (one did not end when it was asked to). `exit` is
    the first of their statuses that is not 0; None if they were not asked."""

    def __init__(self, runner, row):
        self.runner, self.row = runner, row
        self.processes, self.port, self.state, self.exit = [], 0, "not started", None

    def start(self):
        """Returns False if a process does not say in time that it listens."""
        return all(self.start_one(number) for number in range(self.row["processes"]))

    def start_one(self, number):
        """The first one chooses the port, and the others share it."""
        runner, row = self.runner, self.row
        words = server_words(runner.build, row, runner.cpus, runner.server_files(row, "json")[number], self.port,
                             runner.load)
        if row["traced"]:  # -D: the server keeps the process id that Popen tells
            words = ["strace", "-D", "-f", "-c", "-U", "calls,name", "-o", runner.file(row, "calls"), *words]
        self.processes.append(runner.start(words, None, subprocess.PIPE,
                                           runner.server_files(row, "err")[number]))
        self.port = port_in(output_until(self.processes[-1].stdout, STARTS_S, b"\n"))
        return self.port > 0

    def pids(self):
        """As loadgen takes them."""
        return ",".join(str(one.pid) for one in self.processes)

    def stop(self):
        """Asks its processes to stop, and waits for the end of their output: then they are gone; and for its strace, if
        it has one."""
        self.state = "died" if any(one.poll() is not None for one in self.processes) else "ran"
        for one in self.processes:
            one.terminate()  # nothing happens to one that has ended
        for one in self.processes:
            if output_until(one.stdout, STOPS_S) is None:
                self.state = "killed"
                one.kill()
        self.exit = next(filter(None, [status_of(one) for one in self.processes]), 0)
        if self.row["traced"] and not group_ended(self.processes[0].pid, STOPS_S):
            self.state = "killed"  # strace has not written all that it counted
        if self.state == "ran" and not ended_well(self.row["program"], self.exit):
            self.state = "died"

    def end(self):
        """Ends the server in any state: no process is left. Safe to call twice."""
        for one in self.processes:
            if one.poll() is None:
                end_group(one)
                one.wait()
            one.stdout.close()


def ended_well(program, status):
    """Is that how it ends when it is asked to? 143, of the SIGTERM itself, is the floor's way, and nobody else's."""
    return status == 0 or (status == 143 and program.startswith("floor/"))


def loadgen_words(row, port, pids, result):
    """The part of loadgen's command line that every measurement has; it writes its JSON to the file `result`."""
    return ["--protocol", row["protocol"], "--port", port, "--server-pid", pids, "--pipeline", row["pipeline"],
            "--size", row["size"], "--threads", row["threads"], "--timeout", row["timeout_s"], "--json", result,
            *row["client"].split(), *row["chaos"].split()]


def generator_words(build, row, load, name="run"):
    """The load generator of a row, and what it needs before all else. `load`: a LoadHosts; None: it runs here. `name`: of
    those that run at the same time, each has its own."""
    return load.loadgen_words(build, name) if load else [build / row["generator"]]


def is_bare(program):
    """Has it no options but the port? Then several processes of it cannot share one."""
    return program.startswith(BARE)


def server_words(build, row, cpus, stats, port=0, load=None):
    """The command line of one process of a row's server, on the servers' CPUs; row: program, protocol, size, options,
    limits, processes. It writes its counters to the file `stats`. Port 0: it chooses one, and says which. The others of
    several processes are given that one. `load`: a LoadHosts; then it can be reached from other hosts."""
    words = [build / row["program"], "--port", port, *(["--address", "0.0.0.0"] if load else [])]
    if not is_bare(row["program"]):
        words += ["--protocol", row["protocol"], "--drain", 2, "--stats", stats]
        words += ["--message-max", row["size"]] if row["size"] > MESSAGE_MAX else []
        words += ["--share-port"] if row["processes"] > 1 else []
    words += row["options"].split()
    if row["limits"]:
        words = ["prlimit", *row["limits"].split(), *words]
    return ["taskset", "-c", listed(cpus.servers), *words]


def port_in(said):
    """The port that a server names in its first line; 0: it does not say that it listens."""
    listening = LISTENING.match(said)
    return int(listening[1]) if listening else 0


def output_until(stream, seconds, ending=None):
    """What comes from the pipe, up to `ending` if given, else to its end. Where that does not come in time: what came
    if an ending was asked for, else None."""
    deadline, output = time.monotonic() + seconds, b""
    while ending is None or ending not in output:
        if not select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
            return None if ending is None else output
        piece = os.read(stream.fileno(), 65536)
        if not piece:
            break
        output += piece
    return output


def ended_within(pid, seconds):
    """Waits, without polling, until the child has ended (and leaves it to be waited for)."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def group_ended(leader, seconds):
    """Waits until nobody runs in the process group, such as strace -D, which is no child of ours. False if that takes
    longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(runs_in_group(stat, leader) for stat in pathlib.Path("/proc").glob("[0-9]*/stat")):
            return True
        time.sleep(0.01)
    return False


def runs_in_group(stat, leader):
    """Is this a process of the group? One that has ended is none, though its new parent may take a second to notice."""
    state, _, group = (host.text_or_none(stat, None) or ") Z 0 0").rpartition(")")[2].split()[:3]
    return int(group) == leader and state not in "ZX"


def end_group(child):
    """SIGKILL to what is left of the child's session."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)


def status_of(child):
    """The exit status as a shell reports it: 128 plus the number of a signal."""
    status = child.wait()
    return 128 - status if status < 0 else status


def bound_s(row):
    """When a load generator counts as hanging: connecting, its timeouts and draining must take less."""
    measured_s = row["duration_s"] + row["warmup_s"]
    more = SEARCH_RUNS - 1 if row["search"] else 0
    return 15 + measured_s + 3 * row["timeout_s"] + row["clients"] / 1000 + more * (measured_s + 2 * row["timeout_s"])


def source_addresses(connections, ports):
    """Enough loopback addresses for the local ports that the clients need."""
    usable = ports - PORTS_KEPT
    return ",".join(f"127.0.0.{number}" for number in range(1, (connections + usable) // (usable + 1) + 2))


def sockets_in_time_wait():
    """On this machine, now."""
    found = re.search(r"^TCP:.*\btw ([0-9]+)", host.text_or_none("/proc/net/sockstat"), re.MULTILINE)
    return int(found[1]) if found else None
