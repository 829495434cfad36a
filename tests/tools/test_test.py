"""test.sh: what it runs, what it says of a step that fails, and what Ctrl-C does."""
import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

SUITE = pathlib.Path(__file__).resolve().parents[2] / "scripts/suite"


def load():
    """scripts/suite/test.py; `import test` might be Python's own."""
    sys.path.insert(0, str(SUITE))
    spec = importlib.util.spec_from_file_location("suite_test", SUITE / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


suite = load()


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    """Logs of these steps are not among the real ones."""
    monkeypatch.setattr(suite, "LOGS", tmp_path)
    return tmp_path


def step(name, program, needs=None):
    """A step that is a program of Python's."""
    return suite.Step(name, f"step {name}", [[sys.executable, "-c", program]], needs, True)


def runs(pid):
    """A process that is not only waiting for its parent to ask what became of it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def names(steps):
    """Of steps."""
    return [one.name for one in steps]


def test_a_step_has_the_build_that_it_needs():
    """Whatever is asked for; and only what is asked for."""
    every = suite.steps()
    assert names(suite.chosen(every, ["units-asan"], False)) == ["build-asan", "units-asan"]
    assert names(suite.chosen(every, ["soak"], False)) == ["build-gcc", "soak-gcc", "build-asan", "soak-asan"]
    assert names(suite.chosen(every, ["format", "build-tsan"], False)) == ["format", "build-tsan"]
    assert names(suite.chosen(every, [], False)) == names(every)
    assert not [name for name in names(suite.chosen(every, [], True)) if re.search("san|clang|fuzz", name)]
    with pytest.raises(suite.Failure, match="no step 'blackbo'"):
        suite.chosen(every, ["format", "blackbo"], False)


def test_each_step_has_a_name_of_its_own_and_something_to_run():
    """Or a step would hide another's log."""
    every = suite.steps()
    assert len(set(names(every))) == len(every) > 15
    assert all(one.commands or one.name == f"build-{one.needs}" for one in every)


def test_a_failure_is_named_last_and_its_log_is_told_by_its_end(capfd, logs):
    """The steps after it are run all the same."""
    tally = suite.run_all([step("good", "print('3 passed in 1 s')"),
                           step("bad", "print(*range(1000), sep='\\n'); exit(3)"),
                           step("idle", "print('2 skipped in 1 s')"), step("last", "pass")], False)
    assert tally == {"passed": ["good", "last"], "failed": ["bad"], "skipped": ["idle"]}
    assert suite.in_words(tally) == "2 passed, 1 failed (bad), 1 skipped"
    out = capfd.readouterr().out
    assert "3 passed in 1 s" in out and "\n    985\n" in out and "\n    984\n" not in out and "FAILED" in out
    assert os.path.basename(re.search("all of it: (.*)", out).group(1)) == "bad.log"
    assert (logs / "bad.log").read_text().startswith("0\n1\n")


def test_the_whole_log_when_it_is_asked_for(capfd):
    """Each line."""
    suite.run_all([step("bad", "print(*range(1000), sep='\\n'); exit(3)")], True)
    assert "\n    0\n    1\n" in capfd.readouterr().out


def test_a_program_that_there_is_not_is_a_failure(logs):
    """And is named."""
    missing = suite.Step("gone", "gone", [["/no/such/program"]], None, True)
    assert suite.run_all([missing], False)["failed"] == ["gone"]
    assert "/no/such/program" in (logs / "gone.log").read_text()


def test_a_step_sees_nothing_of_the_users_own(monkeypatch, logs):
    """But the browser, and with its build's compiler."""
    for name in "CFLAGS", "PYTHONPATH", "LD_LIBRARY_PATH", "CDPATH", "PYTEST_ADDOPTS", "http_proxy", "GIT_DIR", "CC":
        monkeypatch.setenv(name, "/mine")
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    suite.run_all([step("env", "import os; print(sorted(os.environ.items()))", needs="clang")], False)
    seen = (logs / "env.log").read_text()
    assert "/mine" not in seen
    assert "('CHROMIUM', '/opt/chromium')" in seen and "('CC', 'clang')" in seen and "PYTHONNOUSERSITE" in seen


def test_in_a_pipe_a_long_step_says_now_and_then_where_it_is(capfd, monkeypatch):
    """By the last line of its output."""
    monkeypatch.setattr(suite, "LINE_EVERY_S", 0)
    suite.run_all([step("long", "import time; print('half of it', flush=True); time.sleep(2.5)")], False)
    assert re.search(r"step long: \d+ s: half of it", capfd.readouterr().out)


def told_in(log, running):
    """What the step's log says, once there is a line."""
    end = time.monotonic() + 60
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < end and running.poll() is None
        time.sleep(0.05)
    return log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_step_and_the_whole_run(logs, number):
    """With all that the step has started; what has passed is said; no other step begins."""
    program = f"""if True:
        import sys
        sys.path[:0] = [{str(pathlib.Path(__file__).parent)!r}]
        import test_test
        suite, step = test_test.suite, test_test.step
        suite.LOGS = test_test.pathlib.Path({str(logs)!r})
        suite.interrupt.install()
        try:
            suite.run_all([step("good", "pass"), step("slow", '''if True:
                import subprocess
                child = subprocess.Popen(["sleep", "1000"])
                print(child.pid, flush=True)
                child.wait()'''), step("never", "pass")], False)
        except suite.interrupt.Ended as ended:
            sys.exit(ended.status)"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
        child = int(told_in(logs / "slow.log", running))
        running.send_signal(number)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 128 + number
    assert out.splitlines()[-1] == "interrupted in slow: 1 passed, 0 failed, 0 skipped"
    assert not (logs / "never.log").exists()
    assert not runs(child)


def test_a_step_does_not_outlive_what_started_it(logs):
    """However that ends."""
    program = f"""if True:
        import sys
        sys.path[:0] = [{str(pathlib.Path(__file__).parent)!r}]
        import test_test
        test_test.suite.LOGS = test_test.pathlib.Path({str(logs)!r})
        test_test.suite.run_all([test_test.step("slow", "import os, time; print(os.getpid(), flush=True); time.sleep(1000)")],
                                False)"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL) as running:
        child = int(told_in(logs / "slow.log", running))
        running.kill()
    end = time.monotonic() + 60
    while runs(child):
        assert time.monotonic() < end
        time.sleep(0.05)
