"""Hosts made on this machine (lab.sh): programs on them, and what is left of those."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACES = "user", "mnt", "pid", "net", "uts", "time"
STARTS_S, ENDS_S = 10, 15


def why_not(build_dir):
    """Why there can be no hosts here, or no load from them; None: there can."""
    if not (build_dir / "loadgen/loadgen_mpi").exists():
        return "loadgen_mpi is not built: there was no MPI when the build was configured (scripts/setup.sh --hosts, a new build)"
    for program, package in (("mpirun", "openmpi-bin"), ("ip", "iproute2"), ("nsenter", "util-linux")):
        if not shutil.which(program):
            return f"there is no {program}: install {package}"
    done = subprocess.run([HERE / "lab.sh", "--check"], capture_output=True, text=True, check=False)
    return f"no hosts can be made here: {' '.join(done.stderr.split())}" if done.returncode else None


def link(pid, name):
    """The namespace of a process, as a word; None if it is gone, or not ours to look at."""
    try:
        return os.readlink(f"/proc/{pid}/ns/{name}")
    except OSError:
        return None


def comm(pid):
    """The name of a process; None if it is gone, or has ended and is not waited for yet."""
    try:
        name, _, rest = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        return None if rest.split()[0] in "ZX" else name
    except OSError:
        return None


def wait_for(question, seconds=STARTS_S, what="it"):
    """Asks again and again until the answer is true; returns it."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)
    return answer


