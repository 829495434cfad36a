"""What a program writes at its end: to a name that nobody can have put there before; and a result that is lost is no
success."""
import json
import os
import stat
import subprocess

from clients import Peer
from faults import fault
from timing import seconds


def test_a_link_planted_at_the_name_is_replaced_not_followed(serve, tmp_path):
    """Nor is one at any name that could be guessed while the server runs."""
    treasure = tmp_path / "treasure"
    treasure.write_text("precious", encoding="utf-8")
    with serve("echo") as server:
        for name in (server.stats_path, f"{server.stats_path}.tmp", f"{server.stats_path}.{server.pid}.tmp"):
            os.symlink(treasure, name)
        with Peer(server) as peer:
            peer.roundtrip()
        assert server.stop()["accepted"] == 1
        assert not os.path.islink(server.stats_path)
    assert treasure.read_text(encoding="utf-8") == "precious"


def full_disk(directory):
    """A way to /dev/full, so that a program that replaces what it should write to does not replace that."""
    path = directory / "full"
    path.symlink_to("/dev/full")
    return path


def run_to_its_end(path, stats, tmp_path, env=None):
    """Starts a server with `--stats stats`, and ends it. Returns (status, stdout, stderr)."""
    child = subprocess.Popen([path, "--port", "0", "--stats", stats], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, cwd=tmp_path, env=env)
    first = child.stdout.readline()
    child.terminate()
    rest, complaint = child.communicate(timeout=seconds(10))
    return child.returncode, first + rest, complaint


def test_the_file_has_the_permissions_of_any_new_file(executable, model, tmp_path):
    """Not those of a private temporary one: who may read the directory's other results may read this one."""
    mask = os.umask(0o022)
    os.umask(mask)
    status, _, complaint = run_to_its_end(executable(model), "stats.json", tmp_path)
    assert status == 0, complaint
    assert stat.S_IMODE((tmp_path / "stats.json").stat().st_mode) == 0o666 & ~mask
    assert os.listdir(tmp_path) == ["stats.json"], "nothing is left beside it"


def test_a_pipe_stays_a_pipe(executable, model, tmp_path):
    """What is no regular file is written to, not replaced: else root's `--stats /dev/null` would be its end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    status, _, complaint = run_to_its_end(executable(model), pipe, tmp_path)
    text = os.read(reader, 65536)
    os.close(reader)
    assert status == 0, complaint
    assert json.loads(text)["accepted"] == 0 and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_name_that_cannot_be_is_refused_at_the_start(executable, model, tmp_path):
    """A directory that does not exist, a directory, nothing: one line, status 2, and nobody listens."""
    for name in ("no such directory/stats.json", ".", "", "stats.json/"):
        status, said, complaint = run_to_its_end(executable(model), name, tmp_path)
        assert (status, said) == (2, "") and complaint.count("\n") == 1 and "--stats" in complaint, (name, complaint)


def test_a_full_disk_is_no_success(executable, model, tmp_path):
    """/dev/full takes nothing: the counters are lost, and that is said."""
    status, _, complaint = run_to_its_end(executable(model), full_disk(tmp_path), tmp_path)
    assert status == 2 and complaint.count("\n") == 1 and "No space left" in complaint, complaint


def test_what_could_not_be_begun_leaves_nothing(executable, model, with_fault, tmp_path):
    """There is a file already, and then no memory to write to it: one line, and the directory is as it was."""
    environment = with_fault(fault("fdopen", "ENOMEM"))
    status, _, complaint = run_to_its_end(executable(model), "stats.json", tmp_path, environment)
    assert status == 2 and complaint.count("\n") == 1 and "Cannot allocate memory" in complaint, complaint
    assert not os.listdir(tmp_path)


def test_the_load_generators_results_are_written_with_the_same_care(server_of, loadgen, tmp_path):
    """--json: a link is replaced; a full disk, also behind stdout, is no success."""
    treasure, path = tmp_path / "treasure", tmp_path / "results.json"
    treasure.write_text("precious", encoding="utf-8")
    path.symlink_to(treasure)
    with server_of("nio", "echo") as server:
        short = ["--port", server.port, "--clients", 2, "--duration", 0.1, "--warmup", 0, "--quiet"]
        done = loadgen.run(*short, "--json", path)
        assert done.returncode == 0, done.stderr
        assert treasure.read_text(encoding="utf-8") == "precious" and not path.is_symlink()
        assert json.loads(path.read_text(encoding="utf-8"))["version"] == 1
        done = loadgen.run(*short, "--json", full_disk(tmp_path))
        assert done.returncode == 2 and "No space left" in done.stderr
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([loadgen.path, *map(str, short)], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=seconds(10), check=False)
        assert done.returncode == 2 and "No space left" in done.stderr
