"""The parts of compare.sh that need no server: options, CPUs, lock, predictions, facts, and what is fit for
measuring."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

import pytest

import bench
import building
import compare
import compare_options
import cpus
import database
import environment
import fitness
import host
import interrupt
import lock
import look
import plan
import predictions
import race
import run
import text_table
import walk
from terminal import Failure


LONG = "/" + "a" * 300  # nothing can have that name, and asking whether it is there is an error


def failure_of(call, *arguments):
    """The one line that the user gets."""
    with pytest.raises(Failure) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("arguments, says", [
    (["--nope"], "unknown option '--nope'"),
    (["--models"], "--models needs a value"),
    (["--models", ""], "--models needs a value"),
    (["--models", "nio;drop"], "give one or more of bio,pseudo_async,nio,aio,aio_future,framework"),
    (["--models", "nio,nio"], "names 'nio' twice"),
    (["--models", "nio,"], "is no list"),
    (["--protocols", "http"], "give one or more of echo,ws"),
    (["--workloads", "x"], "give one or more of ping-pong,pipelined,"),
    (["--quick", "--full"], "exclude each other"),
    (["--quick", "--scenario", "scale"], "excludes --quick"),
    (["--scenario", "nope"], "give one of scale,ladder,capacity,reliability,tls"),
    (["--clients", "1,0"], "counts such as 1,10,100"),
    (["--clients", "1,"], "counts such as 1,10,100"),
    (["--repeat", "100"], "a count from 1 to 99"),
    (["--duration", "0"], "seconds above 0"),
    (["--redraw", "/nonexistent"], "has no results.db"),
    (["--against", "/nonexistent"], "has no results.db"),
    (["--predictions", "/nonexistent"], "cannot be read"),
    (["--out", "/etc"], "is not empty"),
    (["--out", "/etc/passwd/results"], "cannot be written"),
    (["--out", "/etc/passwd"], "is not empty"),
    (["--out", LONG], "cannot be looked into: File name too long"),
    (["--redraw", LONG], "has no results.db"),
    (["--against", LONG], "has no results.db"),
    (["--predictions", LONG], "cannot be read"),
])
def test_a_wrong_option_is_one_line(arguments, says):
    assert says in failure_of(compare_options.parse, arguments)


def test_options_are_taken_as_they_are_given(tmp_path):
    out = tmp_path / "it's\na place"
    options = compare_options.parse(["--scenario", "reliability", "--models", "nio,half_packet", "--out", str(out),
                                     "--warmup", "0"])
    assert (options.profile, options.models, options.out, options.warmup) == ("reliability", "nio,half_packet", out,
                                                                              "0")
    assert not out.exists()


def test_cpus_are_those_that_the_kernel_lets_us_run_on(monkeypatch):
    """CPUs 2 and 3 are listed and cannot be chosen: as when they are offline."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {cpu})

    def set_affinity(_pid, chosen):
        if chosen <= {2, 3}:
            raise OSError(22, "Invalid argument")
    monkeypatch.setattr(os, "sched_setaffinity", set_affinity)
    assert cpus.choose() == cpus.Cpus([1], [0], 1, False)


def test_hyper_threads_are_kept_apart_where_that_leaves_a_cpu(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, chosen: None)
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {1, 3})
    assert cpus.choose() == cpus.Cpus([3], [0, 2], 2, False)
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {0, 1, 2, 3})
    assert cpus.choose() == cpus.Cpus([3], [0, 1, 2], 3, False)


@pytest.mark.parametrize("count, processes, servers, clients, threads", [
    (2, 2, [1], [0], 1), (4, 1, [3], [0, 1, 2], 3), (4, 2, [2, 3], [0, 1], 2), (4, 3, [2, 3], [0, 1], 2),
    (8, 3, [5, 6, 7], [0, 1, 2, 3, 4], 4), (16, 64, [*range(8, 16)], [*range(8)], 8)])
