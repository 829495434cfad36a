"""setup.sh, with an apt, a dpkg and a sudo that are made here: nothing is installed."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts/setup.sh"
NOBODY = 65534

TOOLS = "awk", "bash", "cat", "dirname", "env", "mktemp", "rm", "sed", "sleep", "tail", "touch"

# Knows as installed what is named in the file `installed`.
DPKG_QUERY = """#!/bin/bash
while read -r name; do echo "$name installed"; done <"$(dirname "$0")/installed"
"""

# Writes down what it was called with; installs all but what is named in the file `refused`.
APT_GET = """#!/bin/bash
here=$(dirname "$0")
[[ " $* " != *" --assume-no "* ]] || {
    echo '0 upgraded, 136 newly installed, 0 to remove and 0 not upgraded.'
    echo 'Need to get 1,102 kB/102 MB of archives.'
    echo 'After this operation, 391 MB of additional disk space will be used.'
    exit 1
}
echo "$*" >>"$here/calls"
echo 'dlstatus:1:12.5:Retrieving file 1 of 8'
[[ " $* " != *' install '* || ! -f $here/slow ]] || { touch "$here/begun"; sleep 2; }
for name in $(cat "$here/refused"); do
    [[ " $* " != *" $name "* ]] || { echo "E: Unable to locate package $name"; exit 100; }
