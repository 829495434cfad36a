"""The command line: the same for all, and a mistake costs one clear line and status 2."""
import contextlib
import os
import pathlib
import re
import subprocess

import pytest

from clients import Peer, client
from servers import EXECUTABLES, MODELS, STEPS, without_capabilities
from timing import seconds

TWINS = ["bio/naive/dies_of_its_peer", "bio/naive/stack_overflow", "nio/naive/half_packet", "nio/naive/lost_epollout",
         "nio/naive/one_read_per_edge", "nio/naive/rebuilt_selector", "nio/naive/spinning_selector",
         "aio/naive/fd_is_identity", "aio/naive/get_at_once"]

OWN_OPTIONS = {
    "bio": {"--stack-size"},
    "pseudo_async": {"--workers", "--queue"},
    "nio": set(),
    "aio": {"--probe", "--buffers", "--completions"},
    "aio_future": {"--probe", "--buffers", "--completions"},
    "ws_demo": {"--echo", "--history", "--allow-origin", "--allow-host", "--live", "--no-deflate", "--unix", "--unix-mode",
                "--trust-proxy", "--proxy-protocol", "--prefix", "--metrics-from", "--redis", "--redis-password-file", "--node",
                "--certificate", "--key", "--self-signed", "--ktls"},
}
COMMON_OPTIONS = {"--port", "--address", "--share-port", "--protocol", "--backlog", "--message-max", "--deflate", "--handshake-ms", "--idle-ms",
                  "--dead-ms", "--stall-ms", "--clients-max", "--limits", "--drain", "--stats", "--handler-delay", "--help", "--version"}

MISTAKES = {
    "unknown option": ["--colour", "blue"],
    "not an option": ["8080"],
    "port without a number": ["--port", "http"],
    "port with a tail": ["--port", "80a"],
    "empty port": ["--port", ""],
    "port too large": ["--port", "65536"],
    "negative port": ["--port", "-1"],
    "option without its value": ["--port"],
    "unknown protocol": ["--protocol", "http"],
    "no address": ["--address", "nowhere"],
    "foreign address": ["--address", "192.0.2.1"],
    "message-max too large": ["--message-max", "16777217"],
    "message-max of 0": ["--message-max", "0"],
    "a window that zlib cannot have": ["--deflate=8"],
    "a window too large": ["--deflate=16"],
    "a window without a number": ["--deflate=yes"],
    "negative drain": ["--drain", "-1"],
    "no time for the handshake": ["--handshake-ms", "0"],
    "idle without a number": ["--idle-ms", "soon"],
    "dead before idle": ["--idle-ms", "5000", "--dead-ms", "5000"],
    "no clients": ["--clients-max", "0"],
    "backlog of 0": ["--backlog", "0"],
    "a handler for ever": ["--handler-delay", "1000"],
}
OWN_MISTAKES = {
    "bio": [["--stack-size", "1"], ["--stack-size", "x"]],
    "pseudo_async": [["--workers", "0"], ["--queue", "-1"], ["--workers", "99999999999999999999"]],
    "nio": [],
    "aio": [["--buffers", "1000"], ["--completions", "100"]],
    "aio_future": [["--buffers", "65536"], ["--completions", "few"]],
    "ws_demo": [["--history", "/nowhere/history.db"], ["--allow-origin", "class.example"], ["--allow-origin", "http://"],
                ["--allow-host", "class.example:80"], ["--handler-delay", "10"], ["--trust-proxy", "proxy.example"],
                ["--trust-proxy", "10.0.0.1/8"], ["--metrics-from", ""], ["--prefix", "demo"], ["--prefix", "/demo/"],
                ["--prefix", "/a b"], ["--proxy-protocol"], ["--echo", "--trust-proxy", "::1"], ["--unix-mode", "8"],
                ["--unix-mode", "1777"], ["--unix", ""], ["--unix", 108 * "x"], ["--unix", "/etc/passwd"],
                ["--unix", "/nowhere/socket"], [word for _ in range(17) for word in ("--trust-proxy", "::1")]],
}


