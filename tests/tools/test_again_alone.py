"""tests/again_alone.py: what fails beside others is run once more by itself; that is said, and decides."""
import pathlib
import subprocess
import sys

import pytest

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "again_alone.py"
TESTS = """
import pathlib, pytest
def test_good(): pass
@pytest.mark.xdist_group("some")
def test_once():
    seen = pathlib.Path(__file__).with_name("seen")
    first = not seen.exists()
    seen.touch()
    assert not first
"""


@pytest.mark.full  # pytest four times
@pytest.mark.parametrize("more, status", [("", 0), ("def test_never(): assert False\n", 1)])
def test_what_failed_is_run_again_and_said(tmp_path, more, status):
    """One that passes then does not fail the step; one that fails again does."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/conftest.py").write_text("def pytest_addoption(parser): parser.addoption('--build-dir')\n")
    (tmp_path / "tests/test_it.py").write_text(TESTS + more)
    done = subprocess.run([sys.executable, PROGRAM, "tests", "-n", "2", "--dist", "loadgroup", "--build-dir", "build"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == status, done.stdout
    assert "AGAIN failed beside others, and passed alone: tests/test_it.py::test_once\n" in done.stdout


def test_what_passes_is_run_once(tmp_path):
    """And nothing is said."""
    (tmp_path / "test_it.py").write_text("def test_good(): pass\n")
    done = subprocess.run([sys.executable, PROGRAM, "test_it.py"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0 and "once more" not in done.stdout and "AGAIN" not in done.stdout
