"""nodes.sh: the tables that are made of its runs, and the runs."""
import resource
import shutil
import subprocess

import pytest

import nodes
import nodes_document
import redis_program
from checkout import REPOSITORY

FACTS = {"date": "2026-01-01", "cpu": "a CPU", "cpus": 2, "kernel": "Linux", "redis": "7.0", "members": 1000, "few": 100,
         "seconds": 2, "rounds": 3}


def made_run(case, setting, number, **more):
    """The figures of one run: the more, the greater `number`."""
    times = {"p50": 1000.0 * number, "p99": 2000.0 * number, "max": 3000.0 * number}
    return {"case": case, "setting": setting, "said": 100 * number, "heard": 1000 * number, "seconds": 2.0, "lost": 0,
            "missing": 0, "doubled": 0, "breaks": number, "delay_ms": times, "complete_ms": times, "back_ms": times,
            "cpus": {"nodes": 0.5 * number, "redis": 0.1 * number, "clients": 0.2}, **more}


def rows_of(measured, lang, title):
    """The cells of a table."""
    found = dict(nodes_document.tables(measured, lang))[title]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()[2:]]


def test_a_table_has_medians_and_every_loss():
    """A loss in one run is not a median of 0."""
    runs = [made_run("most", "2", number, lost=7 * (number == 3), doubled=number == 1) for number in (1, 3, 2)]
    runs += [made_run("most", "memory", 1, cpus={"nodes": 0.25, "clients": 0.2})]
    for case in "calm", "death", "few":
        runs.append(made_run(case, "3", 1))
    measured = {"facts": FACTS, "runs": runs}
    assert rows_of(measured, "en", "1,000 members; 20 of them say one message after the other") == [
        ["2 nodes, Redis", "100", "1,000", "2,000.0", "4,000.0", "2,000.0", "1.00", "0.20", "0.20", "7, 1"],
        ["one server, SQLite in memory", "50", "500", "1,000.0", "2,000.0", "1,000.0", "0.25", "-", "0.20", "0, 0"]]
    assert rows_of(measured, "zh", "三个节点之一被杀死；1,000 名成员，每秒十条消息") == [
        ["3 个节点，Redis", "1", "1.0", "2.0", "3.0", "0, 0"]]


def test_every_case_and_setting_has_its_words():
    """In both languages."""
    for case, (settings, *_) in nodes.CASES.items():
        for lang in "en", "zh":
            assert nodes_document.TITLES[case][lang] and all(nodes_document.SETTINGS[each][lang] for each in settings)
    assert set(nodes_document.SHOWN) == set(nodes.CASES)


def test_the_program_of_redis_tools_is_a_server():
    """By the name that it is called."""
    program = shutil.which("redis-check-rdb", path=redis_program.PLACES)
    if not program:
        pytest.skip("there is no redis-check-rdb: scripts/setup.sh --nodes")
    said = subprocess.run(["redis-server", "--version"], executable=program, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("Redis server v=")


def test_members_that_are_too_many_cost_one_line():
    """Before anything is built or started."""
    done = subprocess.run([REPOSITORY / "scripts/nodes.sh", "--members", "90000", "--build-dir", "/tmp"], check=False,
                          capture_output=True, text=True, preexec_fn=few_descriptors)
    assert done.returncode == 2 and done.stderr.startswith("nodes.sh: --members 90000 is too many: the hard descriptor limit")


def few_descriptors():
    """In the child: few descriptors."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))


@pytest.mark.full  # thirteen runs of some seconds
def test_a_small_measurement(built):
    """Nothing is lost, nothing comes twice, and whoever was on the node that died is back."""
    if not redis_program.find() or b"without libhiredis" in (built / "build/ws_demo/ws_demo").read_bytes():
        pytest.skip("there is no Redis, or ws_demo is built without libhiredis: scripts/setup.sh --nodes")
    done = subprocess.run([built / "scripts/nodes.sh", "--members", "150", "--seconds", "2", "--rounds", "1"], check=False,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ") and "0, 0" in line]
    assert len(rows) == sum(len(settings) for settings, *_ in nodes.CASES.values()), done.stdout
    assert "| 50 " in next(line for line in done.stdout.partition("is killed")[2].splitlines() if line.startswith("| 3 nodes"))


@pytest.mark.full  # one more build
def test_a_build_without_hiredis(checkout, tmp_path):
    """It is complete, and says in one line what it lacks."""
    for words in (["meson", "setup", tmp_path / "build", checkout, "-Dredis=disabled"],
                  ["ninja", "-C", tmp_path / "build", "ws_demo/ws_demo"]):
        subprocess.run(words, check=True, capture_output=True, timeout=300)
    done = subprocess.run([tmp_path / "build/ws_demo/ws_demo", "--port", "0", "--redis", "127.0.0.1:1"], check=False,
                          capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "built without libhiredis; install libhiredis-dev" in done.stderr