def test_several_processes_have_as_many_cpus_but_half_of_them_at_most(monkeypatch, count, processes, servers, clients,
                                                                      threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(count)))
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, chosen: None)
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {cpu})
    assert cpus.choose(processes) == cpus.Cpus(servers, clients, threads, False)


def test_several_processes_have_cores_of_their_own(monkeypatch):
    """CPUs 0 and 4 are one core, 1 and 5 another, ..."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, chosen: None)
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {cpu, (cpu + 4) % 8})
    assert cpus.choose(4) == cpus.Cpus([6, 7], [0, 1, 4, 5], 4, False)


def test_one_cpu_is_shared(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {5})
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, chosen: None)
    assert cpus.choose() == cpus.Cpus([5], [5], 1, True)


def test_the_affinity_is_as_it_was():
    before = os.sched_getaffinity(0)
    cpus.choose()
    assert os.sched_getaffinity(0) == before


def test_a_list_of_cpus_is_expanded():
    assert list(cpus.expand("0-2,5\n")) == [0, 1, 2, 5]


def test_a_second_comparison_is_refused_and_told_who_has_the_lock():
    with contextlib.closing(lock.take()):
        told = failure_of(lock.take)
        assert f"(process {os.getpid()}, since " in told
    lock.take().close()


def test_whoever_asks_again_and_again_is_refused_each_time():
    """None is kept waiting, though nobody answers them."""
    program = "import lock, terminal\nfor _ in range(40):\n    try: lock.take()\n    except terminal.Failure: pass"
    with contextlib.closing(lock.take()):
        subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(environment.SCRIPTS / "suite")}, check=True,
                       timeout=60)


def test_a_child_does_not_inherit_the_lock():
    held = lock.take()
    child = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE,
                             close_fds=False)
    try:
        child.stdout.readline()
        held.close()
        lock.take().close()
    finally:
        child.communicate(b"\n")


def test_a_lock_is_known_by_the_checkout_whatever_its_path(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(environment.SCRIPTS)
    name = lock.name()
    monkeypatch.setattr(environment, "SCRIPTS", tmp_path / "link")
    assert lock.name() == name
    monkeypatch.setattr(environment, "SCRIPTS", tmp_path)
    assert lock.name() != name


@pytest.fixture(name="book")
def database_with_the_textbook():
    db = database.words()
    database.run_file(db, "textbook")
    return db


def test_predictions_are_read_as_people_write_them(tmp_path, book):
    file = tmp_path / "it's\tmine"
    file.write_bytes("\ufeff# mine\r\n\r\nbio\tthroughput \t low\r\n  nio api very  complex # really\r\n"
                     "bio throughput high\n".encode())
    predictions.take(book, file)
    assert sorted(map(tuple, book.execute("select * from prediction"))) == [("bio", "throughput", "high"),
                                                                             ("nio", "api", "very complex")]


@pytest.mark.parametrize("line, says", [
    ("bio throughput", "is not model, topic and word"),
    ("b'io throughput low", "'b'io' is no model: give one of"),
    ("bio speed low", "'speed' is no topic"),
    ("bio throughput fast", "'fast' is no word for throughput: give one of high, low, medium"),
])
def test_a_wrong_prediction_is_one_line_and_none_is_taken(tmp_path, book, line, says):
    predictions.take(book, written(tmp_path, "bio api simple\n"))
    assert says in failure_of(predictions.take, book, written(tmp_path, f"bio throughput low\n{line}\n"))
    assert [tuple(row) for row in book.execute("select * from prediction")] == [("bio", "api", "simple")]


def test_predictions_in_chinese(tmp_path, book):
    """The words of the page and of the notes, and others that mean the same; wide letters, too."""
    lines = {"BIO 吞吐量 低": ("bio", "throughput", "low"), "伪异步 吞吐量 中": ("pseudo_async", "throughput", "medium"),
             "伪异步IO 可靠性 差": ("pseudo_async", "reliability", "poor"), "nio 可靠性 高": ("nio", "reliability", "high"),
             "bio 可靠性 很差 # 会宕机": ("bio", "reliability", "very poor"), "ＮＩＯ　客户端个数　Ｍ：１": ("nio", "clients", "M:1"),
             "nio api使用难度 非常复杂": ("nio", "api", "very complex"), "aio API使用难度 复杂": ("aio", "api", "complex"),
             "aio_future 调试难度 简单": ("aio_future", "debugging", "simple"), "bio IO类型 阻塞": ("bio", "io_type", "blocking"),
             "nio io类型 同步非阻塞": ("nio", "io_type", "non-blocking"), "aio io_type 异步": ("aio", "io_type", "asynchronous"),
             "aio 吞吐量 very high ＃": None}
    for line, means in lines.items():
        if means:
            predictions.take(book, written(tmp_path, line + "\n"))
            assert [tuple(row) for row in book.execute("select model, topic, word from prediction")] == [means]
        else:
            assert "'very high' is no word" in failure_of(predictions.take, book, written(tmp_path, line))


def test_every_word_of_the_textbook_can_be_predicted_in_chinese(tmp_path, book):
    """By the word that the page shows."""
    rows = book.execute("select model, topic, word, zh from textbook join word using (word)").fetchall()
    topics = {english: chinese for chinese, english in predictions.TOPICS.items()}
    assert set(topics) == {row["topic"] for row in rows}
    predictions.take(book, written(tmp_path, "".join(f"{row['model']} {topics[row['topic']]} {row['zh']}\n" for row in rows)))
    taken = book.execute("select model, topic, word from prediction").fetchall()
    assert len(taken) == 30 and set(map(tuple, taken)) == {tuple(row)[:3] for row in rows}


@pytest.mark.parametrize("line, says", [
    ("bio 吞吐量", "第 1 行：“bio 吞吐量”不是模型、项目和评语"), ("bio 速度 低", "“速度”不是项目：请给出其中之一：客户端个数, io类型,"),
    ("bio 吞吐量 快", "“快”不是吞吐量的评语：请给出其中之一：高, 低, 中"), ("雪 吞吐量 高", "“雪”不是模型：请给出其中之一：aio, aio_future, bio, nio, 伪异步io")])
def test_a_wrong_prediction_is_refused_in_chinese(tmp_path, book, monkeypatch, line, says):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert says in failure_of(predictions.take, book, written(tmp_path, line))


def test_predictions_are_judged_before_anything_is_built(tmp_path):
    file = written(tmp_path, "bio throughput fast\n")
    assert "'fast' is no word for throughput" in failure_of(compare_options.parse, ["--predictions", str(file)])


def test_predictions_that_are_no_text(tmp_path, book):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert "no text in UTF-8" in failure_of(predictions.take, book, tmp_path / "binary")


def written(tmp_path, text):
    (tmp_path / "predictions").write_text(text, encoding="utf-8")
    return tmp_path / "predictions"


def configured(tmp_path, **options):
    """A build directory as meson leaves it, for this checkout."""
    (tmp_path / "meson-info").mkdir(parents=True)
    (tmp_path / "build.ninja").touch()
    (tmp_path / "meson-info/meson-info.json").write_text(json.dumps({"directories": {"source": str(environment.ROOT)}}))
    options = {"optimization": "2", "b_sanitize": "none", "b_coverage": False, "b_pgo": "off", "c_args": [],
               "c_link_args": []} | options
    (tmp_path / "meson-info/intro-buildoptions.json").write_text(
        json.dumps([{"name": name, "value": value} for name, value in options.items()]))
    return tmp_path


@pytest.mark.parametrize("options", [{}, {"optimization": "3"}, {"b_sanitize": []}])
def test_what_is_fit_for_measuring(tmp_path, options):
    assert fitness.choose(configured(tmp_path, **options)) == tmp_path


@pytest.mark.parametrize("options, says", [
    ({"optimization": "0"}, "optimization=0"), ({"b_sanitize": "address,undefined"}, "b_sanitize=address,undefined"),
    ({"b_sanitize": ["thread"]}, "b_sanitize=thread"), ({"b_coverage": True}, "b_coverage=True"),
    ({"b_pgo": "generate"}, "b_pgo=generate"), ({"c_args": ["-O0", "-g"]}, "c_args=-O0 -g"),
    ({"c_link_args": ["-static"]}, "c_link_args=-static")])
def test_what_is_not(tmp_path, options, says):
    assert says in failure_of(fitness.choose, configured(tmp_path, **options))


def test_another_checkouts_build_is_not_measured_as_this_ones(tmp_path, monkeypatch):
    directory = configured(tmp_path / "build")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    assert "another checkout" in failure_of(fitness.choose, directory)


def test_a_build_that_is_not_fit_is_left_alone_and_another_is_used(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fitness.building, "DEFAULT", configured(tmp_path / "build", c_args=["-O0"]))
    assert fitness.choose(None) == tmp_path / "build-release"
    assert "c_args=-O0; using build-release/" in capsys.readouterr().out


def repository(directory):
    directory.mkdir()
    git = ["git", "-C", directory, "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], check=True, env=environment.made())
    (directory / "file").write_text("1")
    subprocess.run([*git, "add", "."], check=True, env=environment.made())
    subprocess.run([*git, "commit", "-qm", "c"], check=True, env=environment.made())
    return directory


def test_the_commit_is_this_projects(tmp_path, monkeypatch):
    """Not that of a repository around it, nor the one that a variable of the user's names, nor counted as his settings
    say."""
    outer = repository(tmp_path / "it's outer")
    commit = subprocess.run(["git", "-C", outer, "rev-parse", "HEAD"], check=True, capture_output=True,
                            text=True).stdout.strip()
    monkeypatch.setattr(environment, "ROOT", outer)
    (outer / "new").touch()
    (outer / "new.ignored").touch()
    (tmp_path / "home/.config/git").mkdir(parents=True)
    (tmp_path / "home/.config/git/ignore").write_text("*\n")
    (tmp_path / "home/.gitconfig").write_text("[status]\nshowUntrackedFiles = no\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert host.uncommitted() == f"{commit} 2 files"
    (outer / "tarball").mkdir()
    monkeypatch.setattr(environment, "ROOT", outer / "tarball")
    assert host.fact("no git commit here", host.uncommitted) == "n/a: no git commit here"


def test_a_repository_of_another_owner_has_a_commit_too(tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a directory away")
    monkeypatch.setattr(environment, "ROOT", repository(tmp_path / "theirs"))
    for path in [tmp_path / "theirs", *(tmp_path / "theirs").rglob("*")]:
        os.chown(path, 65534, 65534)
    assert host.uncommitted().endswith(" 0 files")


def test_each_fact_has_a_value_or_a_reason(tmp_path):
    facts = dict(host.facts(configured(tmp_path), cpus.choose(), "1.00 2.00 3.00"))
    assert facts["load_average_at_start"] == "1.00 2.00 3.00"
    assert facts["cpus"] == str(os.sysconf("SC_NPROCESSORS_ONLN"))
    assert facts["compiler"] == "n/a: meson names no compiler for nio_server"
    assert facts["kernel"] == f"{os.uname().sysname} {os.uname().release}"
    assert all(value and "\n" not in value for value in facts.values())


def test_the_load_is_read_before_anything_is_installed(tmp_path, monkeypatch):
    """compare.sh's own installing and building is not 'other work on this machine'."""
    done = []

    def planned(_options, _build, _cpus, load_at_start, _load):
        done.append(f"planned with {load_at_start}")
        raise Failure("that is far enough")

    (tmp_path / "loadgen").mkdir()
    (tmp_path / "loadgen/loadgen").touch()
    monkeypatch.setattr(host, "load_average", lambda: done.append("read") or "1.00 2.00 3.00")
    monkeypatch.setattr(interrupt, "install", lambda: None)
    monkeypatch.setattr(lock, "take", lambda: contextlib.ExitStack())  # pylint: disable=unnecessary-lambda
    monkeypatch.setattr(building, "set_up", lambda tier: done.append(f"set up to {tier}"))
    monkeypatch.setattr(building, "release", lambda _directory: done.append("built") or tmp_path)
    monkeypatch.setattr(plan, "make", planned)
    with pytest.raises(Failure, match="far enough"):
        compare.main(["--quick", "--out", str(tmp_path / "out")])
    assert done == ["read", "set up to measure", "built", "planned with 1.00 2.00 3.00"]


