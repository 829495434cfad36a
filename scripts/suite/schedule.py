"""schedule.py - runs test.sh's steps, as many together as there are CPUs for. Each step's output goes to a log, and its
exit status says whether it passed.
"""
import os
import re
import shutil
import signal
import subprocess
import time

import environment
import interrupt
import process
import steps
from terminal import is_terminal, progress, progress_done, say

LOGS = environment.ROOT / "build-logs"
LAST_LINES = 15  # of a log whose step failed
LOOK_EVERY_S = 0.2
LINE_EVERY_S = 30  # of the progress, where a line cannot be overwritten
PATIENCE_S = 10  # for a step that was asked to end


def environment_of(step):
    """For the programs of a step: no variables that the user has set, no proxies (all servers are on this machine), but
    the browser, and whether it takes pictures."""
    made = environment.made(PYTHONNOUSERSITE="1")
    made = {name: value for name, value in made.items() if not name.lower().endswith("_proxy")}
    made.update((name, os.environ[name]) for name in ("CHROMIUM", "CHROMEDRIVER", "PICTURES") if os.environ.get(name))
    build = step.name.removeprefix("build-")
    if build in steps.BUILDS:
        made["CC"] = steps.BUILDS[build][0]
    return made


class Running:
    """A step that runs: its commands one after the other, until one fails, each leading a process group."""

    def __init__(self, step):
        self.step, self.log = step, LOGS / f"{step.name}.log"
        self.start, self.child = time.monotonic(), None
        self.left = list(step.commands)
        self.output = open(self.log, "wb")
        self.status = self._next()

    def poll(self):
        """The step's exit status, or None while it runs."""
        if self.status is None:
            ended = self.child.poll()
            if ended is not None:
                self.status = ended or self._next()
        if self.status is not None:
            self.output.close()
        return self.status

    def passed_s(self):
        """Since it began."""
        return time.monotonic() - self.start

    def last_line(self):
        """The last line of what it has written so far."""
        with open(self.log, "rb") as file:
            file.seek(max(0, os.path.getsize(self.log) - 1000))
            lines = file.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def place(self):
        """Where it is, in a few characters: pytest's percentage, or how the last line begins."""
        last = self.last_line()
        percentage = re.search(r"\[ *(\d+%)\]$", last)
        text = percentage[1] if percentage else last[:40]
        return "".join(char for char in text if char.isprintable())

    def ask_to_end(self, number):
        """Sends a signal to all that it has started in its process group."""
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass

    def _next(self):
        """Starts the next command. An exit status if there is none, or if it cannot be started."""
        if not self.left:
            return 0
        command = self.left.pop(0)
        try:
            self.child = process.start(command, number=signal.SIGTERM, stdin=subprocess.DEVNULL, stdout=self.output,
                                       stderr=subprocess.STDOUT, cwd=environment.ROOT,
                                       env=environment_of(self.step), start_new_session=True)
        except OSError as error:
            self.output.write(f"{command[0]}: {error.strerror}\n".encode())
            return 127
        return None


def end(running):
    """Ends all steps that run. Another Ctrl-C changes nothing."""
    interrupt.install(signal.SIG_IGN)
    alive = [one for one in running if one.child and one.status is None]
    for how in signal.SIGTERM, signal.SIGKILL:
        for one in alive:
            one.ask_to_end(how)
        deadline = time.monotonic() + PATIENCE_S
        for one in alive:
            try:
                one.child.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue


class Schedule:
    """Which steps wait, run, and have ended, by name."""

    def __init__(self, wanted, whole_logs, cpus):
        self.waiting, self.running, self.cpus = list(wanted), [], cpus
        self.whole_logs, self.count = whole_logs, len(wanted)
        self.tally = {"passed": [], "failed": [], "skipped": []}
        self.start = self.shown = time.monotonic()

    def begin(self):
        """Starts each step that has its build and for which there is a CPU; in any case one, if none runs."""
        for step in list(self.waiting):
            unfinished = [*(one.name for one in self.waiting), *(one.step.name for one in self.running)]
            if f"build-{step.needs}" in unfinished:
                continue
            if f"build-{step.needs}" in self.tally["failed"]:
                self.waiting.remove(step)
                self.tally["failed"].append(step.name)
                progress_done()
                say(f"{step.what:<72} FAILED: its build did")
            elif not self.running or self.busy() + step.cpus <= self.cpus:
                self.waiting.remove(step)
                self.running.append(Running(step))

    def busy(self):
        """CPUs that the running steps keep busy."""
        return sum(one.step.cpus for one in self.running)

    def end_some(self):
        """Removes the steps that have ended, and prints a line for each."""
        for one in [one for one in self.running if one.poll() is not None]:
            self.running.remove(one)
            skipped = re.match(r"\d+ skipped", one.last_line())
            verdict = "failed" if one.status else "skipped" if skipped else "passed"
            self.tally[verdict].append(one.step.name)
            progress_done()
            say(f"{one.step.what:<72} {verdict.upper() if one.status else verdict:<7} {one.passed_s():5.0f} s")
            for line in told(one.log, one.status, self.whole_logs):
                say(f"    {line}")
            if one.status:
                say(f"    all of it: {os.path.relpath(one.log, environment.ROOT)}")

    def show(self):
        """One line: how much is done, and how far each running step is."""
        now = time.monotonic()
        if not is_terminal() and now - self.shown < LINE_EVERY_S:
            return
        self.shown = now
        text = "; ".join([f"{as_minutes(now - self.start)}, {sum(map(len, self.tally.values()))} of {self.count} done",
                          *(f"{one.step.what}: {one.passed_s():.0f} s: {one.place()}" for one in self.running)])
        if is_terminal():
            progress(text[:shutil.get_terminal_size().columns - 1])
        else:
            say(f"    {text}")


def as_minutes(seconds):
    """In words."""
    return "{} min {} s".format(*divmod(round(seconds), 60))


def told(log, failed, whole):
    """The lines of a log that are shown: what was skipped, and why, and the count; of a failed step its end, or all."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if failed:
        return lines if whole else lines[-LAST_LINES:]
    skips = [line for line in lines if re.match(r"SKIPPED|AGAIN| *\d+/\d+ .* SKIP", line)]
    return skips + [line for line in lines[-1:] if re.search(r"\d+ passed", line)]


def run_all(wanted, whole_logs, cpus=None):
    """Runs them. Returns the names of those that passed, failed, and were skipped, whole as they are."""
    schedule = Schedule(wanted, whole_logs, cpus or max(2, steps.cpu_count()))
    try:
        while schedule.waiting or schedule.running:
            schedule.begin()
            if schedule.running:
                time.sleep(LOOK_EVERY_S)
            schedule.end_some()
            if schedule.running:
                schedule.show()
    except BaseException as ended:
        names = ", ".join(one.step.name for one in schedule.running)
        end(schedule.running)
        if isinstance(ended, interrupt.Ended):
            progress_done()
            say(f"interrupted in {names}: {in_words(schedule.tally)}")
        raise
    progress_done()
    return schedule.tally


def in_words(tally):
    """The counts, and which failed."""
    failed = f" ({', '.join(tally['failed'])})" if tally["failed"] else ""
    return f"{len(tally['passed'])} passed, {len(tally['failed'])} failed{failed}, {len(tally['skipped'])} skipped"
