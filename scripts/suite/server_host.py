"""server_host.py - compare.sh --server-host: the whole comparison runs on another host, where the servers then are; its
results are brought here."""
import shlex
import subprocess

import environment
import load_hosts
from terminal import Failure

SSH_FAILED = 255  # ssh(1): its own errors, not the command's


def run(options, arguments):
    """Makes the comparison there, and fetches the results into options.out. Returns its exit status."""
    host, out = options.server_host, options.out
    words = ["scripts/compare.sh", *without(arguments, "--server-host", "--load-hosts", "--out"), "--load-hosts", "-",
             "--out", str(out)]
    status = ssh(host, f"cd {shlex.quote(str(environment.ROOT))} && exec {shlex.join(words)}",
                 input="".join(f"{name}\n" for name in options.load_hosts), text=True).returncode
    if status == SSH_FAILED:
        raise Failure(f"--server-host: `ssh {host}` failed: see above; it must not ask anything")
    if not (out / "results.db").exists():  # a directory that both hosts see has it already
        fetch(host, out)
    return status


def ssh(host, command, **options):
    """Runs a line of shell there."""
    return subprocess.run(["ssh", "-o", "BatchMode=yes", host, command],
                          env=environment.made(**load_hosts.LoadHosts.environment()), check=False, **options)


def fetch(host, out):
    """A copy of the results, if there are any."""
    there = shlex.quote(str(out))
    packed = ssh(host, f"test ! -d {there} || tar -C {there} -cf - .", stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
    if not packed:
        return
    out.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["tar", "-C", out, "-xf", "-", "--no-same-owner"], input=packed, env=environment.made(), check=False)
    if done.returncode:
        raise Failure(f"the results could not be fetched: they are in {out} on {host}")


def without(arguments, *names):
    """The arguments, but these options and their values."""
    kept, left = [], list(arguments)
    while left:
        word = left.pop(0)
        if word in names:
            left.pop(0)
        else:
            kept.append(word)
    return kept
