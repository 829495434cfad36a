"""The tests of scripts/suite: its modules are imported by name, as the tools import one another; and copies of the
project, as fixtures: `checkout`, and `built` with its programs.
"""
import os
import pathlib
import signal
import sys
import tempfile

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts/suite"))

from checkout import build, copy_files  # pylint: disable=wrong-import-position

# The tests read what the tools say in English, whatever language the terminal speaks.
os.environ["LC_ALL"] = "C.UTF-8"

# A shell starts what stands before `&` with SIGINT ignored, and programs inherit that. These tests press Ctrl-C.
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(name="checkout", scope="session")
def copy():
    """The project in a directory whose name is three words and a quotation mark. Others may enter it, and not write."""
    with tempfile.TemporaryDirectory(prefix="scripts-") as directory:
        os.chmod(directory, 0o755)
        root = pathlib.Path(directory) / "it's a dir"
        copy_files(root)
        yield root


@pytest.fixture(name="built", scope="session")
def built_copy(checkout):
    """The same, after its programs have been built there."""
    build(checkout)
    return checkout
