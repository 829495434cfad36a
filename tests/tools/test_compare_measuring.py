"""compare.sh itself, of a checkout in a directory with an odd name: the same results whatever the user's environment,
and an orderly end however it ends. Each comparison is of one model, one client, and a tenth of a second.
"""
import json
import os
import signal
import subprocess
import time

import pytest

import checkout
import environment
from checkout import LEAST, PATIENCE_S, SHORT, processes_of, read_until, rows, run, started

HOSTILE = {"CDPATH": "/tmp:/", "CFLAGS": "-O0", "LDFLAGS": "-nonsense", "GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/",
           "PYTHONPATH": "/nonexistent", "PYTHONHOME": "/nonexistent", "PYTHONSTARTUP": "/nonexistent",
           "BASH_ENV": "/dev/null",
           "POSIXLY_CORRECT": "1", "LANG": "C", "LC_ALL": "C", "ENV": "/dev/null", "GREP_OPTIONS": "-v", "IFS": "/",
           "MALLOC_ARENA_MAX": "1", "SHELLOPTS": "noclobber", "TERM": "dumb", "STRACE_OPTS": "x", "NINJA_STATUS": "%%"}


# `full`: the short form has the comparisons of the naive twins.
pytestmark = [pytest.mark.xdist_group("comparisons"), pytest.mark.full]


