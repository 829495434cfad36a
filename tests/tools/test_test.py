"""test.sh: what it runs, side by side and one after another, what it says of a step that fails, and what Ctrl-C does."""
import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

import measured
import schedule
import steps

SUITE = pathlib.Path(__file__).resolve().parents[2] / "scripts/suite"
REPOSITORY = SUITE.parents[1]


def load():
    """scripts/suite/test.py; `import test` might be Python's own."""
    spec = importlib.util.spec_from_file_location("suite_test", SUITE / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


suite = load()


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    """Logs of these steps are not among the real ones."""
    monkeypatch.setattr(schedule, "LOGS", tmp_path)
    return tmp_path


def step(name, program, needs=None, cpus=2):
    """A step that is a program of Python's, and has the machine for itself unless told otherwise."""
    return steps.Step(name, f"step {name}", [[sys.executable, "-c", program]], needs, True, cpus)


def runs(pid):
    """A process that is not only waiting for its parent to ask what became of it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def names(some):
    """Of steps."""
    return [one.name for one in some]


def test_a_step_has_the_build_that_it_needs():
    """Whatever is asked for; and only what is asked for."""
    every = steps.steps(False)
    assert names(suite.chosen(every, ["units-asan"], False)) == ["build-asan", "units-asan"]
    assert sorted(names(suite.chosen(every, ["soak"], False))) == ["build-asan", "build-gcc", "soak-asan", "soak-gcc"]
    assert sorted(names(suite.chosen(every, ["format", "build-tsan"], False))) == ["build-tsan", "format"]
    with pytest.raises(suite.Failure, match="no step 'blackbo'"):
        suite.chosen(every, ["format", "blackbo"], False)


def test_the_short_size_is_a_part_of_the_full_one():
    """With the same names; what finds most is in it, and what takes long is not."""
    short, full = names(suite.chosen(steps.steps(False), [], False)), names(suite.chosen(steps.steps(True), [], True))
    assert full == names(steps.steps(True)) and set(short) < set(full)
    assert {"blackbox-asan", "conformance-asan", "units-asan", "structure"} <= set(short)
    assert {"report", "page", "twins", "tools"} <= set(short)
    assert not [name for name in short if re.search("tsan|clang|fuzz|soak", name)]


def test_the_full_size_leaves_no_test_out():
    """Not by the marker `full`, and the black box is whole with the plain build, too."""
    commands = {one.name: [word for command in one.commands for word in map(str, command)] for one in steps.steps(True)}
    left_out = [name for name, words in commands.items() if any(re.search("not full|heavy", word) for word in words)]
    assert not left_out
    for name in "blackbox-gcc", "blackbox-asan", "tools", "report", "page":
        assert "-m" not in commands[name][3:], name
    assert any("not full" in word for one in steps.steps(False) for command in one.commands for word in command)


def test_ci_runs_everything():
    """And no other command."""
    assert 'scripts/test.sh" --full --logs' in (REPOSITORY / ".ci/run").read_text(encoding="utf-8")


def test_each_step_has_a_name_of_its_own_and_something_to_run():
    """Or a step would hide another's log."""
    for every in steps.steps(False), steps.steps(True):
        assert len(set(names(every))) == len(every) > 15
        assert all(one.commands and all(one.commands) for one in every)


@pytest.mark.parametrize("arguments, minutes", [([], "test-minutes"), (["--full"], "test-full-minutes")])
def test_what_will_be_done_is_said_first(arguments, minutes):
    """Each step, and how long that takes by measurement; without an invented figure for a part of it."""
    options = suite.options_of(arguments)
    wanted = suite.chosen(steps.steps(options.full), [], options.full)
    said = suite.announcement(wanted, options)
    assert f"{len(wanted)} steps, about {measured.read()[minutes]['value']} minutes" in said
    assert all(one.what in " ".join(said.split()) for one in wanted) and max(map(len, said.splitlines()[1:])) <= 120
    assert "minutes" not in suite.announcement(wanted[:3], suite.options_of(["--only", "build"]))


def test_a_failure_is_named_last_and_its_log_is_told_by_its_end(capfd, logs):
    """The steps after it are run all the same."""
    tally = schedule.run_all([step("good", "print('3 passed in 1 s')"),
                              step("bad", "print(*range(1000), sep='\\n'); exit(3)"),
                              step("idle", "print('2 skipped in 1 s')"), step("last", "pass")], False)
    assert tally == {"passed": ["good", "last"], "failed": ["bad"], "skipped": ["idle"]}
    assert schedule.in_words(tally) == "2 passed, 1 failed (bad), 1 skipped"
    out = capfd.readouterr().out
    assert "3 passed in 1 s" in out and "\n    985\n" in out and "\n    984\n" not in out and "FAILED" in out
    assert os.path.basename(re.search("all of it: (.*)", out).group(1)) == "bad.log"
    assert (logs / "bad.log").read_text().startswith("0\n1\n")


def test_the_whole_log_when_it_is_asked_for(capfd):
    """Each line."""
    schedule.run_all([step("bad", "print(*range(1000), sep='\\n'); exit(3)")], True)
    assert "\n    0\n    1\n" in capfd.readouterr().out


def test_a_program_that_there_is_not_is_a_failure(logs):
    """And is named."""
    missing = steps.Step("gone", "gone", [["/no/such/program"]])
    assert schedule.run_all([missing], False)["failed"] == ["gone"]
    assert "/no/such/program" in (logs / "gone.log").read_text()


def test_the_second_command_is_run_after_the_first_and_not_after_a_failure(logs):
    """All in one log."""
    def say(words):
        return [sys.executable, "-c", f"print('{words}'); exit('{words}' == 'two')"]
    several = steps.Step("several", "several", [say("one"), say("two"), say("three")])
    assert schedule.run_all([several], False)["failed"] == ["several"]
    assert (logs / "several.log").read_text().split() == ["one", "two"]


# Writes that it has begun, and waits for the other.
MEETS = ("import pathlib, time\npathlib.Path({mine!r}).touch()\n"
         "while not pathlib.Path({other!r}).exists(): time.sleep(0.01)")


def test_steps_that_leave_a_cpu_free_run_side_by_side(tmp_path):
    """Each of two waits for the other to begin: one after the other, neither would end."""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    met = [step("one", MEETS.format(mine=one, other=two), cpus=1),
           step("two", MEETS.format(mine=two, other=one), cpus=1)]
    assert schedule.run_all(met, False, cpus=2)["passed"] in (["one", "two"], ["two", "one"])


@pytest.mark.parametrize("cpus, needs", [((1, 2), None), ((1, 1), "gcc")], ids=["no CPU", "no build"])
def test_a_step_waits_for_a_cpu_and_for_its_build(tmp_path, cpus, needs):
    """It finds that the one before has ended."""
    ended = str(tmp_path / "ended")
    before = step("build-gcc", f"import pathlib, time; time.sleep(0.5); pathlib.Path({ended!r}).touch()", cpus=cpus[0])
    after = step("after", f"import pathlib; exit(not pathlib.Path({ended!r}).exists())", needs=needs, cpus=cpus[1])
    assert schedule.run_all([before, after], False, cpus=2)["passed"] == ["build-gcc", "after"]


def test_without_its_build_a_step_has_failed_and_does_not_run(logs, capfd):
    """And the reason is said."""
    tally = schedule.run_all([step("build-gcc", "exit(1)"), step("after", "pass", needs="gcc"),
                              step("other", "pass")], False)
    assert tally == {"passed": ["other"], "failed": ["build-gcc", "after"], "skipped": []}
    assert not (logs / "after.log").exists()
    assert re.search("step after +FAILED: its build did", capfd.readouterr().out)


def test_more_than_there_is_of_the_machine_is_run_alone():
    """One CPU, and a step that could use two."""
    assert schedule.run_all([step("wide", "pass", cpus=2)], False, cpus=1)["passed"] == ["wide"]


def test_a_step_sees_nothing_of_the_users_own(monkeypatch, logs):
    """But the browser; a build has its compiler."""
    for name in "CFLAGS", "PYTHONPATH", "LD_LIBRARY_PATH", "CDPATH", "PYTEST_ADDOPTS", "http_proxy", "GIT_DIR", "CC":
        monkeypatch.setenv(name, "/mine")
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    shown = "import os; print(sorted(os.environ.items()))"
    schedule.run_all([step("env", shown, needs="clang"), step("build-clang", shown)], False)
    for name in "env", "build-clang":
        seen = (logs / f"{name}.log").read_text()
        assert "/mine" not in seen
        assert "('CHROMIUM', '/opt/chromium')" in seen and "PYTHONNOUSERSITE" in seen
        assert ("('CC', 'clang')" in seen) == (name == "build-clang")


def test_in_a_pipe_it_is_said_now_and_then_where_each_step_is(capfd, monkeypatch):
    """By the last line of its output, or pytest's percentage."""
    monkeypatch.setattr(schedule, "LINE_EVERY_S", 0)
    schedule.run_all([step("long", "import time; print('half of it', flush=True); time.sleep(1)", cpus=1),
                      step("tests", "import time; print('.... [ 45%]', flush=True); time.sleep(1)", cpus=1)], False)
    out = capfd.readouterr().out
    assert re.search(r"\n    0 min \d s, 0 of 2 done; step long: \d+ s: half of it; step tests: \d+ s: 45%\n", out), out


def told_in(log, running):
    """What the step's log says, once there is a line."""
    end = time.monotonic() + 60
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < end and running.poll() is None
        time.sleep(0.05)
    return log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_steps_and_the_whole_run(logs, number):
    """With all that they have started; what has passed is said; no other step begins."""
    program = f"""if True:
        import sys
        sys.path[:0] = [{str(pathlib.Path(__file__).parent)!r}, {str(SUITE)!r}]
        import test_test
        schedule, step, interrupt = test_test.schedule, test_test.step, test_test.schedule.interrupt
        schedule.LOGS = test_test.pathlib.Path({str(logs)!r})
        interrupt.install()
        slow = '''if True:
                import subprocess
                child = subprocess.Popen(["sleep", "1000"])
                print(child.pid, flush=True)
                child.wait()'''
        try:
            schedule.run_all([step("good", "pass"), step("slow", slow, cpus=1), step("slower", slow, cpus=1),
                              step("never", "pass")], False, cpus=2)
        except interrupt.Ended as ended:
            sys.exit(ended.status)"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
        while not running.stdout.readline().startswith("step good"):
            assert running.poll() is None
        children = [int(told_in(logs / f"{name}.log", running)) for name in ("slow", "slower")]
        running.send_signal(number)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 128 + number
    assert out.splitlines()[-1] == "interrupted in slow, slower: 1 passed, 0 failed, 0 skipped"
    assert not (logs / "never.log").exists()
    assert not any(runs(child) for child in children)


def test_a_step_does_not_outlive_what_started_it(logs):
    """However that ends."""
    program = f"""if True:
        import sys
        sys.path[:0] = [{str(pathlib.Path(__file__).parent)!r}, {str(SUITE)!r}]
        import test_test
        test_test.schedule.LOGS = test_test.pathlib.Path({str(logs)!r})
        slow = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
        test_test.schedule.run_all([test_test.step("slow", slow)], False)"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL) as running:
        child = int(told_in(logs / "slow.log", running))
        running.kill()
    end = time.monotonic() + 60
    while runs(child):
        assert time.monotonic() < end
        time.sleep(0.05)