def test_the_tightest_cgroup_limit_is_found_on_the_way_to_the_root(tmp_path, monkeypatch):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/cpu.max").write_text("50000 100000\n")
    (tmp_path / "a/b/cpu.max").write_text("max 100000\n")
    monkeypatch.setattr(host, "CGROUPS", tmp_path)
    monkeypatch.setattr(host, "text_of", lambda path: "0::/a/b\n")
    assert host.cgroup_limit("cpu.max") == "50000 100000"


@pytest.mark.parametrize("connections, addresses", [(1, 1), (27_000, 1), (28_000, 2), (300_000, 12)])
def test_source_addresses_suffice(connections, addresses):
    given = run.source_addresses(connections, 28_232).split(",")
    assert len(set(given)) >= addresses and len(given) * (28_232 - run.PORTS_KEPT) >= connections


@pytest.mark.parametrize("program, status, killed, state", [
    ("nio/nio_server", 0, False, "ran"), ("nio/nio_server", 143, False, "died"), ("nio/nio_server", 1, False, "died"),
    ("nio/nio_server", 137, True, "killed"), ("nio/nio_server", 137, False, "died"),
    ("floor/floor_server", 143, False, "ran"), ("floor/floor_server", 1, False, "died")])
def test_the_servers_of_a_race_end_as_those_of_a_run_must(program, status, killed, state):
    """Only the floor ends by the signal itself; one that somebody else has killed did not fail to stop in time."""
    assert race.server_state(program, {"server_exit": status, "killed": killed}) == state
    assert race.server_state(program, None) == "not started"


