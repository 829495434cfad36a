"""building.py on a project of one file: what is built, when nothing is touched, what a failure leaves behind."""
import os
import signal
import subprocess
import time

import pytest

import building
import environment
from terminal import Failure

MESON = "project('one', 'c')\nexecutable('one', 'one.c')\n"


@pytest.fixture(name="root")
def small_project(tmp_path, monkeypatch):
    """A checkout of one program, in a directory whose name is two words and a quotation mark."""
    root = tmp_path / "it's a dir"
    root.mkdir()
    (root / "meson.build").write_text(MESON)
    (root / "one.c").write_text("int main(void) { return 0; }\n")
    monkeypatch.setattr(environment, "ROOT", root)
    return root


def times(directory):
    return {path: path.stat().st_mtime_ns for path in [directory, *directory.rglob("*")]}


def test_builds_once_and_then_writes_nothing(root):
    directory = building.release(root / "build")
    assert subprocess.run([directory / "one"], check=False).returncode == 0
    before = times(root)
    assert building.release(root / "build") == directory
    assert times(root) == before


@pytest.mark.full  # a build of its own
def test_a_changed_source_is_built_again(root):
    directory = building.release(root / "build")
    (root / "one.c").write_text("int main(void) { return 7; }\n")
    building.release(directory)
    assert subprocess.run([directory / "one"], check=False).returncode == 7


@pytest.mark.full  # a build of its own
def test_the_users_flags_do_not_reach_the_build(root, monkeypatch, capsys):
    for name in building.environment.TOLD:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CFLAGS", "-O0 -DFOREIGN")
    monkeypatch.setenv("PKG_CONFIG_PATH", "/mine")
    (root / "one.c").write_text("#ifdef FOREIGN\n#error foreign\n#endif\n#ifndef __OPTIMIZE__\n#error slow\n#endif\n"
                                "int main(void) { return 0; }\n")
    building.say_ignored.cache_clear()
    building.release(root / "build")
    building.release(root / "build2")
    assert capsys.readouterr().out.count("ignored from your environment: CFLAGS, PKG_CONFIG_PATH:") == 1


def test_a_failed_build_shows_the_compilers_words(root):
    (root / "one.c").write_text("int main(void) { return missing; }\n")
    with pytest.raises(Failure, match="cannot build(.|\n)*missing"):
        building.release(root / "build")


def test_a_failed_configuration_leaves_no_directory(root):
    (root / "meson.build").write_text("project('one', 'c')\nnonsense(")
    with pytest.raises(Failure, match="meson cannot configure"):
        building.release(root / "build")
    assert not (root / "build").exists()


def test_what_else_is_in_the_directory_stays(root):
    (root / "build").mkdir()
    (root / "build/mine.txt").write_text("mine")
    (root / "meson.build").write_text("nonsense(")
    with pytest.raises(Failure):
        building.release(root / "build")
    assert [path.name for path in (root / "build").iterdir()] == ["mine.txt"]


@pytest.mark.full  # a build of its own
def test_a_half_configured_directory_is_no_obstacle(root):
    (root / "build/meson-private").mkdir(parents=True)
    (root / "build/meson-private/coredata.dat").write_text("cut off")
    assert (building.release(root / "build") / "one").exists()


def test_a_directory_of_another_checkout_is_refused(root, tmp_path):
    directory = building.release(root / "build")
    other = tmp_path / "other"
    root.rename(other)
    root.mkdir()
    for name in ("meson.build", "one.c"):
        (root / name).write_text((other / name).read_text())
    (other / "meson.build").write_text(MESON.replace("one'", "two'"))
    environment.ROOT = other  # the fixture's monkeypatch puts the right one back
    with pytest.raises(Failure, match=f"configured for another checkout, {root}"):
        building.release(other / directory.name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: run as an ordinary user")
def test_a_read_only_checkout_is_refused_in_one_line(root):
    root.chmod(0o555)
    try:
        with pytest.raises(Failure, match="cannot be written") as raised:
            building.release(root / "build")
    finally:
        root.chmod(0o755)
    assert "\n" not in str(raised.value)


@pytest.mark.full  # a build of its own
def test_a_built_read_only_checkout_works(root):
    """Nothing has to be written there: so nobody asks whether it can be."""
    directory = building.release(root / "build")
    paths = [root, *root.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & ~0o222)
    try:
        assert building.programs(directory) == directory
    finally:
        for path in paths:
            path.chmod(modes[path])


def test_ctrl_c_leaves_nothing(root):
    """The signal comes while meson runs: its program stops there until it is told."""
    (root / "meson.build").write_text(
        MESON + "run_command('sh', '-c', 'echo > meson_is_here; sleep 60', check: true)\n")
    program = ("import sys; sys.path.insert(0, sys.argv[1]); import environment, pathlib, building; "
               "environment.ROOT = pathlib.Path(sys.argv[2]); building.release(environment.ROOT / 'build')")
    with subprocess.Popen(["/usr/bin/python3", "-B", "-c", program, environment.SCRIPTS / "suite", root],
                          stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)) as child:
        try:
            deadline = time.monotonic() + 60
            while not (root / "meson_is_here").exists():
                assert child.poll() is None and time.monotonic() < deadline, "meson does not come to run its command"
                time.sleep(0.05)
            os.killpg(child.pid, signal.SIGINT)
            child.wait(timeout=60)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    assert child.returncode != 0
    assert not (root / "build").exists()
