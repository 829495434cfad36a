"""What break.sh and compare.sh say in Chinese: all of it, as the page has it, and no wider than the terminal."""
import importlib
import re
import string

import database
import language
import made_results
import pytest
import redraw
import suite_words
import summary
import terminal
import text_table
import walk
from checkout import REPOSITORY, run

SCENARIOS = ["quick", "ladder", "capacity", "reliability", "scale", "tls"]
WORDS_OF_THE_PAGE = (REPOSITORY / "scripts/report/js/words.js").read_text(encoding="utf-8")

# What is the same in both languages: units, and names of programs, protocols, files, columns and labels.
NAMES = re.compile(r"""\b(?:cpu|rate|[pP]99(?:\.9)?|p50|us|ms|s|MiB|KiB|GiB|CPU|echo|ws|floor|strace|WebSocket(?:\ echo)?|TLS|io_uring|calm|n/a|
                       x[\d.]+|tables\.md)\b""", re.VERBOSE)


@pytest.fixture(name="chinese")
def chinese_terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.fixture(name="narrow")
def narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(terminal, "is_terminal", lambda *_: True)


@pytest.mark.parametrize("variables, is_chinese", [
    ({}, False), ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
    ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, True), ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, True)])
def test_the_first_variable_that_is_set_decides(variables, is_chinese, monkeypatch):
    """And so it does for --help, in bash."""
    for name in "LC_ALL", "LC_MESSAGES", "LANG":
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.is_chinese() == is_chinese
    for script in "break.sh", "compare.sh":
        said = run([REPOSITORY / "scripts" / script, "--help"]).stdout
        assert said.startswith(f"usage: scripts/{script} ") and bool(re.search("[一-鿿]{9}", said)) == is_chinese


def test_help_has_the_same_options_in_both(monkeypatch):
    options = []
    for name in "C", "zh_CN.UTF-8":
        monkeypatch.setenv("LC_ALL", name)
        said = run([REPOSITORY / "scripts/compare.sh", "--help"]).stdout
        options.append(re.findall(r"^ +(-[\w-]+(?:, --\w+)?(?: [A-Z]+(?:,[A-Z])?)?)  ", said, re.MULTILINE))
        assert max(map(terminal.width, said.splitlines())) <= 120
    assert options[0] == options[1] and len(options[0]) > 15


@pytest.mark.parametrize("key", suite_words.WORDS)
def test_both_sentences_have_the_same_blanks(key):
    """But for the s of an English plural."""
    english, chinese = ([name for _, name, _, _ in string.Formatter().parse(words) if name is not None]
                        for words in suite_words.WORDS[key])
    if key != "either":
        assert sorted(set(english) - {"s"}) == sorted(set(chinese))


def test_the_page_has_the_same_chinese():
    titles = dict(re.findall(r"^  '([^']*)': '([^']*)',$", WORDS_OF_THE_PAGE.partition("titlesInChinese")[2], re.MULTILINE))
    labels = dict(re.findall(r"^    '(label\.[\w-]+)': '([^']*)',$", WORDS_OF_THE_PAGE.partition("\n  zh: {\n")[2],
                             re.MULTILINE))
    assert len(titles) == 24 and len(labels) == 11
    assert {english: suite_words.CHINESE.get(english) for english in titles} == titles
    rules = (REPOSITORY / "scripts/sql/views.sql").read_text(encoding="utf-8").partition("create view label as")[2]
    rules = rules.partition("create view")[0]
    for name, chinese in labels.items():
        if name != "label.failed":
            english = re.search(rf"'{name[6:]}'(?: as label)?,\s+'([^']*)'", rules)[1]
            assert suite_words.CHINESE.get(english) == chinese, name


def test_each_scenario_has_a_title_in_chinese():
    titles = [row["title"] for row in database.run_file(database.words(), "breaks")]
    assert titles and [title for title in titles if title not in suite_words.CHINESE] == []


def english_in(text, db):
    """The words of it that are not Chinese and no names."""
    names = [row[0] for row in db.execute("select name from model union select name from workload"
                                          " union select label from label")]
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "", text)
    return re.findall(r"[A-Za-z]{2,}", NAMES.sub("", text))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_end_of_a_comparison_is_chinese(name, tmp_path, chinese):
    db = made_results.of_scenario(name)
    made_results.database.run_file(db, "finish")
    lines = "\n".join(summary.lines(db, tmp_path)).split("\n")
    text = "\n".join(line for line in lines if str(tmp_path) not in line)
    assert english_in(text, db) == [] and re.search("[一-鿿]{4}", text)
    assert max(map(terminal.width, text.split("\n"))) <= text_table.WIDTH
    assert lines[-1] == f"数据库：{tmp_path}/results.db"


