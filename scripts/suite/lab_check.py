"""lab_check.py - judges a student's file: compiles it, lets the lab's own check.py try it, and says what was done, what
came, what should have, and one hint of the kind of mistake that this is.

A lab is labs/NN_name: lab.json (its words, in two languages, and how it is compiled), check.py (check(c): steps, and
c.fail where one fails), lab.md and start.c. tests/labs/NN holds answers and wrong answers, which the grader is tried on.
"""
import contextlib
import functools
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import environment
from lab_peer import BUSY, CLOSED, RESET, STUCK, Peer
from lab_program import Clock, Limits, Program
from terminal import Failure

LABS = environment.ROOT / "labs"
SECONDS = 15  # LIMIT: of a check
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror=implicit-function-declaration",
         "-Werror=return-type", "-pthread", '-DIO_MODELS_VERSION="of the labs"')
# What the first readings are compiled with: needs nothing but the C library. "server": true in lab.json's `build`.
SERVER = [f"common/{name}.c" for name in ("first_reading", "listener", "address", "command_line", "options",
                                          "protocol_limits", "result_file", "signals")]
GENERAL = LABS / "general.json"  # the mistakes that any lab knows


class Lab:
    """One of the ten. `number`: 1 to 10."""

    def __init__(self, directory):
        self.directory = directory
        self.number, _, self.name = directory.name.partition("_")
        self.number = int(self.number)
        try:
            self.words = json.loads((directory / "lab.json").read_text(encoding="utf-8"))
            general = general_words()
        except (OSError, ValueError) as error:
            raise Failure(f"'{directory}' is broken: {error}; git checkout -- labs brings it back") from error
        self.mistakes = {**general["mistakes"], **self.words["mistakes"]}
        self.steps = {**general["steps"], **self.words["steps"]}
        self.file = f"{self.name}.c"  # what a student writes

    def judge(self):
        """check.py of the lab."""
        spec = importlib.util.spec_from_file_location(f"lab_{self.number}", self.directory / "check.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.check


@functools.cache
def general_words():
    """Steps and mistakes of all labs."""
    return json.loads(GENERAL.read_text(encoding="utf-8"))


def all_labs():
    """In order."""
    labs = sorted(path for path in LABS.glob("[0-9][0-9]_*") if path.is_dir())
    if not labs:
        raise Failure(f"there are no labs in '{LABS}'; git checkout -- labs brings them back")
    return [Lab(path) for path in labs]


class Verdict(Exception):
    """The first step that failed: its key, the mistake's key, and the figures for its words."""

    def __init__(self, step, mistake, figures):
        super().__init__(f"{step}: {mistake} {figures}")
        self.step, self.mistake, self.figures = step, mistake, figures


class Check:
    """What a lab's check.py is handed."""

    def __init__(self, lab, words, told=lambda step: None):
        self.lab, self.words, self.told = lab, words, told
        self.steps, self.outcomes = [], {}
        self.reported, self.started = (), []
        self.clock = Clock(SECONDS)
        self._programs = contextlib.ExitStack()

    # ------------------------------------------------------------------ steps

    def step(self, key):
        """A step begins (the one before has passed); `key` is in lab.json's `steps`."""
        if self.steps:
            self.told(self.steps[-1])
        assert key in self.lab.steps, key
        self.steps.append(key)

    def fail(self, mistake, **figures):
        """The step fails by this mistake, of lab.json or general.json."""
        assert mistake in self.lab.mistakes, mistake
        raise Verdict(self.steps[-1], mistake, figures)

    def expect(self, holds, mistake, **figures):
        """fail(), unless it holds."""
        if not holds:
            self.fail(mistake, **figures)

    def outcome(self, question, value):
        """What came out of a question of the predictions."""
        self.outcomes[question] = value

    # ------------------------------------------------------------------ the program

    def start(self, *more, limits=None, words=None):
        """Starts it (again), with more words; or another program, `words`. It is ended with the check."""
        program = self._programs.enter_context(Program([*(words or self.words), *more], limits or Limits(), self.clock))
        self.started.append(program)
        return program

    def server(self, *more, limits=None, words=None):
        """The same for a server: waits until it says `listening on ADDRESS:PORT`. Its `port` is then known."""
        program = self.start("--port", "0", *more, limits=limits, words=words)
        line = program.line()
        found = re.fullmatch(r"listening on \S+:([0-9]{1,5})", line or "")
        if not found:
            self.must_live(program)
            self.fail("not_listening", said=(line or "")[:60])
        program.port = int(found[1])
        return program

    def peer(self, program, **options):
        """A client that is connected. It is closed with the check."""
        try:
            return self._programs.enter_context(Peer(program, program.port, **options))
        except OSError as error:
            program.may_be_ending = True  # its listener is closed first
            self.must_live(program)
            self.fail("not_accepting", why=os.strerror(error.errno or 0))
        return None

    def reports(self, *mistakes):
        """C code of the lab itself that the file is compiled with may end the program by one of these mistakes: it
        writes the line `mistake: KEY NAME=VALUE...` on standard error. must_live() then fails by it."""
        self.reported = mistakes

    def must_live(self, program):
        """Fails if it has ended; and when the check's time is over: by `spins` if it runs on and on, else by `too_long`.
        Every loop of a check.py that waits for the program calls it."""
        if program.has_ended():
            mistake, figures = how_it_ended(program, self.reported)
            self.fail(mistake, **figures)
        if self.clock.is_over():
            self.fail("too_long" if program.rests() else "spins")

    def until_asleep(self, program, mistake="spins"):
        """Waits until all its threads sleep and nothing moves. Fails by that mistake if one runs on and on."""
        while not program.asleep():
            self.must_live(program)
            self.expect(program.rests(), mistake)

    def fill(self, peer, mistake="spins"):
        """Sends until nothing more fits, on our side and on the server's, which then sleeps. Returns how many bytes."""
        sent = 0
        while True:
            more = peer.send(b"x" * 65536)
            sent += more
            self.must_live(peer.program)
            if not more:
                self.until_asleep(peer.program, mistake)
                more = peer.send(b"x" * 65536)
                sent += more
                if not more:
                    return sent

    @contextlib.contextmanager
    def stopped(self, program):
        """For a `with`, in which it stands still (SIGSTOP): what is done to it meanwhile, it then finds all at once."""
        program.process.send_signal(signal.SIGSTOP)
        while any(seen.state != "T" for seen in program.threads().values()):
            self.must_live(program)
            time.sleep(0.002)
        yield
        program.process.send_signal(signal.SIGCONT)

    def must_rest(self, program, mistake="spins"):
        """Fails if a thread runs on and on."""
        self.must_live(program)
        self.expect(program.rests(), mistake)

    def must_answer(self, peer, data=b"hello", mistake="not_answered", closed=None):
        """Fails, by that mistake, unless the same comes back; a crash, a spin or wrong bytes are their own mistakes, and
        the end of the connection is `closed`, where that is given."""
        peer.send(data)
        got = peer.receive(len(data))
        if got == data:
            return
        self.must_live(peer.program)
        if closed:
            self.expect(peer.why not in (CLOSED, RESET), closed)
        if got and not data.startswith(got):
            self.fail("other_bytes", sent=shown(data), came=shown(got))
        if peer.why == BUSY:
            self.must_rest(peer.program)
        self.fail(mistake, came=shown(got), why=peer.why or "")

    def said(self):
        """What the programs have printed on standard error, but for reports of a sanitizer and of the lab's own C code."""
        texts = [program.errors() for program in self.started]
        return [line for text in texts if "AddressSanitizer" not in text for line in text.splitlines()
                if not line.startswith("mistake: ")]

    def close(self):
        """Ends the programs and clients, the last one first."""
        self._programs.close()


def how_it_ended(program, reported=()):
    """The mistake, of general.json or of those reported by the lab's own C code, and its figures."""
    errors = program.errors()
    report = re.search(r"^mistake: (\w+)(.*)$", errors, re.MULTILINE)
    if report and report[1] in reported:
        return report[1], dict(re.findall(r"(\w+)=(\S+)", report[2]))
    found = re.search(r"ERROR: AddressSanitizer: ([\w-]+)", errors)
    told = errors[found.end():] if found else ""
    fault, *others = (re.findall(r"#\d+ \S+ in (\w+) (?!\S*(?:sanitizer|harness))\S*?([\w.]+:\d+)", part)
                      for part in (told.partition("\n\n")[0], told))
    mine = pathlib.Path(program.process.args[0]).name + ".c:"  # the student's own line, if it is among them
    where = next((frame for frame in fault if frame[1].startswith(mine)), (*fault, *others[0], None)[0])
    if found:
        null = re.search(r"unknown address 0x0{8,9}[0-9a-f]{0,3} ", errors)
        size = found[1].endswith("-overflow") or found[1] == "negative-size-param"
        mistake = "null_pointer" if null else "overflow" if size else "address"
        return mistake, {"what": found[1], "where": f"{where[0]}, {where[1]}" if where else "?"}
    if "ssertion" in errors:
        return "assertion", {"what": errors.strip().splitlines()[-1][:200]}
    if program.status < 0:
        name = signal.Signals(-program.status).name
        return {"SIGXFSZ": "writes_files", "SIGXCPU": "never_ends", "SIGPIPE": "sigpipe"}.get(name, "crashed"), {"signal": name}
    return "exited", {"status": program.status, "said": errors.strip()[:200]}


def shown(data, most=24):
    """Bytes as text that fits into a line."""
    text = repr(bytes(data[:most]))[2:-1]
    return f"'{text}'" + (f"... ({len(data)})" if len(data) > most else "")


# ---------------------------------------------------------------------- compiling

def compiled(lab, source, directory):
    """The program's path. Verdict `does_not_compile`: the first error, and the line of the file."""
    if not shutil.which("gcc"):
        raise Failure("there is no gcc: scripts/setup.sh --labs installs it")
    program, student = pathlib.Path(directory) / lab.name, pathlib.Path(directory) / f"{lab.name}.o"
    errors = gcc(lab, "-c", source, "-o", student)
    if not errors:
        errors = gcc(lab, "-o", program, student, *objects_of(lab), *lab.words["build"].get("libraries", []))
    student.unlink(missing_ok=True)
    if not errors:
        return program
    found = re.search(rf"^{re.escape(str(source))}:(\d+):\d+: (?:fatal )?error: (.*)$", errors, re.MULTILINE)
    first = found[2] if found else next((line for line in errors.splitlines() if "error" in line or "undefined" in line),
                                        errors.strip()[:200])
    line = int(found[1]) if found else 0
    text = pathlib.Path(source).read_text(encoding="utf-8", errors="replace").splitlines()
    raise Verdict("compile", "does_not_compile",
                  {"error": first, "line": line or "?", "text": text[line - 1].strip() if 0 < line <= len(text) else ""})


def gcc(lab, *words, **options):
    """What it says if it fails; else nothing."""
    done = subprocess.run(["gcc", *FLAGS, *lab.words["build"].get("flags", []), "-I", str(environment.ROOT / "common"),
                           "-I", str(lab.directory), *map(str, words)], capture_output=True, text=True, errors="replace",
                          check=False, env=environment.made(), **options)
    return done.stderr or "gcc failed" if done.returncode else ""


@functools.cache
def directory_of_objects(_number):
    """Where the objects of a lab are, as long as this process lives."""
    return tempfile.TemporaryDirectory(prefix="io-models-lab-")


def objects_of(lab):
    """What the lab gives beside the student's file, compiled once. Failure if that cannot be."""
    build = lab.words["build"]
    sources = [environment.ROOT / "labs/few_forks.c",
               *(lab.directory / name for name in build.get("own", []) if name.endswith(".c")),
               *(environment.ROOT / name for name in [*(SERVER if build.get("server") else []), *build.get("sources", [])])]
    directory = pathlib.Path(directory_of_objects(lab.number).name)
    objects = [directory / f"{source.stem}.o" for source in sources]
    assert len(set(objects)) == len(objects), "two sources of one name"
    if not objects[-1].exists():
        errors = gcc(lab, "-c", *sources, cwd=directory)
        if errors:
            raise Failure(f"lab {lab.number} cannot be compiled: {errors.strip().splitlines()[0]}")
    return objects


@functools.cache
def as_given(lab):
    """The path of the program that start.c is, compiled once: as long as this process lives."""
    return compiled(lab, lab.directory / "start.c", directory_of_objects(lab.number).name)


def judge(lab, source, told=lambda step: None, words=None):
    """Tries a file (or, as `words`, a program of ours). Returns (verdict, or None when all passed; the Check)."""
    with tempfile.TemporaryDirectory(prefix="io-models-lab-") as directory:
        check = Check(lab, words or [], told)
        try:
            if not words:
                check.words = [compiled(lab, source, directory)]
                check.clock = Clock(SECONDS)
            lab.judge()(check)
        except Verdict as verdict:
            return verdict, check
        finally:
            check.close()
        if check.steps:
            told(check.steps[-1])
        return None, check


__all__ = ["BUSY", "CLOSED", "RESET", "STUCK", "Check", "Lab", "Limits", "Verdict", "all_labs", "as_given", "judge", "shown"]
