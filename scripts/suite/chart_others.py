"""chart_others.py - what gnuplot reads for the charts that are neither a sweep nor pairs of bars."""
from chart_data import one, ratio_limits, subtitle, title_of


def open_loop(db, chart, files):
    """For each share of the messages, the time in which they were answered."""
    protocol = chart["protocol"]
    rows = db.execute("select c.position, m.name, c.x, c.us from chart_open_loop c join model m using (position)"
                      " where c.protocol = ? order by c.position, c.x", (protocol,)).fetchall()
    series = sorted({(row["position"], row["name"]) for row in rows})
    files.series(series)
    files.blocks("curves", [[(row["x"], row["us"]) for row in rows if row["position"] == position]
                            for position, _ in series])
    files.hover(db, chart)
    rate, clients = db.execute("select max(rate), max(clients) from cached_point"
                               " where workload = 'open-loop' and protocol = ?", (protocol,)).fetchone()
    return (f"Latency in the open loop: {title_of(db, protocol)}, the same {rate or 0:,} messages/s, {clients or 0:,} clients",
            "From when a message was due to its answer; all starts together; drawn as far as 10 samples lie beyond.",
            subtitle(db, False))


def pipelined(db, chart, files):
    """A group of bars for each number of clients, for both protocols."""
    rows = db.execute("select * from chart_pipelined order by place").fetchall()
    positions = sorted({row["position"] for row in rows})
    names = {position: name + (" (echo)" if yardstick else "")
             for position, name, yardstick in db.execute("select position, name, yardstick from model")}
    files.series([(position, names[position]) for position in positions])
    files.ticks(sorted({(row["place"], f"{row['clients']:,} clients") for row in rows}))
    files.rows("limits", [(max(row["place"] for row in rows), *ratio_limits(rows, "rate_ratio"),
                           max(row["messages_per_s_greatest"] for row in rows) / 1e6)])
    for protocol in ("echo", "ws"):
        for name, made in (protocol, pipelined_row), (f"{protocol}-ratio", pipelined_ratio):
            files.blocks(name, [[made(row) for row in rows
                                 if (row["position"], row["protocol"]) == (position, protocol)]
                                for position in positions])
    files.hover(db, chart, "echo", "ws", "echo-ratio", "ws-ratio")
    remarks = ["Grey: cannot be told from the floor." if any(row["rate_open"] for row in rows) else "",
               "No bar: no interval." if any(row["rate_ratio"] and row["rate_ratio_least"] is None for row in rows) else "",
               "Hatched: some clients failed, and were not served." if any(row["hollow"] for row in rows) else ""]
    return ("Pipelined throughput: 64 bytes, 16 messages in flight per client",
            "  ".join(filter(None, remarks)), subtitle(db, False))


def pipelined_row(row):
    """In millions."""
    figures = (row["messages_per_s"], row["messages_per_s_least"], row["messages_per_s_greatest"])
    return (row["place"], *(figure / 1e6 for figure in figures), row["hollow"])


def pipelined_ratio(row):
    """A ratio to the floor, and its interval."""
    return (row["place"], row["rate_ratio"], row["rate_ratio_least"], row["rate_ratio_greatest"], row["hollow"],
            row["rate_open"])


LADDER = {  # figure: its least and greatest, and how it is written above its bar
    "messages_per_s": ("messages_per_s_least", "messages_per_s_greatest", lambda value: f"{value / 1000:.0f}k"),
    "cpu": ("cpu_least", "cpu_greatest", lambda value: f"{value:.2f}"),
    "calls": ("calls", "calls", lambda value: f"{value:.3f}"),
}


def ladder(db, chart, files):
    """Three figures of each step, one above the other."""
    rows = db.execute("select *, dense_rank() over (order by place) as step from chart_ladder"
                      " order by series, place").fetchall()
    series = sorted({(row["series"], f"{row['clients']:,} clients") for row in rows})
    files.series(series)
    files.ticks(sorted({(row["step"], *step_name(row)) for row in rows}))
    for figure, (least, greatest, written) in LADDER.items():
        files.blocks(figure, [[(row["step"], row[figure], row[least], row[greatest], written(row[figure]))
                               for row in rows if row["series"] == number and row[figure] is not None]
                              for number, _ in series])
    calls = [row["calls"] for row in rows if row["calls"]] or [1]
    files.rows("limits", [(max(row["step"] for row in rows), max(row["messages_per_s_greatest"] for row in rows),
                           max((row["cpu_greatest"] or 0 for row in rows), default=0) or 1, min(calls), max(calls))])
    files.hover(db, chart, *LADDER)
    return ("The io_uring ladder: echo, 64 bytes, one message in flight per client",
            one(db, "select text from chart_ladder_remark"), subtitle(db))


def step_name(row):
    """In lines: step2, multishot, accept, and the Linux that it needs."""
    return f"{row['model']}{'_Linux ' + row['kernel'] if row['kernel'] else ''}".split("_", 3)


def reliability(db, chart, files):
    """A cell for each model and each kind of bad neighbour."""
    protocol = chart["protocol"]
    rows = db.execute("select * from chart_reliability where protocol = ?", (protocol,)).fetchall()
    files.rows("cells", [(row["x"], row["y"], row["heat"], row["text"]) for row in rows])
    files.ticks(sorted({(row["x"], row["model"]) for row in rows}))
    files.ticks(sorted({(row["y"], row["workload"]) for row in rows}), "rows")
    files.hover(db, chart)
    return (f"What good clients feel of bad ones, and of pressure: {title_of(db, protocol)}",
            "p99 against calm, or messages/s, or how many were served. Orange: what must not be, or 1,000 times.",
            subtitle(db, False))