def test_the_end_of_the_reference_is_chinese(tmp_path, chinese):
    db = redraw.results(REPOSITORY / "results/reference/results.db")
    lines = "\n".join(summary.lines(db, tmp_path)).split("\n")
    said = "".join(lines[1:6]).replace(" ", "")  # a line may end at any of them
    assert "echo，10,000个客户端：bio、nio、aio、aio_future和framework服务了全部；pseudo_async服务了200个。" in said
    assert re.search("1,000个客户端[^。]*快", said), said
    assert english_in("\n".join(line for line in lines if str(tmp_path) not in line), db) == []


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_it_fits_80_columns(name, locale, tmp_path, monkeypatch, narrow):
    monkeypatch.setenv("LC_ALL", locale)
    lines = "\n".join(summary.lines(made_results.of_scenario(name), tmp_path)).split("\n")
    assert [line for line in lines if terminal.width(line) > 80 and str(tmp_path) not in line] == []


def outcome(name, capsys):
    """What break.sh prints of the scenario's first workload, and the database."""
    db = made_results.of_scenario("reliability")
    db.execute("delete from plan where workload <> ? or protocol <> 'echo' or repetition > 1", (name,))
    database.run_file(db, "cache")
    importlib.import_module("break").show(db)
    return capsys.readouterr().out, db


def test_what_became_of_the_servers_is_chinese(capsys, chinese):
    said, db = outcome("no_descriptors", capsys)
    head, _, table = said.partition("--chaos-clients") if "--chaos-clients" in said else said.partition("--rate 2000\n")
    assert head.startswith("no_descriptors：100 个客户端，64 个描述符\n\n手工运行，用两个终端（在仓库的目录里）：\n")
    assert english_in(table, db) == [] and "服务器的计数" in table


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
def test_the_table_of_the_servers_fits_80_columns(locale, capsys, monkeypatch, narrow):
    """But not where it is no terminal: docs/failures.md has it as wide as it is."""
    monkeypatch.setenv("LC_ALL", locale)
    said, _ = outcome("calm", capsys)
    lines = [line for line in said.splitlines() if not line.startswith("    ")]
    assert max(map(terminal.width, lines)) <= 80
    assert sum(line.startswith("nio ") for line in lines) > 1, "one table below the other"
    monkeypatch.setattr(terminal, "is_terminal", lambda *_: False)
    said, _ = outcome("calm", capsys)
    assert sum(line.startswith("nio ") for line in said.splitlines()) == 1


@pytest.mark.parametrize("english, chinese_words", [
    ("dies, status 139", "死亡，状态 139"), ("19 of 20 fail", "20 个中 19 个失败"), ("54 of 100, 3% CPU", "100 个中 54 个，CPU 3%"),
    ("9% CPU", "CPU 9%"), ("back in 10 ms", "10 ms 恢复"), ("x1.2: cannot be told (0.9-1.4)", "x1.2 (0.9-1.4)：无法判断"),
    ("1.10 (1.08-1.12) faster", "1.10 (1.08-1.12) 更快"), ("1.000 (0.995-1.005) the same within 2%",
                                                        "1.000 (0.995-1.005) 相差不超过 2%"),
    ("the server ended by itself with status 1: nio: recv", "服务器自己结束了，状态 1：nio: recv"),
    ("aio is not measured: not built", "没有测量 aio：没有编译"),
    ("strace is missing: system calls per message are not counted.", "没有 strace：不统计每条消息的系统调用。"),
    ("[ 3/20] echo ping-pong    50 clients  nio          rep 1  0m30s left", "[ 3/20] echo ping-pong    50 个客户端  nio  第 1 次  还剩 0m30s"),
    ("echo ping-pong, 1,000 clients:", "echo ping-pong，1,000 个客户端："),
    ("{0} is somebody's", "{0} is somebody's"), (3, 3)])
def test_what_the_database_says(english, chinese_words, chinese):
    """Figures and names stay; so does what nobody foresaw."""
    assert suite_words.told(english) == chinese_words


def test_the_plan_and_the_first_figures(chinese, capsys):
    db = made_results.of_scenario("quick")
    said = suite_words.told(database.run_file(db, "plan_words")[0][0])
    assert re.fullmatch(r"\d+ 次运行：.*；客户端数 1, 50, 1000；重复 3 次，.*大约 \d+ 分钟。", said)
    walk.FirstFigures(db).show()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "echo ping-pong，占 floor 每秒消息数的比例（第一次重复，后面还有）："
    assert lines[2].split()[:2] == ["客户端数", "floor"]
    assert terminal.width(lines[2]) == terminal.width(lines[3])


def test_chinese_is_wrapped_where_it_may_be(chinese):
    """No mark that ends something begins a line; words of Latin letters stay whole."""
    text = "测量（ping-pong 和 open-loop），" * 30
    lines = text_table.wrapped(text, "  ").split("\n")
    assert max(map(terminal.width, lines)) <= text_table.WIDTH and len(lines) > 5
    assert all(line.lstrip()[0] not in "，）" and line[-1] not in "（" for line in lines)
    assert "".join(line.strip() for line in lines).replace(" ", "") == text.replace(" ", "")
    assert all(re.fullmatch("ping-pong|open-loop", word) for line in lines for word in re.findall("[a-z-]+", line))


def test_a_progress_line_never_fills_the_terminal(narrow, capsys):
    terminal.progress("进度" * 50)
    assert terminal.width(capsys.readouterr().out.removeprefix("\r\033[K")) <= 79
