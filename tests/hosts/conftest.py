"""Several load generators make one run, on hosts that are made here. They know the programs by what they print.

    /usr/bin/python3 -m pytest tests/hosts [--build-dir build]
"""
import os
import pathlib
import resource

import pytest

from lab import Lab, why_not

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
HOSTS = "server", "a", "b", "c"

# The tests read what programs say in English, whatever language the terminal speaks.
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_addoption(parser):
    """The options of this suite."""
    parser.addoption("--build-dir", default=str(REPOSITORY / "build"), help="where meson built the programs")


def pytest_configure(config):
    """Descriptors, before any test."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture(scope="session")
def build_dir(request):
    """Where the programs are. Skips, with the reason, where there can be no hosts."""
    path = pathlib.Path(request.config.getoption("--build-dir")).resolve()
    if why := why_not(path):
        pytest.skip(why)
    return path


@pytest.fixture(scope="session")
def lab(build_dir):
    """Four hosts on one network."""
    with Lab(*HOSTS, build_dir=build_dir) as hosts:
        yield hosts