def run(path, *arguments):
    """Runs it to its end."""
    return subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=seconds(5), check=False)


def check_complaint(done, about):
    """One line on stderr, status 2, nothing on stdout."""
    assert done.returncode == 2, f"{about}: status {done.returncode}, {done.stderr!r}"
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), f"{about}: {done.stderr!r}"
    assert "listening" not in done.stdout, about


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_mistakes_cost_one_line_and_status_2(executable, model):
    """Whatever is wrong with an option."""
    own = {" ".join(words): words for words in OWN_MISTAKES[model]}
    for about, words in {**MISTAKES, **own}.items():
        port = [] if "--port" in words else ["--port", "0"]
        check_complaint(run(executable(model), *port, *words), about)


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_options_of_another_model_are_unknown(executable, model):
    """No option is silently ignored."""
    every = set().union(*OWN_OPTIONS.values()) - {"--probe"}
    for option in every - OWN_OPTIONS[model]:
        check_complaint(run(executable(model), "--port", 0, option, 1), option)


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_a_port_in_use_costs_one_line_and_status_2(serve, executable, model):
    """It names the port."""
    with serve("echo") as server:
        done = run(executable(model), "--port", server.port)
        check_complaint(done, "port in use")
        assert str(server.port) in done.stderr
        with Peer(server) as peer:
            peer.roundtrip()


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_help_and_version_end_well(executable, model):
    """On stdout, with status 0."""
    for option in ("--help", "--version"):
        done = run(executable(model), option)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.strip()
    assert re.search(r"\d+\.\d+", done.stdout)


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_limits_are_one_table_and_follow_the_options(executable, model):
    """The same text from all; every limit has a number. ws_demo has more behind it, for its page's guests."""
    asked = ["--limits", "--message-max", "1000", "--handshake-ms", "1234", "--deflate=10"]
    done = run(executable(model), *asked)
    assert (done.returncode, done.stderr) == (0, "")
    common, own, _ = done.stdout.partition("with the page, of one address (IPv6: one /64):\n")
    assert common == run(executable("bio"), *asked).stdout and bool(own) == (model == "ws_demo")
    table = {line.split()[0]: int(line.split()[1]) for line in common.splitlines()}
    assert table["message"] == 1000 and table["handshake"] == 1234 and table["deflate"] == 1024
    assert table["head"] == 8192 and table["dead"] == 40000 and all(table.values())


@pytest.mark.parametrize("words, bits", [([], 12), (["--no-deflate"], None), (["--echo"], None),
                                         (["--echo", "--deflate"], 12), (["--deflate=15"], 15)])
def test_compression_is_on_with_the_page_and_off_by_default_elsewhere(executable, words, bits):
    """Where it is off, the table of limits has no such row."""
    table = run(executable("ws_demo"), "--limits", *words).stdout
    assert re.findall(r"^deflate +(\d+)", table, re.MULTILINE) == ([str(2**bits)] if bits else []), table
    assert "deflate" not in run(executable("nio"), "--limits").stdout


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_help_lists_the_same_common_options_for_all(executable, model):
    """And those of the model, and no more."""
    listed = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", run(executable(model), "--help").stdout))
    bio = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", run(executable("bio"), "--help").stdout))
    assert listed - OWN_OPTIONS[model] == bio - OWN_OPTIONS["bio"]
    assert COMMON_OPTIONS | OWN_OPTIONS[model] <= listed


def test_port_0_picks_a_free_port(serve):
    """Two servers do not collide."""
    with serve("echo") as one, serve("echo") as other:
        assert one.port != other.port


