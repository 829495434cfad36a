"""steps.py - what test.sh can do: the steps, what each runs, which build it needs, and how many CPUs it keeps busy."""
import collections
import glob
import os

import environment

PYTHON = "/usr/bin/python3"  # Debian's, whose modules setup.sh installs, not another one that PATH may find first
PYTEST = (PYTHON, "-m", "pytest", "-q")
AGAIN_ALONE = (PYTHON, "tests/again_alone.py")  # pytest, and what has failed once more by itself

# The builds: compiler, directory, meson's options.
BUILDS = {
    "asan": ("gcc", "build-asan", "-Db_sanitize=address,undefined", "-Doptimization=1"),  # a third less to compile than -O2
    "gcc": ("gcc", "build", "--buildtype=release", "-Db_ndebug=false"),
    "clang": ("clang", "build-clang"),
    "tsan": ("gcc", "build-tsan", "-Db_sanitize=thread", "-Dunit_tests=disabled"),
}

# One step. commands: argument lists, run in order until one fails; needs: the name of a build in BUILDS, which must be
# complete before; short: is it done without --full, too?; cpus: how many it keeps busy: below 1 if it also waits.
Step = collections.namedtuple("Step", "name what commands needs short cpus", defaults=(None, True, 1))

# What has one thread needs no ThreadSanitizer: the ladder, ws_demo, nio and aio.
THREADED = "not ws_demo and not nio and not aio"

# Black-box tests wait most of the time, for a client's pace or a server's time limit: many at once for each CPU.
WAITING_PER_CPU = 3


def tracked(*patterns):
    """Files of the project that fit."""
    files = sorted(name for pattern in patterns
                   for name in glob.glob(pattern, root_dir=environment.ROOT, recursive=True)
                   if not name.startswith(("build", "results/")))
    assert files, patterns
    return files


def build(name):
    """Configures it when it is new, and builds it."""
    _, directory, *options = BUILDS[name]
    configured = (environment.ROOT / directory / "build.ninja").exists()
    return [*([] if configured else [["meson", "setup", directory, *options]]), ["ninja", "-C", directory]]


def cpu_count():
    """The CPUs that may be used here."""
    return len(os.sched_getaffinity(0))


def blackbox(directory, *options):
    """The servers through their ports, by several workers of pytest."""
    at_once = WAITING_PER_CPU * max(2, cpu_count())
    return [[*AGAIN_ALONE, "tests/blackbox", "-n", str(at_once), "--build-dir", directory, *options]]


def conformance(*options):
    """The protocol module by itself, and each program that speaks WebSocket."""
    return [[PYTHON, "tests/conformance/conform.py", "--build-dir", *options]]


def units(directory, *options):
    """meson's tests, one line for each that fails."""
    return [["meson", "test", "-C", directory, "--print-errorlogs", *options]]


def tools(*options):
    """The scripts. Comparisons take turns, so that one worker of pytest makes all of them: another would wait."""
    return [[*AGAIN_ALONE, "tests/tools", "-n", "2", "--dist", "loadgroup", *options]]


def pytest_of(folder, *options):
    """The tests in one folder."""
    return [[*PYTEST, folder, *options]]


def steps(full):
    """All of them: first the builds, then what takes longest. `full`: with the tests that have the marker `full`."""
    whole = () if full else ("-m", "not full")
    asan, tsan = ("--sanitizer", "asan", "--slow", "4"), ("--sanitizer", "tsan", "--slow", "4")
    # Without --full, the plain build has only those tests that a sanitizer makes senseless.
    plain = () if full else ("-m", "heavy and not full")
    return [
        *(Step(f"build-{name}", what, build(name), None, short, 2) for name, what, short in (
            ("asan", "build: ASan + UBSan", True), ("gcc", "build: gcc", True), ("clang", "build: clang", False),
            ("tsan", "build: TSan (no unit tests: Criterion itself does not work under it)", False))),
        Step("blackbox-asan", "black box: ASan + UBSan", blackbox("build-asan", *asan, *whole), "asan", cpus=0.75),
        Step("page", "ws_demo: its page, in a browser",
             pytest_of("tests/browser", "--build-dir", "build", *whole), "gcc", cpus=0.5),
        Step("page-nginx", "ws_demo: its page over wss, behind nginx",
             pytest_of("tests/browser", "--build-dir", "build", "--behind", "nginx", "--ignore",
                       "tests/browser/test_chromium.py", "--ignore", "tests/browser/test_contrast.py"), "gcc", False, 0.5),
        Step("labs", f"labs: {'every answer, 3 times' if full else 'each knows right from wrong'}",
             pytest_of("tests/labs", "-n", "8", "--dist", "loadgroup", "--build-dir", "build",
                       *whole, *(("--times", "3") if full else ())), "gcc", cpus=0.5),
        Step("hosts", "load from several hosts, which are made here",
             pytest_of("tests/hosts", "--build-dir", "build", *whole), "gcc", cpus=0.5),
        Step("tools", "the scripts themselves", tools(*whole), "gcc", cpus=0.75),
        Step("conformance-asan", "conformance: ASan + UBSan",
             conformance("build-asan", "--slow", "4", *(() if full else ("--short",))), "asan"),
        Step("report", "report: its page, in a browser", pytest_of("tests/report", *whole)),
        Step("units-asan", "units: ASan + UBSan",
             units("build-asan", "--suite", "unit", "--timeout-multiplier", "5"), "asan"),
        Step("structure", "structure of the sources", units("build", "--suite", "structure"), "gcc"),
        Step("format", "clang-format", [["clang-format", "--dry-run", "--Werror", *tracked("**/*.c", "**/*.h")]]),
        Step("shellcheck", "shellcheck", [["shellcheck", *tracked("scripts/**/*.sh", "tests/*.sh"), ".ci/run"]]),
        Step("blackbox-gcc", f"black box: gcc{'' if full else ', what is not for a sanitizer'}",
             blackbox("build", *plain), "gcc"),
        # It measures, as compare.sh does: nothing else runs meanwhile.
        Step("twins", "naive twins, by compare.sh", [[PYTHON, "tests/check_breaks.py", "build"]], "gcc",
             cpus=max(2, cpu_count())),
        Step("blackbox-tsan", "black box: TSan", blackbox(
            "build-tsan", *tsan, "--ignore", "tests/blackbox/test_ladder.py", "-k", THREADED), "tsan", False),
        Step("conformance-gcc", "conformance: gcc", conformance("build"), "gcc", False),
        Step("units-gcc", "units: gcc", units("build", "--suite", "unit"), "gcc", False),
        Step("units-clang", "units and structure: clang", units("build-clang"), "clang", False),
        *(Step(f"soak-{name}", f"soak: {what}",
               [["scripts/soak.sh", "--seconds", "30", "--build-dir", BUILDS[name][1], *options]], name, False)
          for name, what, *options in (("gcc", "gcc"), ("asan", "ASan + UBSan", "--sanitizer", "asan"))),
        Step("fuzz", "fuzz: 12 s for each target", [["scripts/fuzz.sh", "--seconds", "12"]], None, False),
    ]
