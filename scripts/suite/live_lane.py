"""live_lane.py - one lane of the wall: a server, its clients, and what is done to it."""
import os
import resource
import subprocess

import environment
import live_rules
import process
from live_load import KINDS, NOBODY, Load
from live_process import Watched
from run import port_in

WORKERS = 8         # of pseudo_async on the wall: fewer than clients, so that some wait
DELAY_MS = 200      # of a handler that blocks: with 16 clients a loop cannot keep up, a thread for each can
FEW = 64            # descriptors
SAID_MAX = 300      # bytes of a server's last words
ACTS = ("idle_clients", "slow_reader", "blocking_handler", "few_descriptors", "cut")


class Lane:
    """`model`: a row of the table of models. `watcher`: has watch(descriptor, call), which calls call() whenever there is
    something to read, and unwatch(descriptor). `acts`: what is on from the beginning."""

    def __init__(self, build, model, watcher, acts=()):
        self.build, self.model, self.watcher = build, model, watcher
        self.acts, self.loads, self.usage, self.cpu = set(acts), [], None, 0.0
        self.start()

    # ------------------------------------------------------------------ its programs

    def start(self):
        """A new server; its clients come when it listens."""
        self.port, self.state, self.limit = None, "starting", None
        reading, writing = os.pipe()
        words = [self.build / self.model["program"], "--port", 0, *self.options()]
        self.server = process.start(words, start_new_session=True, env=environment.made(), stdin=subprocess.DEVNULL,
                                    stdout=writing, stderr=writing)
        os.close(writing)
        self.said = b""
        self.watched, self.usage = Watched(self.server.pid), None
        server = self.server
        self.watcher.watch(reading, lambda: self.listen(server, reading))

    def options(self):
        """Of the server."""
        words = self.model["options"].split()
        if self.model["name"] == "pseudo_async":
            words += ["--workers", WORKERS, "--queue", 1000]
        if "blocking_handler" in self.acts:
            words += ["--handler-delay", DELAY_MS]
        return words

    def listen(self, server, stream):
        """What the server says. The first line names its port."""
        piece = os.read(stream, 65536)
        if not piece:
            self.watcher.unwatch(stream)
            os.close(stream)
        if server is not self.server:
            return  # the one before
        self.said = (self.said + piece)[-4096:]
        if not self.port and (port := port_in(self.said)):
            self.port, self.state = port, "up"
            self.said = self.said.partition(b"\n")[2]
            for kind in ["clients", *sorted(self.acts)]:
                self.add(kind)

    def add(self, kind):
        """Clients of this kind, where there are any."""
        if kind == "few_descriptors":
            self.set_limit(FEW)
        if kind not in KINDS:
            return
        load = Load(self.build, kind, self.port)
        self.loads.append(load)
        self.watcher.watch(load.lines.descriptor, lambda: self.hear(load))

    def hear(self, load):
        """A load's lines; one that ends by itself was `cut`, or its server has ended."""
        if not load.read():
            self.acts.discard(load.kind)
            self.drop(load)

    def drop(self, load):
        """Ends it."""
        self.watcher.unwatch(load.lines.descriptor)
        self.loads.remove(load)
        load.stop()

    def set_limit(self, limit):
        """Of the server's descriptors, and no other's: the soft limit, or None for what it was."""
        soft, hard = resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE)
        if limit is not None and self.limit is None:
            self.soft = soft
        resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE, (self.soft if limit is None else min(limit, hard), hard))
        self.limit = limit

    def stop(self):
        """Everything of the lane ends now."""
        for load in list(self.loads):
            self.drop(load)
        self.server.kill()
        self.server.wait()
        self.server = None

    # ------------------------------------------------------------------ what is done to it

    def can(self, act):
        """Is this act possible here?"""
        return act in ACTS and (act != "blocking_handler" or not self.model["twin_of"]) and self.state == "up"

    def act(self, act, is_on):
        """Begins it, or ends it. False: it is not possible here, or so already."""
        if not self.can(act) or (act in self.acts) == is_on:
            return False
        (self.acts.add if is_on else self.acts.discard)(act)
        if act == "blocking_handler":
            self.stop()
            self.start()
        elif is_on:
            self.add(act)
        else:
            for load in [load for load in self.loads if load.kind == act]:
                self.drop(load)
            if act == "few_descriptors":
                self.set_limit(None)
        return True

    # ------------------------------------------------------------------ what it looks like

    def look(self, since_s):
        """The picture of the lane, as the page gets it. `since_s`: seconds since the last look."""
        before, self.usage = self.usage, self.watched.look()
        if before and self.usage and since_s > 0:
            self.cpu = max(0.0, self.usage.cpu_s - before.cpu_s) / since_s
        ended = None
        if self.server.poll() is not None:
            self.state, ended = "died", {"signal": -self.server.returncode if self.server.returncode < 0 else None,
                                         "status": self.server.returncode}
        clients = self.clients()
        threads = self.threads()
        picture = live_rules.Picture(self.model["name"], clients, threads, self.acts,
                                     self.usage.descriptors if self.usage else 0, self.limit, ended)
        return {"id": self.model["name"], "twin_of": self.model["twin_of"], "state": self.state,
                "said": self.said.decode("utf-8", "replace").strip()[-SAID_MAX:] or None, "clients": clients,
                "bad": {load.kind: load.bad for load in self.loads if load.bad}, "threads": threads,
                "descriptors": self.usage.descriptors if self.usage else 0, "descriptor_limit": self.limit,
                "cpu": round(self.cpu, 3) if self.usage else 0, "memory_kib": self.usage.memory_kib if self.usage else 0,
                "messages_per_s": round(sum(load.messages_per_s for load in self.loads), 1),
                "sentences": live_rules.sentences(picture) if self.state != "starting" else []}

    def clients(self):
        """Of all its loads."""
        counts = [load.clients() for load in self.loads]
        return {name: sum(count[name] for count in counts) for name in NOBODY}

    def threads(self):
        """As groups, the largest first."""
        groups = self.usage.threads.most_common() if self.usage else []
        return [{"state": group.state, "in": group.call, "count": count, "spins": group.spins} for group, count in groups]