def test_a_shared_port_is_asked_for_by_every_server(serve, executable, model):
    """Without --share-port, on either side, nobody else can take the clients of a port."""
    with serve("echo") as server:
        check_complaint(run(executable(model), "--port", server.port, "--share-port"), "the first does not share")
    with serve("echo", "--share-port") as server:
        done = run(executable(model), "--port", server.port)
        check_complaint(done, "the second does not share")
        with Peer(server) as peer:
            peer.roundtrip()


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_two_processes_share_a_port(serve, protocol):
    """The kernel deals the clients out: both get some, all are served, and each process counts its own."""
    with serve(protocol, "--share-port") as one, serve(protocol, "--port", one.port, "--share-port") as other:
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(client(one)) for _ in range(64)]
            for peer in peers:
                peer.roundtrip()
        counted = [server.stop()["accepted"] for server in (one, other)]
        assert sum(counted) == 64 and all(counted), counted


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_closed_standard_descriptors_are_nobody_elses(executable, model):
    """With stderr closed, descriptor 2 would be the next socket's, and what is said of one peer would go to another."""
    child = subprocess.Popen(["sh", "-c", 'exec "$0" --port 0 <&- 2>&-', executable(model)], stdout=subprocess.PIPE,
                             text=True)
    try:
        assert child.stdout.readline().startswith("listening on ")
        for number in (0, 2):
            assert os.readlink(f"/proc/{child.pid}/fd/{number}") == "/dev/null"
    finally:
        child.terminate()
        child.communicate(timeout=seconds(10))
    assert child.returncode == 0


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_a_stdout_that_takes_nothing_is_said(executable, model):
    """Who waits for `listening on` would wait for ever."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([executable(model), "--port", "0"], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=seconds(10), check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "No space left" in done.stderr


@pytest.mark.dealt("both are of argp", "option")
@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("program", [*EXECUTABLES.values(), *STEPS.values(), *TWINS, "loadgen/loadgen"])
def test_every_program_explains_itself(build_dir, program, option):
    """`-h` wherever `--help` does."""
    if not (build_dir / program).exists():
        pytest.skip(f"{program} is not built")
    done = run(build_dir / program, option)
    if "io_uring" in done.stderr and program in STEPS.values():
        pytest.skip(done.stderr)
    assert (done.returncode, done.stderr) == (0, "") and "--port" in done.stdout, done.stderr
    assert "-h, --help" in done.stdout


@pytest.mark.parametrize("program", [*EXECUTABLES.values(), *TWINS])
def test_an_address_of_another_machine_is_named(build_dir, program):
    """Another port would not help. (192.0.2.0/24 is for documentation: nobody has it.)"""
    if not (build_dir / program).exists():
        pytest.skip(f"{program} is not built")
    done = run(build_dir / program, "--port", 0, "--address", "192.0.2.1")
    check_complaint(done, program)
    if "io_uring" in done.stderr:
        pytest.skip(done.stderr)
    assert "--address 192.0.2.1" in done.stderr and "another --port" not in done.stderr, done.stderr


@pytest.mark.parametrize("program", ["floor/floor_server", "floor/floor_threads"])
@pytest.mark.parametrize("words", [["--port", "http"], ["--port", "65536"], ["--port", ""], ["8080"], []])
def test_the_floors_know_a_port_too(build_dir, program, words):
    """What is none is not taken for 0."""
    check_complaint(run(build_dir / program, *words), words)


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
def test_a_privileged_port_is_told_as_such(executable, model):
    """To a user who may not have it."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii"))
    if lowest < 2:
        pytest.skip("here every user may have every port")
    done = subprocess.run([executable(model), "--port", "1"], capture_output=True, text=True, timeout=seconds(5),
                          check=False, preexec_fn=without_capabilities)
    check_complaint(done, "privileged port")
    assert "--port 1 " in done.stderr and "1024" in done.stderr and "Permission denied" in done.stderr, done.stderr


def test_every_model_is_named_here():
    """A sixth server would have to take the exam too."""
    assert set(OWN_OPTIONS) == set(OWN_MISTAKES) == set(MODELS)
