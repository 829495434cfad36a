"""ws_demo's page in a real browser.

    /usr/bin/python3 -m pytest tests/browser [--build-dir build]
"""
import pathlib

import pytest


def pytest_addoption(parser):
    """The option of these tests."""
    parser.addoption("--build-dir", default=str(pathlib.Path(__file__).resolve().parents[2] / "build"),
                     help="where meson built ws_demo")


@pytest.fixture(scope="session")
def program(request):
    """ws_demo."""
    path = pathlib.Path(request.config.getoption("--build-dir")).resolve() / "ws_demo/ws_demo"
    assert path.exists(), f"{path} is not built"
    return path
