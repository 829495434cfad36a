"""live.py - the host of a stage (ws_demo/live.h): the wall, the race, and the questions, for a class that looks on.

One thread and one selector, as in nio. What is started ends with this process, however that ends (process.py). Nothing
of the machine is changed: a limit of descriptors is that of one server, and ends with it.
"""
import contextlib
import json
import os
import secrets
import selectors
import shutil
import socket
import subprocess
import sys
import time

import building
import cpus
import database
import demo
import environment
import interrupt
import lock
import process
from live_ask import MEASURES, Ask, own_question, ready_questions
from live_lane import ACTS, Lane
from live_load import RATE
from live_race import YARDSTICK, Race
from options import Parser, whole
from run import port_in
from suite_words import text
from terminal import Failure, say

PICTURE_S = 0.25
SHOWN_AT_FIRST = ("bio", "pseudo_async", "nio", "aio")
LANES_MAX = 6
PACKET_MAX = 64 * 1024  # ws_demo/live.h
PASSED_ON = ("trust-proxy", "allow-origin", "allow-host")  # options of ws_demo, for a page behind a proxy
VIEWS = ("wall", "race", "ask")
RANGES = {"clients": (1, 1000), "pipeline": (1, 64), "size": (1, 16384)}


def main(arguments):
    """live.sh."""
    options = parse(arguments)
    interrupt.install()
    with contextlib.closing(lock.take()):
        build = building.programs()
        with contextlib.closing(Host(build, options)) as host:
            host.run()
        if host.page.returncode:
            raise Failure(f"the page has ended with status {host.page.returncode}")
    return 0


def parse(arguments):
    """The options."""
    parser = Parser()
    parser.add_argument("--port", type=whole(0, 65535), default=8080)
    parser.add_argument("--address", default="127.0.0.1")
    for option in PASSED_ON:
        parser.add_argument(f"--{option}", action="append", default=[])
    return parser.parse_args(arguments)