def test_a_silent_server_is_not_waited_for_for_ever():
    reader, writer = os.pipe()
    with open(reader, "rb") as stream, open(writer, "wb") as other:
        assert run.output_until(stream, 0.01, b"\n") == b""
        assert run.output_until(stream, 0.01) is None
        other.write(b"listening on 127.0.0.1:1\n")
        other.flush()
        assert run.output_until(stream, 10, b"\n") == b"listening on 127.0.0.1:1\n"


@pytest.fixture(name="planned")
def database_with_a_plan():
    """As compare.sh makes it, for nio and aio, without a machine."""
    db = database.words()
    settings = {"profile": "quick", "models": "nio,aio", "protocols": "echo", "clients": "1,50", "repeat": "2",
                "client_limit": "1000", "client_limit_why": "", "loadgen_threads": "1"}
    db.executemany("insert into setting values (?, ?)", settings.items())
    return db


def plan_of(db):
    database.make_views(db)
    database.run_file(db, "plan")
    return db


def make(db, row_id, status="ok", messages_per_s=100.0, why=None):
    db.execute("""insert into run (id, status, why, started, elapsed_s, load_average, messages, messages_per_s)
                  values (?, ?, ?, '', 1, '', ?, ?)""", [row_id, status, why, int(messages_per_s), messages_per_s])