class Lab:
    """`with Lab("server", "a", "b") as lab:` these hosts, on one network."""

    def __init__(self, *hosts, build_dir, user=None):
        self.hosts, self.build_dir, self.user = hosts, build_dir, user

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="hosts-")
        self.path = pathlib.Path(self.directory.name)
        if self.user is not None:
            os.chown(self.path, self.user, self.user)
        self.outer = subprocess.Popen([HERE / "lab.sh", self.path, *self.hosts], stdin=subprocess.DEVNULL,
                                      **self.as_user())
        try:
            wait_for((self.path / "ready").exists, what="the lab")
            children = pathlib.Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text(encoding="utf-8")
            self.init = int(children.split()[0])
            self.home = {host: self.output(host, "readlink /proc/self/ns/uts").strip() for host in self.hosts}
        except BaseException:
            self.outer.kill()
            raise
        return self

    def __exit__(self, *_):
        self.outer.kill()
        self.outer.wait()
        self.directory.cleanup()

    def as_user(self):
        """For Popen: another user, where root asked for one."""
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user is not None else {}

    def words(self, host, command):
        """What runs a line of shell on a host."""
        enter = ["nsenter", "-t", self.init, "--user", "--preserve-credentials", "--mount", "--pid", "--net", "--uts",
                 f"--wd={self.build_dir}", "--"]
        return [*map(str, enter), str(self.path / "agent"), host, f"cd '{self.build_dir}' && {command}"]

    def start(self, host, command, **options):
        """Starts it."""
        agent = str(self.path / "agent")
        environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                       "OMPI_MCA_plm_rsh_agent": agent, "PRTE_MCA_plm_ssh_agent": agent, "TMPDIR": str(self.path)}
        return subprocess.Popen(self.words(host, command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment, **{"stdin": subprocess.DEVNULL, **self.as_user(), **options})

    def run(self, host, command, seconds=60):
        """Runs it; its status, stdout and stderr."""
        with self.start(host, command) as process:
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                self.end_all("mpirun", "loadgen_mpi")
                raise
        return process.returncode, out, err

    def output(self, host, command):
        """What it prints; it must succeed."""
        status, out, err = self.run(host, command)
        assert status == 0, f"{command} on {host}: {err}"
        return out

    def processes(self, *names):
        """{pid: host} of the processes in here with one of these names (the first 15 letters)."""
        mine, names = link(self.init, "pid"), [name[:15] for name in names]
        homes = {home: host for host, home in self.home.items()}
        return {pid: homes.get(link(pid, "uts")) for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                if link(pid, "pid") == mine and comm(pid) in names}

    def end_all(self, *names):
        """SIGKILL to them."""
        for pid in self.processes(*names):
            os.kill(pid, signal.SIGKILL)

    def mpirun(self, hosts, *arguments, seconds=60, options="", program="loadgen/loadgen_mpi"):
        """Runs the load generator, a rank on each host, from the first of them; its status, stdout and stderr."""
        return self.run(hosts[0], mpirun_line(hosts, *arguments, options=options, program=program), seconds)

    def start_mpirun(self, hosts, *arguments):
        """Starts it, and waits until all ranks are there."""
        process = self.start(hosts[0], mpirun_line(hosts, *arguments))
        wait_for(lambda: len(self.ranks()) == len(hosts), what="the start of all ranks")
        return process

    def ranks(self):
        """{host: pid} of the load generators."""
        return {host: pid for pid, host in self.processes("loadgen_mpi").items()}

    def connections(self, host, port):
        """How many connections to this port the host has."""
        return len(self.output(host, f"ss -Htn state established 'sport = :{port}'").splitlines())

    def second_addresses(self, hosts):
        """Gives these hosts one more address each; all they have, as loadgen takes them."""
        addresses = []
        for host in hosts:
            number = self.hosts.index(host) + 1
            self.output(host, f"ip address replace 10.77.0.{number + 100}/24 dev eth0")
            addresses += [f"10.77.0.{number}", f"10.77.0.{number + 100}"]
        return addresses

    def sockets(self, host):
        """How many TCP sockets the host has: quick, however many they are; those of MPI and mpirun are among them."""
        return int(self.output(host, "cat /proc/net/sockstat").partition("TCP: inuse ")[2].split()[0])


def ours(err):
    """Of what came on stderr the lines of the load generators: mpirun may have its own to say."""
    return [line for line in err.splitlines() if line.startswith("loadgen: ")]


def mpirun_line(hosts, *arguments, options="", program="loadgen/loadgen_mpi"):
    """As a line of shell."""
    return " ".join(["exec mpirun -q --bind-to none", f"--host {','.join(hosts)} -n {len(hosts)}", options, program,
                     *map(str, arguments)])


class Server:
    """`with Server(lab, "server", "nio") as server:` a server on a host, in several processes that share a port."""

    def __init__(self, lab, host, model, *options, protocol="echo", processes=1):
        self.lab, self.host, self.model, self.options = lab, host, f"{model}/{model}_server", options
        self.protocol, self.count, self.port, self.processes = protocol, processes, 0, []

    def __enter__(self):
        for number in range(self.count):
            share = "--share-port" if self.count > 1 else ""
            process = self.lab.start(self.host, f"exec {self.model} --address 0.0.0.0 --port {self.port} {share} "
                                     f"--protocol {self.protocol} --stats '{self.stats_path(number)}' "
                                     + " ".join(map(str, self.options)))
            self.processes.append(process)
            line = process.stdout.readline()
            assert line.startswith("listening on "), line + process.stderr.read()
            self.port = int(line.rpartition(":")[2])
        return self

    def stats_path(self, number):
        """Where a process of it writes what it counted."""
        return self.lab.path / f"stats{number}.json"

    def pids(self):
        """As the programs of this host see them."""
        return [int(pid) for pid in self.lab.output(self.host, f"pgrep -f '^{self.model}'").split()]

    def signal(self, number):
        """To all its processes."""
        for pid in self.lab.processes(pathlib.Path(self.model).name):
            os.kill(pid, number)

    def stats(self):
        """What its processes counted: after the end."""
        return [json.loads(self.stats_path(number).read_text(encoding="utf-8")) for number in range(self.count)]

    def __exit__(self, *_):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        for process in self.processes:
            process.send_signal(signal.SIGCONT)  # nsenter stops when its child does
            try:
                process.communicate(timeout=ENDS_S)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                raise