class Host:
    """Everything that goes on."""

    def __init__(self, build, options):
        self.build, self.options = build, options
        self.models = models(build)
        self.cpus = cpus.choose()
        self.token = secrets.token_hex(8)
        self.selector = selectors.DefaultSelector()
        self.lanes, self.shown = {}, [name for name in SHOWN_AT_FIRST if name in self.models]
        self.view, self.guests, self.address = "wall", 0, ""
        self.race = self.ask = self.run_ends = None
        self.asked, self.looked_at, self.last_wall, self.is_over = 0, time.monotonic(), None, False
        self.votes_are_new, self.acts_told, self.before_run = False, None, []
        self.questions = ready_questions()
        self.stage, self.page = self.open_stage()

    # ------------------------------------------------------------------ the stage

    def open_stage(self):
        """ws_demo, with the other end of the socket."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for side in ours, theirs:
            side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PACKET_MAX)
        passed_on = [word for option in PASSED_ON for value in getattr(self.options, option.replace("-", "_"))
                     for word in (f"--{option}", value)]
        page = process.start([self.build / "ws_demo/ws_demo", "--port", self.options.port, "--address", self.options.address,
                              *passed_on, "--live", theirs.fileno()], pass_fds=(theirs.fileno(),), env=environment.made(),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        theirs.close()
        self.port = port_in(page.stdout.readline())
        if not self.port:
            said = page.stderr.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Failure(said.removeprefix("ws_demo: ") or "ws_demo has ended")
        self.watch(page.stdout.fileno(), lambda: self.pass_on(page.stdout))
        self.watch(page.stderr.fileno(), lambda: self.pass_on(page.stderr))
        return ours, page

    def pass_on(self, stream):
        """What ws_demo says goes to the terminal."""
        said = os.read(stream.fileno(), 65536)
        if not said:
            self.unwatch(stream.fileno())
        sys.stderr.buffer.write(said)
        sys.stderr.flush()

    def tell(self, words, message=None):
        """One packet. Who does not take it gets the next picture."""
        packet = words if message is None else f"{words} {json.dumps(message, ensure_ascii=False, separators=(',', ':'))}"
        with contextlib.suppress(BlockingIOError, ConnectionError):  # hear() sees an end
            self.stage.send(packet.encode(), socket.MSG_DONTWAIT)

    def keep(self, message):
        """For all, and for whoever comes later."""
        self.tell(f"keep {message['type']}", message)

    def announce(self):
        """Where to look."""
        bare = self.options.address.strip("[]")
        given = f"[{bare}]" if ":" in bare else bare
        local = f"http://{'[::1]' if given == '[::1]' else '127.0.0.1'}:{self.port}/live"
        say(text("live here", address=local))
        others = list(demo.addresses()) if given in demo.EVERY_ADDRESS else []
        if given not in (*demo.EVERY_ADDRESS, "127.0.0.1", "[::1]"):
            others = [("", given)]
        self.address = f"http://{others[0][1]}:{self.port}/live" if others else local
        for _, address in others:
            say(text("live there", address=f"http://{address}:{self.port}/live"))
            say(text("live direct", address=f"http://{address}:{self.port}/live?token={self.token}"))
        if others:
            say_as_qr(self.address)
        else:
            say(text("live only here"))

    # ------------------------------------------------------------------ the loop

    def watch(self, descriptor, call):
        """call() whenever there is something to read."""
        self.selector.register(descriptor, selectors.EVENT_READ, call)

    def unwatch(self, descriptor):
        """No more."""
        self.selector.unregister(descriptor)

    def run(self):
        """Until the end of the page, or Ctrl-C."""
        self.tell(f"token {self.token}")
        self.watch(self.stage.fileno(), self.hear)
        self.announce()
        self.keep({"type": "questions", "questions": [{name: question[name] for name in ("id", "en", "zh")}
                                                      for question in self.questions.values()]})
        self.show_lanes()
        due = time.monotonic()
        while not self.is_over:
            for key, _ in self.selector.select(max(0, due - time.monotonic())):
                if key.fd in self.selector.get_map():  # an earlier one of these may have ended it
                    key.data()
            if time.monotonic() >= due:
                self.picture()
                due = max(due + PICTURE_S, time.monotonic())

    def close(self):
        """Everything ends."""
        self.end_lanes()
        if self.race:
            self.race.end()
        self.stage.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.page.wait(5)
        self.page.kill()
        self.page.wait()

    # ------------------------------------------------------------------ what is shown

    def tell_stage(self):
        """What there is, and what is on."""
        self.acts_told = self.acts()
        busy = "race" if self.race else "starting" if self.run_ends is not None else None
        on = [{"act": act, "lane": name} for name, acts in self.acts_told.items() for act in sorted(acts)]
        twins = {name: [twin for twin, model in self.models.items() if model["twin_of"] == name] for name in self.models}
        self.keep({"type": "stage", "view": self.view, "busy": busy, "address": self.address, "guests": self.guests,
                   "models": [{"id": name, "twins": twins[name]} for name, model in self.models.items()
                              if not model["twin_of"] and not model["yardstick"]],
                   "shown": self.shown, "acts": list(ACTS), "on": on})

    def acts(self):
        """What is on, by lane."""
        return {name: set(lane.acts) for name, lane in self.lanes.items()}

    def end_lanes(self, but=()):
        """All, but some."""
        for name in [name for name in self.lanes if name not in but]:
            self.lanes.pop(name).stop()

    def show_lanes(self):
        """Starts what is to be shown, and ends the rest; nothing while there is a race."""
        wanted = [] if self.race else self.shown
        self.end_lanes(wanted)
        for name in wanted:
            if name not in self.lanes:
                self.lanes[name] = Lane(self.build, self.models[name], self)
        self.tell_stage()

    def picture(self):
        """The wall, as it is now."""
        now = time.monotonic()
        since_s, self.looked_at = now - self.looked_at, now
        if self.lanes:
            looks = [self.lanes[name].look(since_s) for name in self.shown if name in self.lanes]
            self.last_wall = {"type": "wall", "at_s": round(now, 2), "client_rate": RATE, "lanes": looks}
            self.keep(self.last_wall)
        if self.votes_are_new and self.ask:  # 200 phones vote at once: one picture for all of them
            self.keep(self.ask.picture())
        self.votes_are_new = False
        if self.run_ends is not None and now >= self.run_ends:
            self.conclude()
        if self.acts() != self.acts_told:
            self.tell_stage()

    def told_race(self):
        """The race has something new; or is over, and the wall comes back."""
        self.keep(self.race.picture())
        if self.race.state == "over":
            self.race = None
            self.show_lanes()

    # ------------------------------------------------------------------ what is said

    def hear(self):
        """One packet of ws_demo."""
        packet = ""
        with contextlib.suppress(ConnectionError):
            packet = self.stage.recv(PACKET_MAX + 256).decode("utf-8", "replace")
        if not packet:
            self.is_over = True  # the page has ended
            return
        word, _, rest = packet.partition(" ")
        if word == "guests":
            self.guests = int(rest)
            self.tell_stage()
        elif word == "said":
            who, role, key, said = rest.split(" ", 3)
            try:
                why = self.obey(who, role == "director", key, json.loads(said))
            except RecursionError:  # an object in an object in an object...
                why = "wrong"
            if why:
                self.tell(f"one {who}", {"type": "no", "why": why})

    def obey(self, who, directs, key, message):
        """Does what a page asks for. Returns why not, or None."""
        kind = message.get("type")
        if kind == "here":
            return self.tell_vote(who, key)
        if kind == "vote":
            return self.vote(who, key, message)
        if not directs:
            return "not_director"
        do = {"view": self.do_view, "lanes": self.do_lanes, "act": self.do_act, "race": self.do_race, "stop": self.do_stop,
              "ask": self.do_ask, "bars": self.do_bars, "run": self.do_run, "outcome": self.do_outcome,
              "clear": self.do_clear}.get(kind if isinstance(kind, str) else None)
        return do(message) if do else "wrong"

    def tell_vote(self, who, key):
        """After a reload."""
        if self.ask and key in self.ask.votes:
            self.tell(f"one {who}", {"type": "mine", "id": self.ask.number, "choice": self.ask.votes[key]})

    def vote(self, who, key, message):
        """One answer for each key."""
        why = self.ask.vote(message.get("id"), key, message.get("choice")) if self.ask else "closed"
        self.votes_are_new = self.votes_are_new or not why
        self.tell_vote(who, key)
        return why

    def do_view(self, message):
        """What is looked at."""
        if message.get("view") not in VIEWS:
            return "wrong"
        self.view = message["view"]
        return self.tell_stage()

    def are_models(self, names):
        """Is it a list of models, or twins, each once?"""
        return isinstance(names, list) and len(names) > 0 and all(isinstance(name, str) for name in names) and \
            len(set(names)) == len(names) and all(name in self.models and name != YARDSTICK for name in names)

    def do_lanes(self, message):
        """Which servers."""
        wanted = message.get("lanes")
        if not self.are_models(wanted) or len(wanted) > LANES_MAX:
            return "wrong"
        if self.run_ends is not None:
            return "busy"
        self.shown = wanted
        return self.show_lanes()

    def do_act(self, message):
        """In one lane, or in all."""
        act, name, is_on = message.get("act"), message.get("lane"), message.get("on")
        if act not in ACTS or not isinstance(is_on, bool) or name != "all" and name not in self.shown:
            return "wrong"
        lanes = [lane for lane in self.lanes.values() if name in ("all", lane.model["name"])]
        done = [lane.act(act, is_on) for lane in lanes]
        self.tell_stage()
        return None if any(done) else "busy"

    def do_race(self, message):
        """All models at the same time; the wall's servers end for it."""
        if self.race or self.run_ends is not None:
            return "busy"
        settings = {name: message.get(name) for name in RANGES}
        if not all(type(value) is int and RANGES[name][0] <= value <= RANGES[name][1] for name, value in settings.items()) or \
                message.get("protocol") not in ("echo", "ws"):
            return "wrong"
        chosen = message.get("models", [name for name in self.models if name != YARDSTICK])
        if not self.are_models(chosen):
            return "wrong"
        chosen = [YARDSTICK, *chosen]
        racing = [model for name, model in self.models.items() if not model["twin_of"] and name in chosen
                  and (not model["yardstick"] or message["protocol"] == "echo")]
        self.view = "race"
        self.end_lanes()
        self.race = Race(self.build, racing, self.cpus, {**settings, "protocol": message["protocol"]}, self, self.told_race)
        self.keep(self.race.picture())
        return self.tell_stage()

    def do_stop(self, _):
        """The race concludes."""
        if not self.race:
            return "wrong"
        return self.race.stop()

    def do_ask(self, message):
        """A ready question, or an own one."""
        name = message.get("question")
        question = self.questions.get(name) if isinstance(name, str) else own_question(message)
        if not question:
            return "wrong"
        if self.run_ends is not None:
            return "busy"
        self.asked += 1
        self.ask, self.view = Ask(self.asked, question), "ask"
        self.keep(self.ask.picture())
        return self.tell_stage()

    def do_bars(self, _):
        """The votes are shown."""
        if not self.ask:
            return "wrong"
        self.ask.show_bars()
        return self.keep(self.ask.picture())

    def do_run(self, _):
        """The question's own run: its lane alone, from the beginning; what is then measured answers it."""
        if not self.ask or "run" not in self.ask.question:
            return "wrong"
        if self.race or self.run_ends is not None:
            return "busy"
        question = self.ask.question
        self.ask.is_open, self.ask.is_running = False, True
        self.before_run, self.shown = self.shown, [question["lane"]]
        self.end_lanes()
        self.lanes[question["lane"]] = Lane(self.build, self.models[question["lane"]], self, question["acts"])
        self.run_ends = time.monotonic() + question["seconds"]
        self.keep(self.ask.picture())
        return self.tell_stage()

    def conclude(self):
        """What the last picture of the run shows."""
        lane = next((lane for lane in self.last_wall["lanes"] if lane["id"] == self.ask.question["lane"]), None)
        self.run_ends, self.shown = None, self.before_run
        self.ask.conclude(MEASURES[self.ask.question["run"]](lane))
        self.keep(self.ask.picture())
        self.end_lanes()  # its lane, too, with what was done to it: the wall begins anew
        self.show_lanes()

    def do_outcome(self, message):
        """Of an own question."""
        if not self.ask or not self.ask.tell(message.get("choice")):
            return "wrong"
        return self.keep(self.ask.picture())

    def do_clear(self, _):
        """The question goes."""
        if self.run_ends is not None:
            return "busy"
        self.ask, self.view = None, "wall"
        self.keep({"type": "ask", "id": None})  # kept: a page that was left out must see that, too
        return self.tell_stage()


def models(build):
    """Rows of the table of models that are built, by name: those of the comparison, their twins, and the yardstick."""
    rows = [dict(row) for row in database.words().execute("select * from model order by position")]
    wanted = [row for row in rows if row["name"] == YARDSTICK or row["twin_of"] or row["before"] is None and not row["yardstick"]]
    return {row["name"]: row for row in wanted if (build / row["program"]).exists()}


def say_as_qr(address):
    """In the terminal, where qrencode is there."""
    if shutil.which("qrencode") and sys.stdout.isatty():
        subprocess.run(["qrencode", "-t", "ANSIUTF8", "-m", "1", address], check=False, env=environment.made())
    elif sys.stdout.isatty():
        say(text("live no qr"))