def test_the_first_figures_are_shown_as_soon_as_a_point_is_complete(planned, capsys):
    db = plan_of(planned)
    figures = walk.FirstFigures(db)
    runs = [tuple(row) for row in db.execute("select id, model from plan order by id limit 6")]
    for number, (row, model) in enumerate(runs, 1):
        make(db, row, messages_per_s={"nio": 900.0, "aio": 1100.0, "floor": 1000.0}[model])
        figures.show()
        shown = capsys.readouterr().out
        assert bool(shown) == (number in (3, 6))
        assert all(len(line) <= text_table.WIDTH for line in shown.splitlines())
        if shown:
            assert shown.splitlines()[-1].split()[1:] == ["1,000", "0.90", "1.10"]


def test_a_failed_run_has_no_first_figure(planned, capsys):
    db = plan_of(planned)
    for row, model in db.execute("select id, model from plan order by id limit 3").fetchall():
        make(db, row, "failed" if model == "aio" else "ok")
    walk.FirstFigures(db).show()
    assert capsys.readouterr().out.splitlines()[-1].split() == ["1", "100", "1.00", "n/a"]


def test_a_table_that_would_be_too_wide_has_a_line_for_each_model(capsys):
    db = database.words()
    db.executemany("insert into setting values (?, ?)", {"profile": "ladder", "client_limit": "1000",
                                                         "loadgen_threads": "1"}.items())
    plan_of(db)
    for (row,) in db.execute("""select id from plan
                                 where workload = 'ping-pong' and clients = 50 and repetition = 1""").fetchall():
        make(db, row)
    walk.FirstFigures(db).show()
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["step6_bundles", "1.00"] for line in lines) and max(map(len, lines)) <= text_table.WIDTH


