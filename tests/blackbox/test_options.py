"""The command line: the same for all, and a mistake costs one clear line and status 2."""
import re
import subprocess

import pytest

from clients import Peer
from servers import MODELS
from timing import seconds

OWN_OPTIONS = {
    "bio": {"--stack-size"},
    "pseudo_async": {"--workers", "--queue"},
    "nio": {"--loops"},
    "aio": {"--loops", "--probe", "--buffers", "--completions"},
    "aio_future": {"--loops", "--probe", "--buffers", "--completions"},
    "ws_demo": {"--echo", "--history", "--allow-origin"},
}
COMMON_OPTIONS = {"--port", "--address", "--protocol", "--backlog", "--message-max", "--handshake-ms", "--idle-ms",
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
    "nio": [["--loops", "0"], ["--loops", "two"]],
    "aio": [["--loops", "0"], ["--buffers", "1000"], ["--completions", "100"]],
    "aio_future": [["--loops", "0"], ["--buffers", "65536"], ["--completions", "few"]],
    "ws_demo": [["--history", "/nowhere/history.db"], ["--allow-origin", "class.example"], ["--allow-origin", "http://"], ["--handler-delay", "10"]],
}


def run(path, *arguments):
    """Runs it to its end."""
    return subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=seconds(5), check=False)


def check_complaint(done, about):
    """One line on stderr, status 2, nothing on stdout."""
    assert done.returncode == 2, f"{about}: status {done.returncode}, {done.stderr!r}"
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), f"{about}: {done.stderr!r}"
    assert "listening" not in done.stdout, about


def test_mistakes_cost_one_line_and_status_2(executable, model):
    """Whatever is wrong with an option."""
    own = {" ".join(words): words for words in OWN_MISTAKES[model]}
    for about, words in {**MISTAKES, **own}.items():
        port = [] if "--port" in words else ["--port", "0"]
        check_complaint(run(executable(model), *port, *words), about)


def test_options_of_another_model_are_unknown(executable, model):
    """No option is silently ignored."""
    every = set().union(*OWN_OPTIONS.values()) - {"--probe"}
    for option in every - OWN_OPTIONS[model]:
        check_complaint(run(executable(model), "--port", 0, option, 1), option)


def test_a_port_in_use_costs_one_line_and_status_2(serve, executable, model):
    """It names the port."""
    with serve("echo") as server:
        done = run(executable(model), "--port", server.port)
        check_complaint(done, "port in use")
        assert str(server.port) in done.stderr
        with Peer(server) as peer:
            peer.roundtrip()


def test_a_stats_file_that_cannot_be_written_costs_one_line_and_status_2(executable, model, tmp_path):
    """At the start or, at the latest, at the end: counters are not lost in silence."""
    path = tmp_path / "no such directory/stats.json"
    child = subprocess.Popen([executable(model), "--port", "0", "--stats", path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    child.stdout.readline()
    child.terminate()
    _, complaint = child.communicate(timeout=seconds(5))
    assert child.returncode == 2 and complaint.count("\n") == 1 and str(path) in complaint, complaint


def test_help_and_version_end_well(executable, model):
    """On stdout, with status 0."""
    for option in ("--help", "--version"):
        done = run(executable(model), option)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.strip()
    assert re.search(r"\d+\.\d+", done.stdout)


def test_limits_are_one_table_and_follow_the_options(executable, model):
    """The same text from all; every limit has a number. ws_demo has more behind it, for its page's guests."""
    asked = ["--limits", "--message-max", "1000", "--handshake-ms", "1234"]
    done = run(executable(model), *asked)
    assert (done.returncode, done.stderr) == (0, "")
    common, own, _ = done.stdout.partition("with the page, of one address:\n")
    assert common == run(executable("bio"), *asked).stdout and bool(own) == (model == "ws_demo")
    table = {line.split()[0]: int(line.split()[1]) for line in common.splitlines()}
    assert table["message"] == 1000 and table["handshake"] == 1234
    assert table["head"] == 8192 and table["dead"] == 40000 and all(table.values())


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


@pytest.mark.parametrize("model", ["nio", "aio"], indirect=True)
def test_two_loops_serve_64_clients(serve, protocol, loadgen):
    """Every client has a loop, whichever."""
    with serve(protocol, "--loops", 2) as server:
        result = loadgen(server, clients=64)
        assert result.report["clients"]["served"] == 64, result.report["failures"]
        assert server.stop()["accepted"] == 64


def test_every_model_is_named_here():
    """A sixth server would have to take the exam too."""
    assert set(OWN_OPTIONS) == set(OWN_MISTAKES) == set(MODELS)
