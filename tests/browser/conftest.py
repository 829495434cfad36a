"""ws_demo's page in a real browser.

    /usr/bin/python3 -m pytest tests/browser [--build-dir build] [--behind nginx]
"""
import contextlib
import importlib
import pathlib

import pytest


def pytest_addoption(parser):
    """The option of these tests."""
    parser.addoption("--build-dir", default=str(pathlib.Path(__file__).resolve().parents[2] / "build"),
                     help="where meson built ws_demo")
    parser.addoption("--behind", choices=["nginx"], help="ws_demo's page comes by https and wss through the system's nginx")


def pytest_collection_modifyitems(config, items):
    """Behind nginx, what does not go through it is skipped, and so is all where there is none."""
    if config.getoption("--behind"):
        why = importlib.import_module("entrance").missing()
        for item in items:
            alone = item.get_closest_marker("not_behind_nginx")
            if why or alone:
                item.add_marker(pytest.mark.skip(reason=why or f"not behind nginx: {alone.args[0]}"))


@pytest.fixture(scope="session", autouse=True)
def entrances(request):
    """Every Demo gets one, if that was asked for."""
    if not request.config.getoption("--behind"):
        yield
        return
    demo, made = importlib.import_module("demo"), importlib.import_module("entrance").Entrances()
    with made.opened:
        demo.Demo.entrances = made
        yield
        demo.Demo.entrances = None


@pytest.fixture(scope="session")
def program(request):
    """ws_demo."""
    path = pathlib.Path(request.config.getoption("--build-dir")).resolve() / "ws_demo/ws_demo"
    assert path.exists(), f"{path} is not built"
    return path


@pytest.fixture
def demo(program):
    """A server for one test; it must end well."""
    with importlib.import_module("demo").Demo(program) as server:  # selenium is there: else all tests are skipped
        yield server


@pytest.fixture
def join():
    """join(demo, name, option=value...): a page. All of them are closed at the end."""
    with contextlib.ExitStack() as opened:
        yield lambda *words, **options: opened.enter_context(
            importlib.import_module("demo").Guest(*words, **options))


@pytest.fixture
def guest(demo, join):
    """guest(name, option=value...): a page of the test's server, which must be without faults at the end."""
    opened = []

    def enter(name, **options):
        opened.append(join(demo, name, **options))
        return opened[-1]

    yield enter
    assert [page.faults() for page in opened] == [[] for _ in opened]