def test_a_comparison_without_a_valid_run_of_a_model_says_so(planned):
    planned.execute("update model set missing = 'io_uring is refused here: why' where name = 'aio'")
    db = plan_of(planned)
    for row, model in db.execute("select id, model from plan").fetchall():
        if model != "floor":
            make(db, row, "failed", why="the server did not start:\nno")
        else:
            make(db, row)
    assert compare.no_valid_run(db) == ("not measured, no valid run: nio (the server did not start: no); "
                                        "aio (io_uring is refused here: why)")


def test_one_valid_run_is_enough(planned):
    db = plan_of(planned)
    done = set()
    for row, model in db.execute("select id, model from plan order by id").fetchall():
        make(db, row, "ok" if model not in done else "failed")
        done.add(model)
    assert compare.no_valid_run(db) is None


@pytest.mark.parametrize("spoil, why", [
    ("update run set messages = 0", "no message was answered"),
    ("insert into failure select id, 'mismatch', 1 from run", "wrong bytes came back")])
def test_runs_that_measured_nothing_are_not_valid(planned, spoil, why):
    db = plan_of(planned)
    for (row,) in db.execute("select id from plan").fetchall():
        make(db, row)
    db.execute(spoil)
    assert compare.no_valid_run(db).count(why) == 3


def test_a_naive_twin_that_dies_has_done_what_it_is_there_for():
    db = database.words()
    db.executemany("insert into setting values (?, ?)",
                   {"profile": "reliability", "models": "dies_of_its_peer", "workloads": "reset",
                    "client_limit": "1000",
                    "loadgen_threads": "1"}.items())
    plan_of(db)
    for (row,) in db.execute("select id from plan").fetchall():
        make(db, row, "failed", why="the server ended by itself")
    assert compare.no_valid_run(db) is None


