"""building.py - what a script needs before it can work: its tier's packages, and programs as new as the sources."""
import collections
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import environment
import process
import terminal
from suite_words import text
from terminal import Failure

DEFAULT = environment.ROOT / "build"

# How much of a failed build's output is shown: the compiler's words stand at its end.
LAST_LINES = 20

# How meson configures what is measured and shown.
RELEASE = ("--buildtype=release", "-Db_ndebug=false")


def set_up(tier):
    """Installs what `measure`, `test` or `browser` needs. Ends the command when that fails: setup.sh has said why."""
    if install(tier):
        sys.exit(2)


def install(tier):
    """Runs setup.sh for it in this terminal, in which sudo may ask for a password. Returns its exit status. Ctrl-C
    reaches setup.sh, too: waits until it has come to an end, because half of a package is worse than one more, and then
    raises it."""
    child = subprocess.Popen([environment.SCRIPTS / "setup.sh", f"--{tier}"], env=environment.made())
    interrupted = None
    while child.returncode is None:
        try:
            child.wait()
        except KeyboardInterrupt as ended:
            interrupted = ended
            child.send_signal(signal.SIGINT)  # where the signal came to this process alone
    if interrupted:
        raise interrupted
    if child.returncode in (-signal.SIGINT, 130):
        raise KeyboardInterrupt
    return child.returncode


@functools.cache
def say_ignored():
    """One line, once, where a variable that the user has set would have changed a build or a run."""
    names = environment.ignored()
    if names:
        terminal.say(text("ignored", names=", ".join(names)))


def programs(directory=None):
    """The directory of the built programs. Where they are as new as the sources, nothing is installed or written."""
    directory = pathlib.Path(directory or DEFAULT).resolve()
    if not up_to_date(directory):
        check_place(directory)
        set_up("measure")
        release(directory)
    return directory


def release(directory=None, options=RELEASE, targets=(), more_environment=None):
    """Configures the build directory if it is new, and builds (all, or `targets`). Returns its path. Raises Failure
    with the last lines of the log. After Ctrl-C a directory that was not yet configured is gone."""
    directory = pathlib.Path(directory or DEFAULT).resolve()
    if up_to_date(directory, targets):
        return directory
    check_place(directory)
    say_ignored()
    try:
        with locked(directory):
            if not (directory / "build.ninja").exists():
                configure(directory, options, environment.made(**(more_environment or {})))
            run_ninja(directory, targets)
    finally:
        terminal.progress_done()
    return directory


def up_to_date(directory, targets=()):
    """Is everything built from this checkout, and as new as its sources? Asks ninja, which writes nothing for it."""
    if not shutil.which("ninja") or source_of(directory) != environment.ROOT:
        return False
    asked = subprocess.run(["ninja", "-n", "-C", directory, *targets], env=environment.made(), check=False, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return asked.returncode == 0 and "no work to do" in asked.stdout


def source_of(directory):
    """The checkout that a configured directory was configured for; None if meson recorded none."""
    try:
        with open(directory / "meson-info/meson-info.json", encoding="utf-8") as file:
            return pathlib.Path(json.load(file)["directories"]["source"]).resolve()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_place(directory):
    """Raises Failure unless this checkout can be built there."""
    if (directory / "build.ninja").exists() and source_of(directory) != environment.ROOT:
        raise Failure(f"{directory} was configured for another checkout, {source_of(directory)}: "
                      "remove it, and it is made anew")
    parent = directory
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise Failure(f"{directory} has to be built and {parent} cannot be written: "
                      "use a copy of the checkout in a directory of your own")


@contextlib.contextmanager
def locked(directory):
    """One build at a time in a directory: two would write each other's files. A new one that stays empty is removed."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal.say(text("being built", directory=directory))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
        with contextlib.suppress(OSError):
            directory.rmdir()


def configure(directory, options, variables):
    """Runs meson. Removes what an unfinished configuration leaves: the next one would fail on it."""
    remove_unfinished(directory)
    terminal.progress(text("configuring", directory=directory))
    try:
        command = ["meson", "setup", directory, environment.ROOT, *options]
        run("meson cannot configure", directory, command, lambda line: None, variables)
    finally:
        if not (directory / "build.ninja").exists():
            remove_unfinished(directory)


def remove_unfinished(directory):
    """Meson's own directories and files, and nothing else that may be there."""
    for name in ("meson-private", "meson-info", "meson-logs"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in (".gitignore", ".hgignore", "compile_commands.json"):
        (directory / name).unlink(missing_ok=True)


def run_ninja(directory, targets):
    """Builds, with its steps as one progress line."""
    def show(line):
        step = re.match(r"\[(\d+)/(\d+)\]", line)
        if step and (terminal.is_terminal() or step[1] == "1"):
            terminal.progress(text("building" if terminal.is_terminal() else "build steps", directory=directory,
                                   step=step[1], steps=step[2]))
    run("cannot build", directory, ["ninja", "-C", directory, *targets], show, environment.made())


def run(what, directory, command, show, variables):
    """Gives each line of the command's output to show(). Raises Failure with the last of them if it ends badly."""
    last = collections.deque(maxlen=LAST_LINES)
    try:
        with process.running(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace") as child:
            for line in child.stdout:
                last.append(line.rstrip())
                show(line)
    except FileNotFoundError as error:
        raise Failure(f"{what} {directory}: there is no {command[0]}; scripts/setup.sh installs it") from error
    if child.returncode:
        raise Failure("\n    ".join([f"{what} {directory}:", *last]))
