"""nodes.py - several nodes of ws_demo, one room, many members: figures, and docs/nodes.md from them.

Each run is one of CASES with one of its SETTINGS; build/ws_demo/crowd is the members (ws_demo/crowd/crowd.h).
"""
import contextlib
import datetime
import json
import os
import pathlib
import platform
import socket
import subprocess
import tempfile
import time

import building
import environment
import host
import nodes_document
import process
import redis_program
from options import Parser, directory, whole
from terminal import Failure, progress, progress_done, say

MEMBERS = 10000
FEW = 100
START_S = 10
SPARE_DESCRIPTORS = 200

# How many nodes, and what keeps the messages. redis: the value of appendfsync; history: a file.
SETTINGS = {
    "memory": {"nodes": 1},
    "file": {"nodes": 1, "history": True},
    "1": {"nodes": 1, "redis": "always"},
    "2": {"nodes": 2, "redis": "always"},
    "3": {"nodes": 3, "redis": "always"},
    "1, no fsync": {"nodes": 1, "redis": "no"},
}

# settings; members (None: as many as asked for); speakers; messages a second (0: one after the other); is a node killed?
CASES = {
    "most": (("memory", "1", "2", "3"), None, 20, 0, False),
    "calm": (("memory", "1", "2", "3"), None, 20, 2, False),
    "death": (("3",), None, 20, 10, True),
    "few": (("memory", "file", "1, no fsync", "1"), FEW, 50, 500, False),
}


def main(arguments):
    """The runs, the tables on the terminal, and the documents if that is wanted."""
    parser = Parser()
    parser.add_argument("--members", type=whole(FEW, 90000))
    parser.add_argument("--seconds", type=whole(1, 600), default=8)
    parser.add_argument("--rounds", type=whole(1, 100), default=3)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--build-dir", type=directory)
    chosen = parser.parse_args(arguments)
    most, why = host.raise_descriptor_limit()
    if chosen.members and chosen.members + SPARE_DESCRIPTORS > most:
        raise Failure(f"--members {chosen.members} is too many: {why}")
    members = chosen.members or min(MEMBERS, most - SPARE_DESCRIPTORS)
    if not redis_program.find():
        raise Failure("there is no Redis: scripts/setup.sh --nodes installs one that is no service")
    build = chosen.build_dir or building.programs()
    check_built(build)
    measured = {"facts": facts(members, chosen), "runs": list(runs(build, members, chosen))}
    for heading, text in nodes_document.tables(measured, "en"):
        say(f"{heading}\n\n{text}")
    if chosen.write:
        nodes_document.FILE.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        nodes_document.write()
        say("docs/nodes.json, docs/nodes.md and docs/nodes.zh.md are written")
    return 0


def check_built(build):
    """Is it all there, and can ws_demo do this?"""
    for program in "ws_demo/ws_demo", "ws_demo/crowd":
        if not (build / program).exists():
            raise Failure(f"{build / program} is not built")
    if b"without libhiredis" in (build / "ws_demo/ws_demo").read_bytes():
        raise Failure("ws_demo is built without libhiredis: scripts/setup.sh --nodes installs it; then build it anew, in an "
                      "empty directory")


def facts(members, chosen):
    """What the figures depend on."""
    version = subprocess.run(["redis-server", "--version"], executable=redis_program.find(), text=True, check=False,
                             stdout=subprocess.PIPE).stdout
    return {"date": datetime.date.today().isoformat(), "cpu": host.cpu_model(), "cpus": len(os.sched_getaffinity(0)),
            "kernel": f"{platform.system()} {platform.release()}", "redis": version.partition("v=")[2].partition(" ")[0],
            "members": members, "few": FEW, "seconds": chosen.seconds, "rounds": chosen.rounds}


def runs(build, members, chosen):
    """Each run, one after the other, in rounds: what disturbs the machine for a while disturbs all settings."""
    plan = [(turn, case, setting) for turn in range(chosen.rounds) for case, (settings, *_) in CASES.items()
            for setting in settings]
    for number, (turn, case, setting) in enumerate(plan, 1):
        progress(f"run {number} of {len(plan)}: {case}, {setting}")
        yield {"case": case, "setting": setting, "round": turn, **run(build, case, setting, members, chosen.seconds)}
    progress_done()


def run(build, case, setting, members, seconds):
    """One run's figures."""
    _, few, speakers, rate, kills = CASES[case]
    with contextlib.ExitStack() as opened:
        nodes, redis = cluster(opened, build, SETTINGS[setting])
        words = [build / "ws_demo/crowd", "--nodes", ",".join(str(node.port) for node in nodes), "--visitors", few or members,
                 "--speakers", speakers, "--rate", rate, "--seconds", seconds]
        crowd = opened.enter_context(process.running(words, env=environment.made(), stdout=subprocess.PIPE, text=True))
        opened.callback(crowd.kill)
        figures = used = None
        for line in crowd.stdout:
            if line == "measuring\n":
                begun, before = time.monotonic(), cpu_used(nodes, redis)
                if kills:
                    time.sleep(seconds / 3)
                    nodes[-1].child.kill()
            elif line == "measured\n" and not kills:
                took = time.monotonic() - begun
                used = {name: (now - before[name]) / took for name, now in cpu_used(nodes, redis).items()}
            elif line.startswith("{"):
                figures = json.loads(line)
        if crowd.wait() != 0 or figures is None:
            raise Failure("the members could not be measured: see above")
        if used:
            figures["cpus"] = {**used, "clients": figures["client_cpu_s"] / figures["seconds"]}
        return figures


class Server:
    """A server that has said on which port it listens."""

    def __init__(self, child):
        self.child = child
        line = child.stdout.readline()
        if not line.startswith("listening on "):
            raise Failure("ws_demo does not start: see above")
        self.port = int(line.rpartition(":")[2])


def cluster(opened, build, setting):
    """The nodes, and Redis or None; they end with `opened`."""
    place = pathlib.Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="nodes-")))
    redis, options = None, []
    if "redis" in setting:
        port = free_port()
        redis = opened.enter_context(process.running(
            redis_program.words(port, place, "--appendonly", "yes", "--appendfsync", setting["redis"]),
            executable=redis_program.find(), env=environment.made(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        opened.callback(redis.kill)
        wait_for(port)
        options = ["--redis", f"127.0.0.1:{port}"]
    elif setting.get("history"):
        options = ["--history", place / "history.db"]
    nodes = []
    for number in range(setting["nodes"]):
        words = [build / "ws_demo/ws_demo", "--port", 0, *options, *(["--node", f"node-{number}"] if redis else [])]
        child = opened.enter_context(process.running(words, env=environment.made(), stdin=subprocess.DEVNULL,
                                                     stdout=subprocess.PIPE, text=True))
        opened.callback(child.kill)
        nodes.append(Server(child))
    return nodes, redis


def free_port():
    """One that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    """Until something listens there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise Failure(f"Redis does not start within {START_S} s")


def cpu_used(nodes, redis):
    """CPU seconds so far."""
    return {"nodes": sum(cpu_seconds(node.child.pid) for node in nodes),
            **({"redis": cpu_seconds(redis.pid)} if redis else {})}


def cpu_seconds(pid):
    """Of a process, with its threads."""
    fields = host.text_of(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
