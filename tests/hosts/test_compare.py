"""compare.sh --load-hosts: servers on one host, load from others, by the suite's own programs."""
import contextlib
import pathlib
import sqlite3

import pytest

from conftest import REPOSITORY

pytestmark = pytest.mark.full  # each measures for some ten seconds; tests/tools has the rest in the short form

LEAST = "--quick --models nio --protocols echo --workloads ping-pong --clients 20 --repeat 1 --duration 0.5"


def compared(lab, host, *words, before=""):
    """Runs it on a host, as its user would, with load from a and b; the results."""
    (lab.path / "load").write_text("a\nb\n", encoding="utf-8")
    out = pathlib.Path(lab.path, f"results-{host}")
    status, said, err = lab.run(host, f"cd '{REPOSITORY}' && {before} exec scripts/compare.sh {LEAST} --build "
                                f"'{lab.build_dir}' --load-hosts '{lab.path}/load' --out '{out}' {' '.join(words)}", 120)
    assert status == 0, said + err
    return out


def check(out):
    """Each host had its clients; the database and the tables say where load came from."""
    with contextlib.closing(sqlite3.connect(out / "results.db")) as db:
        assert db.execute("select value from setting where key = 'load_hosts'").fetchone() == ("a,b",)
        for model in "nio", "floor":
            parts = db.execute("""select host, asked, served, failures_total from load_part join plan on id = run
                                   where model = ? order by rank""", [model]).fetchall()
            assert parts == [("a", 10, 10, 0), ("b", 10, 10, 0)]
        assert db.execute("select count(*) from run where status = 'ok' and messages > 0").fetchone() == (2,)
        assert db.execute("select count(*) from race").fetchone() == (1,), "load from elsewhere comes in slices, too"
    tables = (out / "tables.md").read_text(encoding="utf-8")
    assert "Load came from 2 other hosts over the network (a, b)" in tables
    assert "load from other hosts: a, b (1 thread)" in tables
    assert "## What each load generator had" in tables


def test_a_race_with_load_from_two_hosts(lab):
    """From the servers' own host."""
    check(compared(lab, "server"))


def test_from_a_host_that_has_neither_servers_nor_load(lab):
    """--server-host: by ssh, for which the lab's agent stands."""
    programs = lab.path / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f"#!/bin/bash\nwhile [[ $1 == -* ]]; do shift 2; done\nexec '{lab.path}/agent' \"$@\"\n",
                                  encoding="ascii")
    (programs / "ssh").chmod(0o755)
    check(compared(lab, "c", "--server-host", "server", before=f"PATH='{programs}':\"$PATH\""))


def test_a_host_that_cannot_run_it_is_named_before_anything_is_measured(lab):
    """One line, status 2, and no results."""
    (lab.path / "load").write_text("a\nnobody\n", encoding="utf-8")
    out = lab.path / "results-none"
    status, _, err = lab.run("server", f"cd '{REPOSITORY}' && exec scripts/compare.sh {LEAST} --load-hosts '{lab.path}/load' "
                             f"--build '{lab.build_dir}' --out '{out}'", seconds=120)
    assert status == 2 and not out.exists()
    assert "--load-hosts: " in err.splitlines()[-1] and "cannot be started on a, nobody" in err.splitlines()[-1], err
