"""host.py - facts about this machine, this checkout and this build, which are stored with the figures."""
import hashlib
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import subprocess
import time

import environment
from cpus import listed

CGROUPS = pathlib.Path("/sys/fs/cgroup")

DESCRIPTORS_KEPT = 50  # of each process, for what is no connection

SYSCTLS = ("net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.ip_local_port_range",
           "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_max_tw_buckets", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
           "net.ipv4.tcp_mem", "net.ipv4.tcp_congestion_control", "net.core.rmem_max", "net.core.wmem_max",
           "fs.file-max", "kernel.pid_max", "kernel.threads-max", "vm.max_map_count", "vm.overcommit_memory",
           "kernel.io_uring_disabled")

# What a git of the user's own is told: his settings change neither what it finds nor what it counts.
GIT_SETTINGS = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}


def raise_descriptor_limit():
    """Servers and load generator inherit it. Returns the most clients, and why not more."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY:
        hard = int(text_of("/proc/sys/fs/nr_open"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return hard - DESCRIPTORS_KEPT, (f"the hard descriptor limit, ulimit -Hn, is {hard}, "
                                     f"of which {DESCRIPTORS_KEPT} are kept back")


def port_count():
    """How many clients one address can have."""
    first, last = text_of("/proc/sys/net/ipv4/ip_local_port_range").split()
    return int(last) - int(first) + 1


def load_average():
    """As text, of 1, 5 and 15 minutes."""
    return " ".join(text_of("/proc/loadavg").split()[:3])


def text_of(path):
    """A file's text. OSError where there is none."""
    return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")


def text_or_none(path, none=""):
    """The same; `none` where there is none."""
    try:
        return text_of(path)
    except OSError:
        return none


def process_stats():
    """The stat files of all processes."""
    return pathlib.Path("/proc").glob("[0-9]*/stat")


