"""What every script of scripts/ does alike, in any directory and called in any way; and what the small ones do."""
import contextlib
import os
import re
import shutil
import signal
import ssl
import subprocess
import urllib.request

import pytest

import building
import failures
import fuzz
from checkout import REPOSITORY, copy_files, files_of_the_project
from terminal import Failure

NAMES = sorted(path.name for path in (REPOSITORY / "scripts").glob("*.sh"))

# For a script that hangs; none is judged by the clock.
LIMIT_S = 120


def run(words, **options):
    """The finished process, its output as text."""
    return subprocess.run(words, **{"check": False, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                    "stderr": subprocess.PIPE, "text": True, "timeout": LIMIT_S, **options})


def tree(root):
    """Every file below, with what changes when it is written."""
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in [root, *root.rglob("*")]}


def assert_one_line(done, status=2):
    """A mistake's answer."""
    assert done.returncode == status, (done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr and "\033" not in done.stderr + done.stdout


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("name", NAMES)
def test_help_does_nothing_but_help(checkout, name, option, tmp_path):
    """Where there is nothing to run but the shell and what prints a file."""
    for program in ("bash", "env", "cat", "dirname", "readlink"):
        (tmp_path / program).symlink_to(shutil.which(program))
    before = tree(checkout)
    done = run([checkout / "scripts" / name, option], env={"PATH": str(tmp_path), "TERM": "dumb"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: scripts/{name}") and "\033" not in done.stdout
    assert not done.stderr
    assert tree(checkout) == before


def run_unread(words, **options):
    """The finished process, where nobody reads its standard output."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        return run(words, stdout=write_end, **options)
    finally:
        os.close(write_end)


@pytest.mark.parametrize("name", NAMES)
def test_help_that_nobody_reads_does_nothing_else(built, name):
    """As behind `| true`: what was asked for is not taken for something to do."""
    before = tree(built)
    done = run_unread([built / "scripts" / name, "--help"])
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
    assert tree(built) == before


@pytest.mark.parametrize("name", ["break.sh", "test.sh"])
def test_a_list_of_which_the_rest_is_not_read_ends_without_a_word(checkout, name):
    """As behind `| head`."""
    done = run_unread([checkout / "scripts" / name, "--list"])
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_option_costs_one_line(built, name):
    before = tree(built)
    done = run([built / "scripts" / name, "--no-such-option"])
    assert_one_line(done)
    assert "--no-such-option" in done.stderr
    assert tree(built) == before


@pytest.mark.parametrize("name", NAMES)
def test_is_found_by_a_link_and_whatever_cdpath_says(built, name, tmp_path):
    """There are a scripts/ and a lib/ where `cd` would go first."""
    for wrong in ("decoy/scripts/lib", "decoy/lib", "scripts/lib"):
        (tmp_path / wrong).mkdir(parents=True)
    (tmp_path / "link.sh").symlink_to(built / "scripts" / name)
    around = {**os.environ, "CDPATH": f"{tmp_path / 'decoy'}:{tmp_path}"}
    done = run(["./link.sh", "--help"], cwd=tmp_path, env=around)
    assert done.returncode == 0 and done.stdout.startswith("usage: ") and not done.stderr
    assert_one_line(run(["./link.sh", "--no-such-option"], cwd=tmp_path, env=around))


@contextlib.contextmanager
def demo(root, *arguments, prefix=(), **options):
    """demo.sh, ended with SIGKILL if nothing else has ended it."""
    with subprocess.Popen([*prefix, root / "scripts/demo.sh", *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options) as child:
        try:
            yield child
        finally:
            child.kill()


def address_from(line):
    """Of the line that says where to look."""
    return re.fullmatch(r"open (http://127\.0\.0\.1:\d+/) in two windows( here)?\n", line)[1]


def test_demo_names_the_address_at_which_the_page_is(built):
    with demo(built, "--port", "0") as child:
        assert child.stdout.readline().startswith("listening on 127.0.0.1:")
        with urllib.request.urlopen(address_from(child.stdout.readline()), timeout=30) as page:
            assert page.status == 200


def test_demo_names_the_address_for_tls_too(built):
    """https, where it has a certificate; the fingerprint follows."""
    with demo(built, "--port", "0", "--self-signed") as child:
        port = child.stdout.readline().strip().rpartition(":")[2]
        address = re.fullmatch(r"open (https://127\.0\.0\.1:\d+/) in two windows\n", child.stdout.readline())[1]
        assert address == f"https://127.0.0.1:{port}/"
        assert child.stdout.readline().startswith("certificate with SHA-256 ")
        trusted = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", int(port))))
        with urllib.request.urlopen(address, timeout=30, context=trusted) as page:
            assert page.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_ends_as_ws_demo_does(built, number):
    """It is ws_demo by then: nothing is left that could outlive it, or hide its status."""
    with demo(built, "--port", "0") as child:
        child.stdout.readline()
        assert os.readlink(f"/proc/{child.pid}/exe") == str(built / "build/ws_demo/ws_demo")
        child.send_signal(number)
        child.stdout.read()
        assert child.wait(LIMIT_S) == 0


def test_demo_says_no_address_when_nothing_listens(built):
    with demo(built, "--port", "0") as first:
        port = first.stdout.readline().strip().rpartition(":")[2]
        done = run([built / "scripts/demo.sh", "--port", port])
    assert_one_line(done)
    assert done.stdout == ""


@pytest.mark.parametrize("every", ["0.0.0.0", "::"])
def test_demo_for_the_room_names_this_machines_addresses(built, every):
    """Each of them shows the page."""
    if every == "::" and not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("this machine has no IPv6")
    with demo(built, "--port", "0", "--address", every) as child:
        port = child.stdout.readline().strip().rpartition(":")[2]
        address_from(child.stdout.readline())
        if not any(name != "lo" for name in os.listdir("/sys/class/net")):
            pytest.skip("this machine has no network")
        address = re.match(r"and (http://[0-9.]+:\d+/) on what is in the network of \S+\n", child.stdout.readline())
        if address is None:
            pytest.skip("this machine has no address in any network")
        assert address[1].endswith(f":{port}/")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address[1], timeout=30) as page:
            assert page.status == 200


def test_demo_takes_paths_from_where_it_is_called(built, tmp_path):
    with demo(built, "--port", "0", "--history", "said.db", cwd=tmp_path) as child:
        child.stdout.readline()
        assert (tmp_path / "said.db").exists()


@contextlib.contextmanager
def nobodys(root):
    """A prefix for commands to which nothing below root can be written."""
    if os.geteuid() == 0:
        yield ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return
    modes = {path: path.stat().st_mode for path in [root, *root.rglob("*")] if not path.is_symlink()}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield []
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_read_only_checkout_with_its_programs_works(built):
    with nobodys(built) as prefix, demo(built, "--port", "0", prefix=prefix) as child:
        assert child.stdout.readline().startswith("listening on "), child.stderr.read()


@pytest.mark.parametrize("words", [["demo.sh", "--port", "0"], ["memory.sh", "nio"], ["soak.sh", "nio"],
                                   ["failures.sh"], ["fuzz.sh"]])
def test_a_read_only_checkout_without_them_says_so(built, words):
    hidden = built.parent / "hidden"
    (built / "build").rename(hidden)
    try:
        with nobodys(built) as prefix:
            done = run([*prefix, built / "scripts" / words[0], *words[1:]])
    finally:
        hidden.rename(built / "build")
    assert_one_line(done)
    assert "cannot be written" in done.stderr


@pytest.mark.full  # it measures
def test_memory_measures_what_a_connection_costs(built):
    done = run([built / "scripts/memory.sh", "--clients", "2000", "nio"])
    assert done.returncode == 0, done.stderr
    head, row = done.stdout.splitlines()
    assert head.split() == "model KiB at 1000 KiB at 2000 bytes per connection".split()
    model, few, many, each = row.replace(",", "").split()
    assert model == "nio" and int(few) < int(many) and 100 <= int(each) <= 1000


@pytest.mark.parametrize("words", [["--clients", "5"], ["--clients"], ["--clients", "1e4"], ["other"],
                                   ["--build-dir", "/no/such"]])
def test_memory_refuses_in_one_line(built, words):
    assert_one_line(run([built / "scripts/memory.sh", *words]))


def test_soak_takes_its_own_options(built):
    done = run([built / "scripts/soak.sh", "--seconds", "0", "nio"])
    assert_one_line(done)
    assert "--seconds takes 1 to 86400" in done.stderr


DOCUMENT = """by hand
<!-- $ echo one; echo 'two ' -->
by hand, too
<!-- $ printf 'no end' -->
```
old
```
the end
"""
CHINESE = "手写的\n<!-- $ printf 'no end' -->\n"


def test_failures_puts_each_output_into_its_block(tmp_path, monkeypatch, capfd):
    document, chinese = tmp_path / "failures.md", tmp_path / "failures.zh.md"
    document.write_text(DOCUMENT)
    chinese.write_text(CHINESE)
    monkeypatch.setattr(failures, "DOCUMENTS", [document, chinese])
    assert failures.main([]) == 0
    assert document.read_text() == """by hand
<!-- $ echo one; echo 'two ' -->
```
one
two
```
by hand, too
<!-- $ printf 'no end' -->
```
no end
```
the end
"""
    failures.main([])
    assert document.read_text().count("```") == 4
    assert "2 of 2: printf 'no end'" in capfd.readouterr().out
    assert chinese.read_text() == CHINESE + "```\nno end\n```\n"


def test_failures_changes_nothing_when_a_command_fails(tmp_path, monkeypatch):
    document = tmp_path / "failures.md"
    document.write_text(DOCUMENT + "<!-- $ echo why; exit 3 -->\n")
    monkeypatch.setattr(failures, "DOCUMENTS", [document])
    with pytest.raises(Failure, match="status 3(.|\n)*why"):
        failures.main([])
    assert document.read_text() == DOCUMENT + "<!-- $ echo why; exit 3 -->\n"


@pytest.fixture(name="fuzzer")
def pretended_fuzzer(tmp_path, monkeypatch):
    """Writes a program that prints what libFuzzer does, and ends with the lines given."""
    monkeypatch.setattr(fuzz, "BUILD", tmp_path)
    monkeypatch.setattr(fuzz, "FINDINGS", tmp_path / "findings")
    monkeypatch.setattr(building, "up_to_date", lambda *_: True)
    (tmp_path / "fuzz").mkdir()

    def write(lines):
        program = tmp_path / "fuzz/fuzz_http_head"
        program.write_text("#!/bin/sh\nprintf '%s\\n' \\\n"
                           "  'INFO: Loaded 1 modules   (597 inline 8-bit counters): 597 [0x1, 0x2),' \\\n"
                           "  '#21603\tREDUCE cov: 147 ft: 412 corp: 145/45Kb lim: 1450 exec/s: 7201 rss: 53Mb' \\\n"
                           f"  'Running: a/b c'\n{lines}\n")
        program.chmod(0o755)
    return write


def test_fuzz_sums_up_what_libfuzzer_says(fuzzer, capsys):
    fuzzer("echo 'stat::number_of_executed_units: 21878'")
    assert fuzz.main(["http_head"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^http_head: \d+ committed inputs, no finding$", out, re.MULTILINE)
    assert "http_head              21878 executions   147 of 597 edges covered   145 inputs kept\n" in out
    assert out.endswith("1 targets: 1 passed, 0 with findings\n")


def test_fuzz_says_how_to_see_a_finding_again(fuzzer, capsys):
    fuzzer("case $* in *max_total_time*)\n"
           "echo 'Assertion failed: x'; echo 'Test unit written to out/crash 1'; exit 77;; esac")
    assert fuzz.main(["http_head"]) == 1
    out = capsys.readouterr().out
    assert "http_head: FOUND, kept as out/crash 1\n    Assertion failed: x\n" in out
    assert "fuzz/fuzz_http_head 'out/crash 1'\n" in out
    assert out.endswith("1 targets: 0 passed, 1 with findings\n")


def test_fuzz_stops_at_a_committed_input_that_breaks(fuzzer, capsys):
    fuzzer("echo 'SUMMARY: AddressSanitizer'; exit 1")
    assert fuzz.main(["fuzz_http_head"]) == 1
    out = capsys.readouterr().out
    assert "http_head: FOUND by a committed input\n    SUMMARY: AddressSanitizer\n" in out and "'a/b c'" in out
    assert "http_head          not fuzzed: a committed input comes first\n" in out


@pytest.mark.full  # a clone of its own
def test_a_clone_with_carriage_returns_runs(tmp_path):
    """core.autocrlf is the default of git on Windows, whose files a virtual machine may share."""
    source = tmp_path / "source"
    source.mkdir()
    copy_files(source)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=true"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        run([*git, *words], cwd=source, check=True)
    run([*git, "clone", "-q", source, tmp_path / "clone"], check=True)
    assert not [name for name in files_of_the_project()
                if (tmp_path / "clone" / name).read_bytes() != (source / name).read_bytes()]
    assert run([tmp_path / "clone/scripts/demo.sh", "--help"]).returncode == 0
    assert run([*git, "status", "--porcelain"], cwd=tmp_path / "clone").stdout == ""
