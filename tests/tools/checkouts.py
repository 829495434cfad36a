"""Copies of the project for the tests of its scripts, as fixtures: `checkout`, and `built` with its programs."""
import os
import pathlib
import subprocess
import tempfile

import pytest

from checkout import REPOSITORY, build, copy_files


def files_of_the_project():
    """What a clone has: the tracked files and those not yet added, without what is ignored."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                            check=True, stdout=subprocess.PIPE).stdout.decode()
    return [name for name in listed.split("\0")
            if name and not name.startswith("results/") and (REPOSITORY / name).exists()]


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