def test_a_run_that_left_texts_of_any_kind_becomes_a_row(planned):
    """Quotes, a NUL, invalid JSON: what a program printed is data."""
    db = plan_of(planned)
    said = "it's\x00 \"odd\"; /b/nio/nio_server: x\n"
    for row in (1, 2):
        database.run_file(db, "import_run", id=row, server_state="died", server_exit=1, loadgen_exit=0, started="",
                          elapsed_s=1.0,
                          load_average="", time_wait=None, build="/b", ticks_before="[0, 0, 0]",
                          ticks_after="[200, 0, 100]",
                          loadgen="{", stats=None, server_says=said, loadgen_says="",
                          calls="     3 recvfrom\n     2 total\n")
    assert db.execute("select status, others_s from run").fetchall()[0][:] == ("failed", 1.0)
    assert "nio/nio_server: x" in db.execute("select why from run").fetchone()[0]
    assert [tuple(row) for row in db.execute("select run, name, calls from syscall")] == [(1, "recvfrom", 3),
                                                                                          (2, "recvfrom", 3)]


def test_only_response_times_of_an_open_loop_are_stored_and_as_fine_as_they_are_drawn():
    """The load generator's buckets stay in runs/; of their sum nothing is lost, and each is the upper end of what it
    counts.
    """
    db = database.words()
    settings = {"profile": "quick", "client_limit": "1000", "loadgen_threads": "1"}
    db.executemany("insert into setting values (?, ?)", settings.items())
    plan_of(db)
    db.execute("update plan set rate = 1000 where rate is null")
    buckets = [[1_000_000 + 2_000 * number, 1 + number % 3] for number in range(500)]
    said = json.dumps({"histogram": {"service": buckets, "response": [None, *buckets]}})
    for workload in ("ping-pong", "open-loop"):
        run = db.execute("select min(id) from plan where workload = ?", (workload,)).fetchone()[0]
        database.run_file(db, "import_run", id=run, server_state="ran", server_exit=0, loadgen_exit=0, started="",
                          elapsed_s=1.0, load_average="", time_wait=None, build="/b", ticks_before="[0, 0, 0]",
                          ticks_after="[0, 0, 0]", loadgen=said, stats=None, server_says="", loadgen_says="", calls="")
        stored = db.execute("select kind, upper_ns, count from histogram where run = ? order by upper_ns",
                            (run,)).fetchall()
        if workload == "ping-pong":
            assert not stored
            continue
        assert {row["kind"] for row in stored} == {"response"} and 30 <= len(stored) <= 50
        assert sum(row["count"] for row in stored) == sum(count for _, count in buckets)
        for number, row in enumerate(stored):
            assert (sum(one["count"] for one in stored[:number + 1])
                    == sum(count for upper, count in buckets if upper <= row["upper_ns"]))
        assert all(1 < later["upper_ns"] / row["upper_ns"] < 1.05 for row, later in zip(stored, stored[1:]))


def test_results_that_cannot_be_written_leave_nothing(tmp_path, planned):
    (tmp_path / "file").touch()
    assert "cannot be written" in failure_of(plan.stored, plan_of(planned), tmp_path / "file/results")


def test_a_signal_during_runs_is_noted_and_otherwise_raised():
    acts = []
    try:
        interrupt.install()
        with interrupt.told(lambda: acts.append(1)) as statuses:
            os.kill(os.getpid(), interrupt.signal.SIGINT)
            os.kill(os.getpid(), interrupt.signal.SIGTERM)
        assert (statuses, acts) == ([130, 143], [1, 1])
        with pytest.raises(interrupt.Ended) as ended:
            os.kill(os.getpid(), interrupt.signal.SIGTERM)
        assert ended.value.status == 143
    finally:
        for number in interrupt.NUMBERS:
            interrupt.signal.signal(number, interrupt.signal.SIG_DFL)
        interrupt.signal.signal(interrupt.signal.SIGINT, interrupt.signal.default_int_handler)


def test_help_needs_no_python(tmp_path):
    """And installs nothing: scripts/setup.sh is not there."""
    for name in ("compare.sh", "break.sh", "bench.sh", "lib/entry.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((pathlib.Path(environment.SCRIPTS) / name).read_bytes().replace(
            b"/usr/bin/python3", b"/nonexistent/python3"))
    for name in ("compare.sh", "break.sh", "bench.sh"):
        for option in ("-h", "--help"):
            done = subprocess.run(["bash", tmp_path / name, option], capture_output=True, text=True, check=False)
            assert done.returncode == 0 and done.stdout.startswith(f"usage: scripts/{name}") and not done.stderr
            assert max(map(len, done.stdout.splitlines())) <= 120, name
        if name == "break.sh":
            assert "scripts/setup.sh --measure" in done.stdout


