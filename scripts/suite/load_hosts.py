"""load_hosts.py - load from other hosts: what compare.sh --load-hosts does. loadgen_mpi runs on each of them, and a rank
more here, beside the servers: it leads the others, and looks at the servers (loadgen/together/)."""
import os
import re
import socket
import subprocess
import sys

import building
import environment
from terminal import Failure

LOADGEN = "loadgen/loadgen_mpi"
NAME = re.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
HOSTS_MAX = 1000
STDIN = "-"
ANSWERS_S = 60   # mpirun has started a program on each host, and it has ended
ENDS_S = 10      # and has ended all of them when it is told to

# What mpirun, and the ssh that it calls, may be told by their own variables.
THEIRS = ("OMPI_", "PRTE_", "PMIX_", "SSH_")


def read(path):
    """The hosts that a file names, one a line, with comments from # on. Failure says what is wrong, and in which line."""
    try:
        with open(sys.stdin.fileno() if path == STDIN else path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise Failure(f"--load-hosts '{path}' cannot be read: {why}; name a file with a host on each line") from None
    hosts = []
    for number, line in enumerate(lines, 1):
        host = line.partition("#")[0].strip()
        if not host:
            continue
        if not NAME.fullmatch(host):
            raise Failure(f"--load-hosts '{path}', line {number}: '{host}' is no name or IPv4 address of a host; give one on "
                          "each line")
        if host in hosts:
            raise Failure(f"--load-hosts '{path}', line {number}: '{host}' is there twice; give each host once")
        hosts.append(host)
    if not 0 < len(hosts) <= HOSTS_MAX:
        raise Failure(f"--load-hosts '{path}' names {len(hosts)} hosts: give 1 to {HOSTS_MAX}, one on each line")
    return hosts


def address_towards(host):
    """The address by which the host can reach this one. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.connect((host, 9))
            address = asked.getsockname()[0]
    except OSError as error:
        raise Failure(f"--load-hosts: host '{host}' cannot be found: {error.strerror}; see /etc/hosts, or give its IPv4 "
                      "address") from None
    if address.startswith("127."):
        raise Failure(f"--load-hosts: '{host}' is this machine: load from here needs no --load-hosts; leave it out")
    return address


def own_name():
    """As mpirun calls this host."""
    return os.uname().nodename


def count_in(db):
    """From how many hosts the load of these results came; 0: from the machine of the servers."""
    row = db.execute("select value from setting where key = 'load_hosts'").fetchone()
    return len(row[0].split(",")) if row else 0


class LoadHosts:
    """The hosts of one comparison."""

    def __init__(self, names):
        self.names = names
        self.address = address_towards(names[0])

    def words(self, build, name):
        """The command line up to the load generator's own options. Open MPI's files are in a directory of this `name`, on
        each host: two of its jobs that begin and end at the same time would remove one another's (4.1.4 does)."""
        place = f"/tmp/io-models-{os.getuid()}.{name.replace(' ', '_')}"
        return ["env", f"OMPI_MCA_orte_tmpdir_base={place}", f"PRTE_MCA_prte_tmpdir_base={place}",
                "mpirun", "--quiet", "--bind-to", "none", "--host", ",".join([own_name(), *self.names]), "-n",
                len(self.names) + 1, build / LOADGEN]

    def loadgen_words(self, build, name):
        """The same for a measurement: with the options that say where the server is."""
        return [*self.words(build, name), "--lead", "--host", self.address]

    @staticmethod
    def environment():
        """For mpirun: it and ssh may be told things by the user. Root may run it: as everybody else here."""
        return {**{name: value for name, value in os.environ.items() if name.startswith(THEIRS)},
                "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                "PRTE_ALLOW_RUN_AS_ROOT": "1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def check(self, build):
        """Can the load generator be started on all of them? Failure says why not."""
        if not (build / LOADGEN).is_file():
            raise Failure(f"--load-hosts: {build / LOADGEN} is not built: MPI was not found when the build was configured; "
                          f"scripts/setup.sh --hosts installs it, then remove {build}, and it is made anew")
        try:
            done = subprocess.run(list(map(str, [*self.words(build, "check"), "--version"])), capture_output=True, text=True,
                                  errors="replace", env=environment.made(**self.environment()), stdin=subprocess.DEVNULL,
                                  timeout=ANSWERS_S, check=False)
        except FileNotFoundError:
            raise Failure("--load-hosts: there is no mpirun; scripts/setup.sh --hosts installs it") from None
        except subprocess.TimeoutExpired:
            raise Failure(f"--load-hosts: {', '.join(self.names)}: not all of them ran {build / LOADGEN} within {ANSWERS_S} s; "
                          "try `ssh HOST` for each: it must not ask anything") from None
        if done.returncode:
            said = [line.strip() for line in done.stderr.splitlines() if line.strip(" -")]
            raise Failure(f"--load-hosts: {build / LOADGEN} cannot be started on {', '.join(self.names)}: "
                          f"{' '.join(said) or f'mpirun ended with status {done.returncode}'}; it must be built there at the "
                          "same path, and `ssh HOST` must not ask anything")


def prepare(build_dir):
    """Installs MPI here where it is missing, and lets meson look for it again. Returns nothing; check() says what is
    wrong."""
    building.set_up("hosts")
    if (build_dir / "build.ninja").exists() and not (build_dir / LOADGEN).is_file():
        subprocess.run(["meson", "setup", "--reconfigure", build_dir, environment.ROOT], env=environment.made(),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
