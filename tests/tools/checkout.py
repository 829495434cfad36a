"""checkout.py - a copy of this checkout, in a directory whose name is several words and a quotation mark, and built
there: in no time, where this checkout's own build/ is as new as its sources."""
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NAME = "it's \"io models\""

# Of everything, the least. A scenario does not look at the servers' sources and stacks.
SHORT = ("--models", "nio", "--protocols", "echo", "--clients", "20", "--repeat", "1", "--duration", "0.1", "--warmup",
         "0.05")
LEAST = ("--scenario", "reliability", "--workloads", "calm", *SHORT)

PATIENCE_S = 600  # for what hangs: no test is judged by the clock


def files_of_the_project(*under):
    """What a clone has: what git knows of this checkout, and what it does not ignore, but results; of some folders only,
    if named."""
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard", "--", *under], cwd=REPOSITORY, check=True,
                            capture_output=True).stdout.split(b"\0")
    return [name for name in map(os.fsdecode, filter(None, listed))
            if (REPOSITORY / name).is_file() and not name.startswith("results/")]


def copy_files(target, *under):
    """All of these."""
    for name in files_of_the_project(*under):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target / name)


@contextlib.contextmanager
def built(shared):
    """The copy below the directory `shared`, which all workers of pytest see, built; one of them has it at a time:
    comparisons take the same ports."""
    root = shared / NAME
    with open(shared / "checkout.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "build/loadgen/loadgen").exists():
            shutil.rmtree(root, ignore_errors=True)
            copy_files(root)
            build(root)
        yield root


def build(root):
    """Configures and builds the copy. What this checkout has built in the same way is taken from there: ninja's logs
    know each file's command and age, so that it makes anew only what is missing or differs. The compiler is called by
    the same name, which is a part of each command."""
    variables = {"PATH": "/usr/bin:/bin", **same_compiler()}  # nothing of a home directory, which others may not enter
    subprocess.run(["meson", "setup", "build", "--buildtype=release", "-Db_ndebug=false"], cwd=root, check=True,
                   stdout=subprocess.DEVNULL, env=variables)
    if (REPOSITORY / "build/.ninja_log").exists():
        subprocess.run(["ninja", "-C", "build", "-t", "clean"], cwd=root, check=False, stdout=subprocess.DEVNULL)
        for path in [REPOSITORY / "build" / name for name in (".ninja_log", ".ninja_deps")] + made_files():
            target = root / "build" / path.relative_to(REPOSITORY / "build")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    subprocess.run(["ninja", "-C", "build"], cwd=root, check=True, stdout=subprocess.DEVNULL, env=variables)


def same_compiler():
    """The variable that makes meson call the compiler as in this checkout's build/; none where there is no build."""
    targets = REPOSITORY / "build/meson-info/intro-targets.json"
    if not targets.exists():
        return {}
    return {"CC": next(" ".join(part["compiler"]) for target in json.loads(targets.read_text(encoding="utf-8"))
                       for part in target["target_sources"] if part.get("language") == "c")}


def made_files():
    """What ninja has built in this checkout: what its log names."""
    log = (REPOSITORY / "build/.ninja_log").read_text(encoding="utf-8").splitlines()[1:]
    files = [REPOSITORY / "build" / line.split("\t")[3] for line in log]
    return [path for path in files if path.is_file() and path.name != "build.ninja"]


def run(words, **options):
    """The finished process, with its texts."""
    return subprocess.run(list(map(str, words)), text=True, capture_output=True, timeout=PATIENCE_S,
                          stdin=subprocess.DEVNULL,
                          check=False, **options)


@contextlib.contextmanager
def started(words, **options):
    """The process, leading its own group, as a terminal's foreground job does. Its output is one text."""
    child = subprocess.Popen(list(map(str, words)), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, bufsize=1, start_new_session=True, **options)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()


def read_until(child, text):
    """Reads its output up to the line that has the text; all of it is returned. (Not with select(2): it does not see lines
    that are in the file object's buffer already.)"""
    output = ""
    patience = threading.Timer(PATIENCE_S, os.killpg, (child.pid, signal.SIGKILL))
    patience.start()
    try:
        while text not in output:
            line = child.stdout.readline()
            assert line, f"ended, or was ended after {PATIENCE_S} s, without '{text}': {output}"
            output += line
    finally:
        patience.cancel()
    return output


def rows(results, query):
    """What a results.db answers."""
    with contextlib.closing(sqlite3.connect(f"{(results / 'results.db').as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def processes_of(build):
    """The command lines of the processes of this root whose program is below this directory."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if not os.path.samefile(entry / "root", "/"):
                continue
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if any(word.startswith(os.fsencode(build)) for word in words):
                found.append(words)
    return found


def build_option(build, name):
    """What meson was told."""
    options = json.loads((build / "meson-info/intro-buildoptions.json").read_text(encoding="utf-8"))
    return next(option["value"] for option in options if option["name"] == name)