done
[[ " $* " != *' install '* ]] || printf '%s\\n' ${*#*install} >>"$here/installed"
"""


@pytest.fixture
def machine(tmp_path):
    """A machine with apt, where nothing is installed."""
    return Machine(tmp_path / "bin")


class Machine:
    """A PATH with what setup.sh may find on it, and an ordinary user."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        for parent in [folder, *folder.parents]:
            if parent.stat().st_uid == os.geteuid() and str(parent).startswith("/tmp/"):
                parent.chmod(0o777)
        for name in TOOLS:
            (folder / name).symlink_to(shutil.which(name))
        self.write("dpkg-query", DPKG_QUERY)
        self.write("apt-get", APT_GET)
        for name in "installed", "refused", "calls":
            self.write(name, "")

    def write(self, name, text):
        """A file on the PATH, for anybody."""
        (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / name).chmod(0o777)

    def has_sudo(self, status=0):
        """A sudo that lets the user, or does not."""
        self.write("sudo", '#!/bin/bash\n[[ $1 == true ]] && exit %d\nexec "$@"\n' % status)

    def start(self, *arguments):
        """setup.sh as an ordinary user, wherever the checkout is and whoever may read it."""
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.Popen(["bash", "-c", SETUP.read_text(encoding="utf-8"), "setup.sh", *arguments], text=True,
                                env={"PATH": str(self.folder), "TMPDIR": str(self.folder)}, cwd="/",
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True, **user)

    def run(self, *arguments):
        """Its exit status, stdout and stderr."""
        running = self.start(*arguments)
        out, err = running.communicate(timeout=60)
        return running.returncode, out, err

    def calls(self):
        """What apt-get was called for: update, or the packages of an install."""
        lines = (self.folder / "calls").read_text(encoding="utf-8").splitlines()
        return [line.split(" install ")[-1].split() if " install " in line else line.split()[-1] for line in lines]


def test_measuring_needs_nothing_of_testing(machine):
    """No compiler but gcc, no node, no npm, no browser; and it is said first how much it is."""
    machine.has_sudo()
    status, out, err = machine.run()
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "setup.sh: to measure: 136 packages, 1,102 kB to download, 391 MB on disk"
    update, installed = machine.calls()
    assert update == "update"
    assert "gcc" in installed
    assert not [name for name in installed if re.search("clang|node|npm|chrom|pytest", name)]


def test_nothing_is_called_where_nothing_is_missing(machine):
    """Neither apt nor sudo."""
    machine.has_sudo()
    for _ in range(2):
        assert machine.run("--test", "--browser")[0] == 0
    assert len(machine.calls()) == 1 + 3
    assert machine.run("--test", "--browser", "--dry-run") == (0, "", "")


def test_dry_run_names_what_is_missing(machine):
    """And installs nothing."""
    status, out, err = machine.run("--dry-run")
    assert (status, err, machine.calls()) == (1, "", [])
    assert out.startswith("missing: gcc ") and "clang" not in out
    assert "clang" in machine.run("--test", "--dry-run")[1]


def test_a_stage_needs_one_package_more(machine):
    """The one that draws an address."""
    assert machine.run("--live", "--dry-run")[1].split()[-1] == "qrencode"
    assert "qrencode" not in machine.run("--test", "--browser", "--dry-run")[1]


def test_several_nodes_need_no_service(machine):
    """apt starts what it installs: a Redis, an nginx that takes port 80. Only who asks for balancers gets them."""
    named = set(machine.run("--test", "--browser", "--nodes", "--dry-run")[1].split())
    assert {"libhiredis-dev", "redis-tools"} <= named
    assert not {"redis-server", "redis", "nginx", "haproxy"} & named
    assert {"nginx", "haproxy"} <= set(machine.run("--proxies", "--dry-run")[1].split())


def test_several_hosts_need_mpi_and_nothing_else_does(machine):
    """It is large in Debian 13."""
    wanted = ["openmpi-bin", "libopenmpi-dev", "iproute2"]
    assert machine.run("--hosts", "--dry-run")[1].split()[-3:] == wanted
    assert not set(wanted) & set(machine.run("--test", "--browser", "--live", "--dry-run")[1].split())


def test_the_labs_need_a_compiler_and_python(machine):
    """And nothing else; where something else is asked for, too, that has it all."""
    machine.has_sudo()
    status, out, err = machine.run("--labs", "--dry-run")
    assert (status, out, err) == (1, "missing: gcc libc6-dev python3\n", "")
    status, out, err = machine.run("--labs")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "setup.sh: for the labs: 136 packages, 1,102 kB to download, 391 MB on disk"
    assert machine.calls() == ["update", ["gcc", "libc6-dev", "python3"]]
    assert machine.run("--labs", "--labs") == (0, "", "")
    assert len(machine.calls()) == 2
    assert "meson" in machine.run("--labs", "--measure", "--dry-run")[1]
    assert "clang" in machine.run("--labs", "--test", "--dry-run")[1]


def test_without_sudo_the_labs_name_three_packages(machine):
    """For root."""
    status, _, err = machine.run("--labs")
    assert status == 2
    assert err.endswith("As root: apt-get install --no-install-recommends gcc libc6-dev python3\n")


def test_elsewhere_the_labs_name_two_programs(machine):
    """No apt, and no gcc."""
    (machine.folder / "apt-get").unlink()
    status, _, err = machine.run("--labs")
    assert status == 2 and len(err.splitlines()) == 1
    assert "gcc python3 cannot be found" in err and err.endswith(": gcc libc6-dev python3\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_does_nothing_else(machine, option):
    """Wherever it stands."""
    status, out, err = machine.run("--browser", option)
    assert (status, err, machine.calls()) == (0, "", [])
    assert out.startswith("usage: scripts/setup.sh ") and max(map(len, out.splitlines())) <= 120


def test_without_sudo_the_command_for_root_is_whole(machine):
    """With the option that keeps it small."""
    status, _, err = machine.run("--test")
    assert status == 2 and len(err.splitlines()) == 1
    assert re.search("As root: apt-get install --no-install-recommends gcc .* clang ", err)


def test_a_refused_password_is_not_the_network(machine):
    """One line."""
    machine.has_sudo(status=1)
    status, _, err = machine.run()
    assert status == 2 and len(err.splitlines()) == 1
    assert "sudo did not let you" in err and "network" not in err
    assert machine.calls() == []


def test_a_later_tier_stops_no_earlier_one(machine):
    """Where there is no Chromium, measuring and testing are installed all the same."""
    machine.has_sudo()
    machine.write("refused", "chromium")
    status, _, err = machine.run("--test", "--browser")
    assert status == 2 and "Unable to locate package chromium" in err
    assert "for the browser: see above" in err and "to test: see above" not in err
    assert machine.run("--test", "--dry-run")[0] == 0


def test_ctrl_c_while_apt_runs_is_heard(machine):
    """130, and a line."""
    machine.has_sudo()
    machine.write("slow", "")
    running, end = machine.start("--test"), time.monotonic() + 60
    while not (machine.folder / "begun").exists():
        assert time.monotonic() < end and running.poll() is None
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == "setup.sh: interrupted; the same command goes on where this one stopped\n"
    assert len(machine.calls()) == 2


def test_elsewhere_it_names_the_packages(machine):
    """No apt: what is missing, by programs."""
    (machine.folder / "apt-get").unlink()
    status, _, err = machine.run()
    assert status == 2 and len(err.splitlines()) == 1
    assert "gcc meson" in err and "liburing-dev" in err and "clang" not in err
