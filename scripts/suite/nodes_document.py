"""nodes_document.py - the tables of docs/nodes.md and docs/nodes.zh.md, from docs/nodes.json (scripts/nodes.sh --write).

    /usr/bin/python3 scripts/suite/nodes_document.py      puts them into the documents again
"""
import json
import statistics

import environment
import markdown

FILE = environment.ROOT / "docs/nodes.json"
DOCUMENTS = {"en": environment.ROOT / "docs/nodes.md", "zh": environment.ROOT / "docs/nodes.zh.md"}

HEAD = {
    "en": "Measured {date} on {cpu}, {cpus} CPUs, {kernel}, Redis {redis}. Clients, nodes and Redis share these CPUs. Medians of "
          "{rounds} rounds of {seconds} s.",
    "zh": "{date} 测于 {cpu}，{cpus} 个 CPU，{kernel}，Redis {redis}。客户端、节点和 Redis 共用这些 CPU。{rounds} 轮、每轮 {seconds} 秒的中位数。",
}
TITLES = {
    "most": {"en": "{members:,} members; 20 of them say one message after the other",
             "zh": "{members:,} 名成员；其中 20 人一条接一条地说"},
    "calm": {"en": "The same {members:,} members; two messages a second", "zh": "同样 {members:,} 名成员；每秒两条消息"},
    "death": {"en": "One of three nodes is killed; {members:,} members, ten messages a second",
              "zh": "三个节点之一被杀死；{members:,} 名成员，每秒十条消息"},
    "few": {"en": "{few} members, 500 messages a second: Redis in place of SQLite",
            "zh": "{few} 名成员，每秒 500 条消息：用 Redis 代替 SQLite"},
}
SETTINGS = {
    "memory": {"en": "one server, SQLite in memory", "zh": "单台服务器，SQLite 在内存中"},
    "file": {"en": "one server, SQLite in a file", "zh": "单台服务器，SQLite 在文件中"},
    "1": {"en": "1 node, Redis", "zh": "1 个节点，Redis"},
    "2": {"en": "2 nodes, Redis", "zh": "2 个节点，Redis"},
    "3": {"en": "3 nodes, Redis", "zh": "3 个节点，Redis"},
    "1, no fsync": {"en": "1 node, Redis, appendfsync no", "zh": "1 个节点，Redis，appendfsync no"},
}
COLUMNS = {
    "setting": {"en": "", "zh": ""},
    "said": {"en": "messages/s", "zh": "消息/秒"},
    "heard": {"en": "heard/s", "zh": "送达/秒"},
    "p50": {"en": "delay to a member: p50 ms", "zh": "到一名成员的延迟：p50 毫秒"},
    "p99": {"en": "p99 ms", "zh": "p99 毫秒"},
    "all": {"en": "to the last one: p50 ms", "zh": "到最后一名：p50 毫秒"},
    "nodes": {"en": "CPUs: nodes", "zh": "CPU：节点"},
    "redis": {"en": "Redis", "zh": "Redis"},
    "clients": {"en": "clients", "zh": "客户端"},
    "per message": {"en": "µs of nodes and Redis per message", "zh": "每条消息占用节点与 Redis（微秒）"},
    "wrong": {"en": "lost, doubled", "zh": "丢失、重复"},
    "breaks": {"en": "members cut off", "zh": "断开的成员"},
    "back50": {"en": "back: p50 s", "zh": "回来：p50 秒"},
    "back99": {"en": "p99 s", "zh": "p99 秒"},
    "backmax": {"en": "the last one, s", "zh": "最后一名，秒"},
}
SHOWN = {
    "most": ("setting", "said", "heard", "p50", "p99", "all", "nodes", "redis", "clients", "wrong"),
    "calm": ("setting", "p50", "p99", "all", "nodes", "redis", "clients", "wrong"),
    "death": ("setting", "breaks", "back50", "back99", "backmax", "wrong"),
    "few": ("setting", "p50", "p99", "nodes", "redis", "clients", "per message", "wrong"),
}


def cpus(run, name):
    """How many CPUs they kept busy; None: there are none, or not all of the time."""
    return run.get("cpus", {}).get(name)


# A figure of one run, and how it is written.
FIGURES = {
    "said": (lambda run: run["said"] / run["seconds"], "{:,.0f}"),
    "heard": (lambda run: run["heard"] / run["seconds"], "{:,.0f}"),
    "p50": (lambda run: run["delay_ms"]["p50"], "{:,.1f}"),
    "p99": (lambda run: run["delay_ms"]["p99"], "{:,.1f}"),
    "all": (lambda run: run["complete_ms"]["p50"], "{:,.1f}"),
    "nodes": (lambda run: cpus(run, "nodes"), "{:.2f}"),
    "redis": (lambda run: cpus(run, "redis"), "{:.2f}"),
    "clients": (lambda run: cpus(run, "clients"), "{:.2f}"),
    "per message": (lambda run: (cpus(run, "nodes") + (cpus(run, "redis") or 0)) * run["seconds"] / run["said"] * 1e6, "{:,.0f}"),
    "breaks": (lambda run: run["breaks"], "{:,.0f}"),
    "back50": (lambda run: run["back_ms"]["p50"] / 1e3, "{:.1f}"),
    "back99": (lambda run: run["back_ms"]["p99"] / 1e3, "{:.1f}"),
    "backmax": (lambda run: run["back_ms"]["max"] / 1e3, "{:.1f}"),
}


def cell(column, found, lang):
    """The median of a figure over the runs of one setting."""
    if column == "setting":
        return SETTINGS[found[0]["setting"]][lang]
    if column == "wrong":
        return f"{sum(run['lost'] + run['missing'] for run in found)}, {sum(run['doubled'] for run in found)}"
    figure, form = FIGURES[column]
    values = [value for value in map(figure, found) if value is not None]
    return form.format(statistics.median(values)) if values else "-"


def tables(measured, lang):
    """(title, table) for each case."""
    for case, columns in SHOWN.items():
        settings = dict.fromkeys(run["setting"] for run in measured["runs"] if run["case"] == case)
        rows = [[cell(column, [run for run in measured["runs"] if (run["case"], run["setting"]) == (case, setting)], lang)
                 for column in columns] for setting in settings]
        yield (TITLES[case][lang].format(**measured["facts"]),
               markdown.table_of([COLUMNS[column][lang] for column in columns], rows))


def part(measured, lang):
    """What stands between the marks in a document."""
    return "\n".join([HEAD[lang].format(**measured["facts"]) + "\n",
                      *(f"**{title}**\n\n{table}" for title, table in tables(measured, lang))])


def filled_in():
    """(path, text now, text as it should be) of each document."""
    measured = json.loads(FILE.read_text(encoding="utf-8"))
    for lang, path in DOCUMENTS.items():
        text = path.read_text(encoding="utf-8")
        before, place, rest = text.partition("<!-- nodes.sh -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert place and end, f"{path.name} needs <!-- nodes.sh --> and <!-- end -->"
        yield path, text, before + place + part(measured, lang) + end + after


def write():
    """Puts the tables into the documents."""
    for path, _, text in filled_in():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