@pytest.fixture(name="root")
def built_checkout(tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    with checkout.built(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) as root:
        yield root
        wait_until(lambda: not processes_of(root / "build"))  # what a comparison that was killed had started, too, ends


@pytest.fixture(name="environ")
def environment_of_one_test(tmp_path):
    """The user's own, without what would be told, with a directory for temporary files in which whatever stays is
    seen."""
    (tmp_path / "temporary").mkdir()
    own = {name: value for name, value in os.environ.items() if name not in environment.TOLD}
    return {**own, "TMPDIR": str(tmp_path / "temporary")}


def is_clean(tmp_path):
    return not list((tmp_path / "temporary").iterdir())


def compare(root, *arguments, **options):
    return run([root / "scripts/compare.sh", *LEAST, *arguments], **options)


def test_the_users_environment_changes_nothing(root, tmp_path, environ):
    """By a symbolic link, from elsewhere, with everything exported that once made a difference."""
    link = tmp_path / "a link.sh"
    link.symlink_to(root / "scripts/compare.sh")
    out = tmp_path / "it's\nout; drop"
    plain = compare(root, "--out", tmp_path / "plain", env=environ)
    odd = run([link, "--quick", "--workloads", "ping-pong,syscalls", *SHORT, "--out", out], env={**environ, **HOSTILE},
              cwd=tmp_path)
    assert (plain.returncode, odd.returncode) == (0, 0), odd.stdout + odd.stderr
    assert "ignored from your environment: CFLAGS, LDFLAGS, MALLOC_ARENA_MAX: the suite builds" in odd.stdout
    assert "ignored from your environment" not in plain.stdout and "\033" not in odd.stdout
    facts = "select key, value from metadata where key not in ('date', 'load_average_at_start', 'took') order by key"
    assert rows(out, facts) == rows(tmp_path / "plain", facts)
    (load,), = rows(out, "select value from metadata where key = 'load_average_at_start'")
    assert len(list(map(float, load.split()))) == 3
    assert rows(out, "select distinct model, status from run join plan using (id) order by 1") == [("floor", "ok"),
                                                                                                   ("nio", "ok")]
    assert is_clean(tmp_path)


def test_a_build_with_the_users_flags_is_not_measured(root, tmp_path):
    subprocess.run(["meson", "setup", tmp_path / "mine", "-Dunit_tests=disabled", "--buildtype=release"], cwd=root,
                   check=True,
                   env={**os.environ, "CFLAGS": "-O0"}, stdout=subprocess.DEVNULL)
    done = compare(root, "--build", tmp_path / "mine", "--out", tmp_path / "out")
    assert done.returncode == 2 and "c_args=-O0" in done.stderr and not (tmp_path / "out").exists()


def test_results_where_none_can_be_written(root, tmp_path):
    (tmp_path / "file").touch()
    done = compare(root, "--out", tmp_path / "file/results")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "cannot be written" in done.stderr


def test_a_second_comparison_is_refused_before_anything_is_done(root, tmp_path):
    with started([root / "scripts/compare.sh", *LEAST, "--duration", "600", "--out", tmp_path / "first"]) as first:
        read_until(first, "rep 1")
        second = run([root / "scripts/compare.sh", *LEAST, "--out", tmp_path / "second"])
        assert second.returncode == 2 and second.stdout == "" and f"(process {first.pid}, since 20" in second.stderr
        assert not (tmp_path / "second").exists()


def test_nothing_outlives_kill_9(root, tmp_path):
    with started([root / "scripts/compare.sh", *LEAST, "--duration", "600", "--out", tmp_path / "killed"]) as comparison:
        read_until(comparison, "rep 1")
        wait_until(lambda: len(processes_of(root / "build")) >= 1)
        comparison.kill()
        comparison.wait()
        wait_until(lambda: not processes_of(root / "build"))
    compare(root, "--out", tmp_path / "next")  # on a busy machine a tenth of a second may be too short for a message
    assert rows(tmp_path / "next", "select value from metadata where key = 'state'") == [("complete",)]


def wait_until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def program(tmp_path, name, text):
    """Another program of this name, in tmp_path/bin."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
    (tmp_path / "bin" / name).chmod(0o755)


def interrupted(words, environ, when, number=signal.SIGINT):
    """Runs the command, sends the signal to all of it when it has said `when`; returns what it said
    from then on, and its status."""
    with started(words, env=environ) as comparison:
        read_until(comparison, when)
        os.killpg(comparison.pid, number)
        return comparison.stdout.read(), comparison.wait(PATIENCE_S)


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_before_the_end_of_the_first_run_leaves_nothing(root, tmp_path, environ, number, status):
    words = [root / "scripts/compare.sh", *LEAST, "--duration", "600", "--out", tmp_path / "out"]
    said, ended = interrupted(words, environ, "rep 1", number)
    assert ended == status
    assert said.splitlines()[-1] == "nothing was measured" and "Traceback" not in said
    assert not (tmp_path / "out").exists() and is_clean(tmp_path) and not processes_of(root / "build")


def test_ctrl_c_between_runs_reports_what_there_is(root, tmp_path, environ):
    words = [root / "scripts/compare.sh", *LEAST, "--repeat", "99", "--out", tmp_path / "out"]
    said, ended = interrupted(words, environ, "rep 3")
    assert ended == 130
    assert "ended early" in said and "Traceback" not in said and is_clean(tmp_path)
    state = rows(tmp_path / "out", "select value from metadata where key = 'state'")[0][0]
    assert state.startswith("partial: ")


def test_ctrl_c_in_a_race_keeps_its_rounds(root, tmp_path, environ):
    """The race concludes with what there is; a start that was not made has no run."""
    words = [root / "scripts/compare.sh", "--quick", *SHORT, "--workloads", "ping-pong", "--repeat", "3", "--duration", "2",
             "--out", tmp_path / "out"]
    said, ended = interrupted(words, environ, "start 2, ")
    assert ended == 130
    assert "ended early" in said and "Traceback" not in said and is_clean(tmp_path)
    assert rows(tmp_path / "out", "select why, rounds > 0 from race") == [("interrupted", 1)]
    assert {start for start, in rows(tmp_path / "out", "select distinct repetition from run join plan using (id)")} <= {1, 2}
    assert rows(tmp_path / "out", "select count(*) from run where status = 'failed'") == [(0,)]


def test_ctrl_c_while_drawing_says_what_finishes_it(root, tmp_path, environ):
    """gnuplot takes until then here, and one that is begun afterwards, too, ends."""
    program(tmp_path, "gnuplot",
            f"touch '{tmp_path}/draws'\nuntil [ -e '{tmp_path}/over' ]; do sleep 0.05; done\nexit 1")
    out = tmp_path / "out"
    with started([root / "scripts/compare.sh", "--quick", *SHORT, "--out", out],
                 env={**environ, "PATH": f"{tmp_path}/bin:{environ['PATH']}"}) as comparison:
        read_until(comparison, "writing tables")
        wait_until((tmp_path / "draws").exists)
        os.killpg(comparison.pid, signal.SIGINT)
        (tmp_path / "over").touch()
        said = comparison.stdout.read()
        assert comparison.wait(PATIENCE_S) == 130
    assert said.splitlines()[-1].startswith(f"compare.sh: ended: scripts/compare.sh --redraw {out} makes")
    assert "Traceback" not in said
    assert is_clean(tmp_path)


@pytest.fixture(name="slow")
def checkout_whose_set_up_and_build_are_slow(tmp_path):
    """Its scripts, and a build that never ends."""
    root = tmp_path / "it's slow"
    checkout.copy_files(root, "scripts")
    (root / "meson.build").write_text("project('slow', 'c')\n"
                                      "custom_target('slow', output: 'slow', build_by_default: true,\n"
                                      "  command: ['sh', '-c', 'touch started; exec sleep 100'])\n")
    return root


def test_ctrl_c_while_building(slow, tmp_path, environ):
    (slow / "scripts/setup.sh").write_text("#!/bin/sh\n")
    with started([slow / "scripts/compare.sh", *LEAST], env=environ) as comparison:
        wait_until((slow / "build/started").exists)
        os.killpg(comparison.pid, signal.SIGINT)
        said = comparison.stdout.read()
        assert comparison.wait(PATIENCE_S) == 130
    assert said.splitlines()[-1] == "compare.sh: ended: nothing was measured" and "Traceback" not in said
    assert is_clean(tmp_path) and not (slow / "results").exists()


@pytest.mark.parametrize("to_all", [True, False])
def test_ctrl_c_while_installing(slow, tmp_path, environ, to_all):
    """setup.sh comes to its end first (apt does not leave half of a package), and then it is over."""
    (slow / "scripts/setup.sh").write_text("#!/bin/bash\ncd \"$(dirname \"$0\")/..\"\n"
                                           "trap ended=1 INT\ntouch installs\n"
                                           "until [[ ${ended-} ]]; do sleep 0.05; done\nsleep 1\ntouch complete\n")
    with started([slow / "scripts/compare.sh", *LEAST], env=environ) as comparison:
        wait_until((slow / "installs").exists)
        (os.killpg if to_all else os.kill)(comparison.pid, signal.SIGINT)
        said = comparison.stdout.read()
        assert comparison.wait(PATIENCE_S) == 130
    assert said.splitlines()[-1] == "compare.sh: ended: nothing was measured" and "Traceback" not in said
    assert (slow / "complete").exists() and not (slow / "build").exists() and is_clean(tmp_path)


def test_a_set_up_that_fails_has_said_why(slow):
    (slow / "scripts/setup.sh").write_text("#!/bin/sh\necho 'setup.sh: no' >&2\nexit 2\n")
    done = run([slow / "scripts/compare.sh", *LEAST])
    assert (done.returncode, done.stderr) == (2, "setup.sh: no\n")


def test_no_valid_run_is_the_last_line_and_status_1(root, tmp_path):
    """The server of a model cannot start: here, because taskset does not start it."""
    program(tmp_path, "taskset", "case $* in *nio_server*) echo 'it does not start' >&2; exit 2 ;; esac\n"
                                 "exec /usr/bin/taskset \"$@\"")
    done = compare(root, "--out", tmp_path / "out", env={**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("not measured, no valid run: nio (the server did not start: ")
    assert "it does not start" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("measured", [("--scenario", "scale", "--workloads", "alone"),
                                      ("--quick", "--workloads", "ping-pong")], ids=["alone", "raced"])
def test_several_processes_are_measured_as_one_server(root, tmp_path, measured):
    """Two on one port, each with clients of its own; what both counted is one row. The floor stays one process."""
    done = run([root / "scripts/compare.sh", *measured, *SHORT, "--processes", "2", "--out", tmp_path / "out"])
    assert done.returncode == 0 and "2 processes of each server share a port" in done.stdout, done.stdout + done.stderr
    ran = {model: (row, status, accepted, served) for model, row, status, accepted, served in rows(
        tmp_path / "out", "select model, id, status, server_accepted, served from run join plan using (id)")}
    row, status, accepted, served = ran["nio"]
    assert (status, served) == ("ok", 20) and accepted in (20, 21), "--aftermath brings one more"
    accepted = [json.loads((tmp_path / f"out/runs/{row}.{name}.json").read_text(encoding="utf-8"))["accepted"]
                for name in ("server", "server2")]
    assert sum(accepted) == ran["nio"][2] and min(accepted) > 0
    row, status, *_ = ran["floor"]
    assert status == "ok" and not (tmp_path / f"out/runs/{row}.server2.err").exists()
    assert rows(tmp_path / "out", "select value from setting where key = 'processes'") == [("2",)]
    assert "one-process" in (tmp_path / "out/tables.md").read_text(encoding="utf-8")


def test_break_says_what_became_of_it_and_nothing_else(root, tmp_path, environ):
    done = run([root / "scripts/break.sh", "reset", "nio"], env=environ)
    assert done.returncode == 0 and done.stderr == "" and is_clean(tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "reset: 20 more reset in mid-message"
    assert "    build/nio/nio_server --port 8003 --protocol echo" in lines
    assert any(line.startswith("nio ") for line in lines)


@pytest.mark.parametrize("arguments, says", [([], "which scenario?"), (["x'y"], "there is no scenario 'x'y'"),
                                             (["reset", "nio", "http"], "--protocols does not know 'http'")])
def test_break_refuses_in_one_line(root, arguments, says):
    done = run([root / "scripts/break.sh", *arguments])
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1
