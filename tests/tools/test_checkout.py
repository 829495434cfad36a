"""The copies of the project that these tests work with."""
import subprocess

import pytest

from checkout import REPOSITORY

PROGRAM = "build/nio/nio_server"


@pytest.mark.full  # it builds
def test_a_copy_is_not_compiled_again(built):
    """What this checkout has built is taken from there, whatever its compiler is called."""
    asked = subprocess.run(["ninja", "-n", "-C", REPOSITORY / "build", "nio/nio_server"], check=False, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if "no work to do" not in asked.stdout:
        pytest.skip("this checkout's build/ is not as new as its sources")
    assert (built / PROGRAM).stat().st_mtime_ns == (REPOSITORY / PROGRAM).stat().st_mtime_ns