def said_by(*words, **variables):
    """What the program prints. OSError if there is none, or it fails."""
    done = subprocess.run(words, env=environment.made(**variables), capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise OSError(done.stderr)
    return done.stdout


def git(*words):
    """Runs git for this checkout, not for a repository that only contains this directory."""
    here = ("git", "-c", f"safe.directory={environment.ROOT}", "-c", "core.excludesFile=/dev/null",
            "-c", "core.attributesFile=/dev/null", "-c", "core.fsmonitor=false", "-C", environment.ROOT)
    top = said_by(*here, "rev-parse", "--show-toplevel", **GIT_SETTINGS).removesuffix("\n")
    if not os.path.samefile(top, environment.ROOT):
        raise OSError(f"{environment.ROOT} is no repository")
    return said_by(*here, *words, **GIT_SETTINGS)


def uncommitted():
    """The commit, and how many files differ from it."""
    changed = git("status", "--porcelain", "--untracked-files=normal", "--no-renames", "-z").count("\0")
    return f"{git('rev-parse', 'HEAD').strip()} {changed} files"


def introspected(build, name):
    """What meson recorded about the build directory."""
    return json.loads(text_of(build / f"meson-info/intro-{name}.json"))


def compiler(build):
    """The first line of the version of what compiled a server that every build has."""
    for target in introspected(build, "targets"):
        if target["name"] == "nio_server":
            return said_by(*target["target_sources"][0]["compiler"], "--version").splitlines()[0]
    raise OSError("no nio_server")


def liburing(build):
    """The version that the build was configured with, which need not be what is installed now."""
    return next(found["version"] for found in introspected(build, "dependencies") if found["name"] == "liburing")


def protocol_objects(build):
    """The objects of the protocol module, which all servers share."""
    return sorted((build / "common/libprotocol.a.p").glob("*.o"))


def protocol_hash(build):
    """One sum over all of them."""
    objects = protocol_objects(build)
    return hashlib.sha256(b"".join(path.read_bytes() for path in objects)).hexdigest() if objects else ""


def cpu_model():
    """As the kernel names it."""
    return re.search(r"^model name\s*:\s*(.*)", text_of("/proc/cpuinfo"), re.MULTILINE)[1]


def mitigations():
    """Each vulnerability that this CPU has, and what is done about it."""
    found = sorted(pathlib.Path("/sys/devices/system/cpu/vulnerabilities").iterdir())
    said = [(path.name, path.read_text(encoding="ascii").strip()) for path in found]
    return " ".join(f"{name}:{text};" for name, text in said if text != "Not affected")


def governor():
    """The CPUs' frequency governors, each once."""
    return " ".join(sorted({text_of(path).strip() for path in
                            pathlib.Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")}))


def virtual(kind):
    """What systemd-detect-virt says: 'none' with status 1, which is an answer."""
    return subprocess.run(["systemd-detect-virt", f"--{kind}"], env=environment.made(), capture_output=True, text=True,
                          check=False).stdout


def virtual_machine():
    """By systemd where it is there; else by the CPU's flag."""
    if shutil.which("systemd-detect-virt", path=environment.made()["PATH"]):
        return virtual("vm")
    is_guest = re.search(r"^flags\s*:.*\bhypervisor\b", text_of("/proc/cpuinfo"), re.MULTILINE)
    return "yes (hypervisor flag)" if is_guest else "none"


def memory():
    """What the kernel has."""
    return f"{int(re.search(r'MemTotal: *([0-9]+)', text_of('/proc/meminfo'))[1]) / 1048576:.1f} GiB"


def cgroup_limit(name):
    """The first limit on the way from our own group to the root; 'max' where there is none."""
    own = re.search(r"^0::(.*)$", text_of("/proc/self/cgroup"), re.MULTILINE)[1]
    group = CGROUPS / own.lstrip("/")
    found = ""
    for directory in (group, *group.parents):
        if (directory / name).is_file():
            found = (directory / name).read_text(encoding="ascii").strip()
            if not found.startswith("max"):
                break
        if directory == CGROUPS:
            break
    return found


def limit(which, part=0, unit=1):
    """A limit of this process, which servers inherit: part 0 is the soft one, 1 the hard one."""
    value = resource.getrlimit(which)[part]
    return "unlimited" if value == resource.RLIM_INFINITY else str(value // unit)


def facts(build, cpus, load_at_start):
    """All that does not change between runs: (key, value)s. 'n/a: WHY' where it cannot be found out."""
    asked = (
        ("date", "-", lambda: time.strftime("%Y-%m-%d %H:%M:%S %z")),
        ("load_average_at_start", "-", lambda: load_at_start),
        ("kernel", "-", lambda: " ".join((os.uname().sysname, os.uname().release))),
        ("distribution", "no /etc/os-release", lambda: platform.freedesktop_os_release()["PRETTY_NAME"]),
        ("cpu_model", "not in /proc/cpuinfo", cpu_model),
        ("cpus", "-", lambda: str(os.sysconf("SC_NPROCESSORS_ONLN"))),
        ("cpu_server", "-", lambda: listed(cpus.servers)),
        ("cpu_loadgen", "-", lambda: listed(cpus.clients)),
        ("memory", "-", memory),
        ("mitigations", "none reported as needed, or no /sys/devices/system/cpu/vulnerabilities", mitigations),
        ("governor", "no cpufreq here: usual in virtual machines", governor),
        ("virtual_machine", "systemd-detect-virt says nothing", virtual_machine),
        ("container", "no systemd-detect-virt", lambda: virtual("container")),
        ("liburing", "the build found no liburing", lambda: liburing(build)),
        ("io_uring", "aio_server is not built, or its --probe was refused",
         lambda: said_by(build / "aio/aio_server", "--probe")),
        ("compiler", "meson names no compiler for nio_server", lambda: compiler(build)),
        ("git_commit", "no git commit here", lambda: git("rev-parse", "HEAD")),
        ("git_uncommitted", "no git commit here", uncommitted),
        ("protocol_sha256", "no common/libprotocol.a.p in the build directory", lambda: protocol_hash(build)),
        ("protocol_objects", "no common/libprotocol.a.p in the build directory",
         lambda: " ".join(path.name for path in protocol_objects(build))),
        *((f"sysctl {name}", "this kernel has no such setting",
           lambda name=name: text_of(f"/proc/sys/{name.replace('.', '/')}"))
          for name in SYSCTLS),
        ("port_count", "-", lambda: str(port_count())),
        ("ulimit -n (hard)", "-", lambda: limit(resource.RLIMIT_NOFILE, 1)),
        ("ulimit -u (processes)", "-", lambda: limit(resource.RLIMIT_NPROC)),
        ("ulimit -s (stack KiB)", "-", lambda: limit(resource.RLIMIT_STACK, unit=1024)),
        ("ulimit -l (locked KiB)", "-", lambda: limit(resource.RLIMIT_MEMLOCK, unit=1024)),
        ("cgroup cpu.max", "no cgroup v2 limit visible", lambda: cgroup_limit("cpu.max")),
        ("cgroup pids.max", "no cgroup v2 limit visible", lambda: cgroup_limit("pids.max")),
    )
    return [(key, fact(why, ask)) for key, why, ask in asked]


def fact(why, ask):
    """One line of text; 'n/a: WHY' where it is not available, or is empty."""
    try:
        value = " ".join(ask().split())
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration):
        value = ""
    return value or f"n/a: {why}"
