"""The entry exam: what every server must survive, whatever its I/O model. It knows the servers by their ports only.

    /usr/bin/python3 -m pytest tests/blackbox [--build-dir build] [--slow FACTOR] [--sanitizer asan|tsan] [-k nio]
"""
import os
import pathlib
import resource
import signal

import pytest

import faults
import loadgen as load_generator
import timing
from servers import EXECUTABLES, FIRST_READINGS, MODELS, PROTOCOLS, STEPS, Demo, Server, Step, why_not

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# The tests read what programs say in English, whatever language the terminal speaks.
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_addoption(parser):
    """The options of this suite."""
    parser.addoption("--build-dir", default=str(REPOSITORY / "build"), help="where meson built the servers")
    parser.addoption("--slow", type=float, default=1.0, metavar="FACTOR", help="stretch every deadline by this")
    parser.addoption("--sanitizer", choices=["asan", "tsan", "ubsan"], help="what the servers were built with")


def pytest_configure(config):
    """Deadlines and descriptors, before any test; and an end by SIGTERM that leaves no server behind."""
    timing.stretch(config.getoption("--slow"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# How far apart the tests that stand side by side are dealt to the workers of pytest-xdist.
STRIDE = 61


# The server that meets both of the load generator's ways of moving bytes without --full, too; of each the others meet
# one: to a server they are the same.
BOTH_WAYS = "nio"


def deal(items):
    """What the marker `dealt` says: of the variants of a case that differ in these parameters alone, one is in the short
    form. Which, moves on from case to case, so that over those of a file every server has its turn."""
    cases = {}
    for item in items:
        names = {name for mark in item.iter_markers("dealt") for name in mark.args[1:]}
        given = item.callspec.params if names and hasattr(item, "callspec") else {}
        if names & given.keys():
            rest = tuple((name, str(value)) for name, value in given.items() if name not in names)
            cases.setdefault((item.nodeid.partition("[")[0], rest), []).append(item)
    for number, variants in enumerate(cases.values()):
        for place, item in enumerate(variants):
            if place != number % len(variants):
                item.add_marker(pytest.mark.full(reason="the short form has another variant of this case"))


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config, items):
    """Takes out, visibly, what a sanitizer makes senseless. Where there are several workers, which get many tests in a
    row each, the variants of one test are spread: or one worker would have all that wait for long."""
    for item in items:
        variant = getattr(item, "callspec", None) and item.callspec.params
        if variant and variant.get("either_loadgen") == "epoll" and variant.get("model", BOTH_WAYS) != BOTH_WAYS:
            item.add_marker(pytest.mark.full(reason="the other way to move bytes, to a server that meets one of them"))
    deal(items)
    if hasattr(config, "workerinput"):
        items[:] = [item for start in range(STRIDE) for item in items[start::STRIDE]]
    sanitizer = config.getoption("--sanitizer")
    for item in items:
        for mark in item.iter_markers("heavy"):
            if sanitizer:
                item.add_marker(pytest.mark.skip(reason=f"not under {sanitizer}: {mark.args[0]}"))


@pytest.fixture(scope="session")
def build_dir(request):
    """Where the executables are."""
    return pathlib.Path(request.config.getoption("--build-dir")).resolve()


@pytest.fixture(scope="session")
def executable(build_dir):
    """executable(model or step): the path, or a skip where io_uring, or what a step needs of it, is not to be had."""
    refusals = {}

    def find(model):
        path = build_dir / {**EXECUTABLES, **STEPS, **FIRST_READINGS}[model]
        if not model.startswith("aio") and model not in STEPS:
            assert path.exists(), f"{path} is not built"
            return path
        if model not in refusals:
            refusals[model] = why_not(path)
        if refusals[model]:
            pytest.skip(refusals[model])
        return path

    return find


@pytest.fixture(params=MODELS)
def model(request):
    """Each of the servers, by name."""
    return request.param


@pytest.fixture(params=PROTOCOLS)
def protocol(request):
    """Both protocols."""
    return request.param


@pytest.fixture
def server_of(executable):
    """server_of(model, protocol, option...): a server to be started by `with`."""

    def make(model, protocol, *options, **limits):
        return Server(executable(model), model, protocol, options, **limits)

    return make


@pytest.fixture
def serve(server_of, model):
    """serve(protocol, option...): the same for the model of the test."""

    def make(protocol, *options, **limits):
        return server_of(model, protocol, *options, **limits)

    return make


@pytest.fixture
def plain_demo(executable):
    """The same as `demo`, for tests in which something else speaks TLS."""
    return lambda *options, **limits: Demo(executable("ws_demo"), options, **limits)


@pytest.fixture(params=["plain", pytest.param("TLS", marks=pytest.mark.full)])
def demo(executable, request):
    """demo(option...): ws_demo with its page, to be started by `with`. (With TLS, nothing of it may be different.)"""
    more = ["--self-signed"] if request.param == "TLS" else []
    return lambda *options, **limits: Demo(executable("ws_demo"), [*more, *options], **limits)


@pytest.fixture(params=[*STEPS, *FIRST_READINGS])
def step(request):
    """Each step of the ladder and each first reading, by name."""
    return request.param


@pytest.fixture
def serve_step(executable, step):
    """serve_step(): a server to be started by `with`, for the step of the test."""

    def make(**limits):
        return Step(executable(step), step, **limits)

    return make


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory):
    """fault.c, compiled once."""
    return faults.build(tmp_path_factory.mktemp("fault"))


@pytest.fixture
def with_fault(fault_library):
    """with_fault(faults.fault(...)): the environment of a server in which that call fails."""
    return lambda word: faults.make_environment(fault_library, FAULT=word)


@pytest.fixture
def page_size(fault_library):
    """page_size(bytes): the environment of a program that is told that pages are so large."""
    return lambda size: faults.make_environment(fault_library, PAGE_SIZE=str(size))


@pytest.fixture
def loadgen(build_dir, tmp_path):
    """loadgen(server, option=value...): runs the load generator, returns its exit status and its JSON."""
    return load_generator.LoadGenerator(build_dir / "loadgen/loadgen", tmp_path)


@pytest.fixture(params=["io_uring", "epoll"])
def either_loadgen(build_dir, tmp_path, request):
    """The same with each of its two ways of moving bytes, where there are two."""
    generator = load_generator.LoadGenerator(build_dir / "loadgen/loadgen", tmp_path, ("--io", request.param))
    if request.param == "io_uring":
        probe = generator.run("--io", "io_uring", "--port", 1, "--clients", 1, "--duration", 0.01, "--quiet")
        if "--io io_uring:" in probe.stderr:
            pytest.skip(probe.stderr.strip())
    return generator