def test_break_lists_its_scenarios():
    done = subprocess.run([environment.SCRIPTS / "break.sh", "--help"], capture_output=True, text=True, check=False)
    names = [row[0] for row in database.words().execute(
        "select workload from profile_workload where profile = 'reliability'")]
    assert done.returncode == 0 and all(f"  {name} " in done.stdout for name in names)


def test_bench_has_its_bars_on_standard_output_and_the_comparison_on_standard_error(tmp_path, monkeypatch, capfd):
    """By descriptor: /dev/stderr cannot be opened in a terminal of `su - user`."""
    def comparison(words):
        assert words[:2] == ["--bench", "--out"] and compare_options.parse_out(words) == tmp_path / "out"
        subprocess.run(["echo", "measured"], check=True)
        db = database.words()
        db.executemany("insert into setting values (?, ?)", {"profile": "bench", "client_limit": "9999",
                                                             "loadgen_threads": "1"}.items())
        plan_of(db)
        (row,) = db.execute("select id from plan where workload = 'syscalls' and model = 'nio'").fetchone()
        make(db, row)
        db.execute("update run set total_messages = 100")
        db.execute("insert into syscall values (?, 'recvfrom', 300)", [row])
        database.run_file(db, "cache")
        plan.stored(db, tmp_path / "out").close()
        return 0
    monkeypatch.setattr(compare, "main", comparison)
    assert bench.main(["--out", str(tmp_path / "out")]) == 1
    said = capfd.readouterr()
    assert said.err == "measured\n" and "measured\n" not in said.out.splitlines()
    lines = said.out.splitlines()
    assert lines[-1] == "0 met, 1 missed, 0 open, 0 shown only, 33 not measured or failed"
    assert [line.split() for line in lines if "MISSED" in line] == [["echo", "512", "nio", "3.000", "2.10", "MISSED",
                                                                     "-"]]


def test_what_looks_at_the_servers_sees_no_package_of_the_users_own(tmp_path):
    """A pygments of his would colour the page, and what he starts every Python with would run."""
    own = pathlib.Path(subprocess.run([look.PYTHON[0], "-c", "import site; print(site.getusersitepackages())"], check=True,
                                      env={"HOME": str(tmp_path)}, text=True, stdout=subprocess.PIPE).stdout.strip())
    own.mkdir(parents=True)
    (own / "usercustomize.py").write_text("print('mine')\n", encoding="ascii")
    seen = [subprocess.run([*words, "-c", ""], check=True, env=environment.made(HOME=str(tmp_path)), text=True,
                           stdout=subprocess.PIPE).stdout for words in ([look.PYTHON[0]], look.PYTHON)]
    assert seen == ["mine\n", ""]


def test_a_run_is_over_when_its_strace_is(tmp_path):
    """strace -D outlives its server, is nobody's child here, and writes its counts last."""
    counts = tmp_path / "counts"
    with subprocess.Popen(["sh", "-c", f"(sleep 1; echo 1 > '{counts}') & exit 0"], start_new_session=True) as child:
        child.wait()
        assert not run.group_ended(child.pid, 0.05) and not counts.exists()
        assert run.group_ended(child.pid, 60) and counts.exists()


def test_steps_and_yardsticks_are_given_no_option_that_they_lack():
    """Those of the ladder, of which the first is a model's first reading."""
    programs = [row[0] for row in database.words().execute("select program from model where yardstick or name like 'step%'")]
    assert len(programs) > 6 and all(program.startswith(run.BARE) for program in programs)
