"""chart_data.py - what gnuplot reads: for each chart, files of rows in a directory, and its three lines of text.

gnuplot gets numbers and texts as data, never as a part of a script: a script of scripts/gnuplot draws the files that it
finds.
"""
import math
import textwrap

SWEEPS = {  # script: the figures that it draws
    "throughput": ["rate_ratio", "messages_per_s"], "failures": ["failed_percent"], "latency": ["p50", "p99"],
    "cpu": ["cpu_ratio", "cpu"],
}
OPEN = {"rate_ratio": "rate_open", "cpu_ratio": "cpu_open"}  # ratio: whether it can be told apart from 1
BARS = {
    "memory": "chart_memory", "syscalls": "chart_syscalls",
    "scale_memory": "chart_scale_memory", "scale_set_up": "chart_set_up",
    "capacity_clients": "chart_capacity_clients", "capacity_rate": "chart_capacity_rate",
}
COLOURS = 7
TEXT_LIMIT = 200
LINE = 104  # characters
NOTHING = "\u00a0"  # where a row ends with an empty field, gnuplot reads what stood there before

# A quote ends an attribute or a string of the SVG's script, a backslash begins a line; these look like them.
HARMLESS = {ord('"'): "”", ord("'"): "’", ord("\\"): "∖"}


def harmless(text):
    """The text as one line without characters that gnuplot interprets."""
    one_line = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return one_line.translate(HARMLESS)[:TEXT_LIMIT] or NOTHING


def lines(text):
    """Harmless text in lines that are no longer than a chart is wide."""
    return textwrap.fill(harmless(text), LINE) or NOTHING


def field(value):
    """A value as gnuplot reads it in a row: NaN where there is none."""
    if value is None or isinstance(value, float) and not math.isfinite(value):
        return "NaN"
    return repr(value) if isinstance(value, (int, float)) else harmless(value)


class Files:
    """The directory that gnuplot is started in."""

    def __init__(self, directory):
        self.directory = directory

    def blocks(self, name, blocks):
        """A file of several series, two blank lines behind each. One that is empty gets a row without numbers."""
        blocks = [list(map(tuple, rows)) for rows in blocks]
        width = max((len(row) for rows in blocks for row in rows), default=5)
        lines = []
        for rows in blocks:
            lines += ["\t".join(map(field, row)) for row in rows or [(None,) * width]] + ["", ""]
        (self.directory / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def rows(self, name, rows):
        """A file of one series."""
        self.blocks(name, [rows])

    def series(self, rows):
        """(place in the palette, name) of each."""
        self.rows("series", [(min(max(place, 1), COLOURS), name) for place, name in rows])

    def ticks(self, rows, name="ticks"):
        """(where, text...), each text a line. A percent sign would be the place of a number."""
        self.rows(name, [(where, len(texts), *(harmless(text).replace("%", "%%") for text in (*texts, *"---")[:4]))
                         for where, *texts in rows])

    def hover(self, db, chart, *panels):
        """The hover texts of the SVG: a file, or one for each panel."""
        key = chart["name"].removesuffix(f"-{chart['protocol']}") if chart["protocol"] else chart["name"]
        for panel in panels or ("",):
            self.rows(f"hover-{panel}" if panel else "hover", db.execute(
                "select x, series, y, text from chart_hover where (chart, protocol, panel) = (?, ?, ?)",
                (key, chart["protocol"], panel)))


def one(db, sql, *parameters):
    """The first column of the first row, or None."""
    row = db.execute(sql, parameters).fetchone()
    return row[0] if row else None


def subtitle(db, with_statistics=True):
    """When and where it was measured."""
    row = db.execute("select text, statistics from chart_subtitle").fetchone()
    return (row["text"] or "") + (row["statistics"] if with_statistics else "")


def title_of(db, protocol):
    """The protocol as a chart's heading has it."""
    return one(db, "select title from chart_protocol_title where protocol = ?", protocol)


def sweep(db, chart, files):
    """A chart over the number of clients."""
    protocol, kind = chart["protocol"], chart["script"]
    series = db.execute("select distinct position, title from chart_sweep where protocol = ? order by position",
                        (protocol,)).fetchall()
    points = db.execute("select * from chart_sweep where protocol = ? order by x", (protocol,)).fetchall()
    files.series(series)
    files.ticks((clients, short_count(clients) if len(SWEEPS[kind]) > 1 else f"{clients:,}")
                for clients, in db.execute(
                    "select distinct clients from cached_point where workload = 'ping-pong' order by clients"))
    clients = [point["clients"] for point in points]
    limits = ratio_limits(points, SWEEPS[kind][0]) if SWEEPS[kind][0] in OPEN else latency_limits(points)
    files.rows("limits", [(min(clients), max(clients), *limits)])
    for figure in SWEEPS[kind]:
        files.blocks(figure, [[sweep_row(point, figure) for point in points if point["position"] == position]
                              for position, _ in series])
    files.rows("marks", [(clients, 0.03 + 0.035 * (position - 1), f"x {text}") for clients, position, text in
                         db.execute("select clients, position, text from chart_mark where protocol = ?", (protocol,))])
    files.hover(db, chart, *SWEEPS[kind])
    remark = db.execute("select * from chart_remark where protocol = ?", (protocol,)).fetchone()
    return (*SWEEP_TEXTS[kind](title_of(db, protocol), remark), subtitle(db, kind not in ("throughput", "cpu")))


def latency_limits(points):
    """Of a logarithmic axis."""
    return (0.7 * min((point["p50_least"] for point in points if point["p50_least"]), default=1),
            1.4 * max((point["p99_greatest"] for point in points if point["p99_greatest"]), default=10))


def ratio_limits(points, figure):
    """Of an axis that has 1, all ratios and their intervals, and some room."""
    values = [point[name] for point in points for name in (figure, f"{figure}_least", f"{figure}_greatest")]
    least, greatest = (pick([0.9, 1.1, *(value for value in values if value is not None)]) for pick in (min, max))
    room = 0.05 * (greatest - least)
    return least - room, greatest + room


def short_count(clients):
    """Thousands as 1k."""
    return str(clients) if clients % 1000 else f"{clients // 1000}k"


def sweep_row(point, figure):
    """A point of a line, or a gap."""
    drawn = point["good"] and not point["void"]
    figures = [point[name] if drawn else None for name in (figure, f"{figure}_least", f"{figure}_greatest")]
    return (point["x"], *figures, point["hollow"], point[OPEN[figure]] if figure in OPEN else 0)


SWEEP_TEXTS = {  # heading and remark
    "throughput": lambda title, remark: (
        f"Throughput: {title}, 64 bytes, one message in flight per client",
        remark["rate_told"] + remark["hollow"] + remark["client_bound"]),
    "failures": lambda title, remark: (
        f"Failed clients: {title}, one message in flight per client",
        "Any failure: not connected, not let in, never served, broken off, wrong bytes. The classes are in tables.md."),
    "latency": lambda title, remark: (
        f"Latency in the closed loop: {title}, one message in flight per client",
        "Closed loop: a slow server is asked less often. For claims about latency see the open loop."
        + remark["hollow"]),
    "cpu": lambda title, remark: (
        f"CPU per message: {title}, 64 bytes, one message in flight per client",
        "The whole server process, kernel workers included; less is better." + remark["cpu_told"] + remark["hollow"]),
}


def bars(db, chart, files):
    """A pair of bars for each model."""
    view = BARS[chart["script"]]
    rows = db.execute(f"select protocol, position, value, least, greatest, text from {view}").fetchall()
    positions = sorted({row["position"] for row in rows})
    names = dict(db.execute("select position, name from model").fetchall())
    files.series([(position, names[position]) for position in positions])
    files.ticks([(number, names[position]) for number, position in enumerate(positions, 1)])
    files.blocks("bars", [[tuple(row)[2:] for row in rows if (row["position"], row["protocol"]) == (position, protocol)]
                          for position in positions for protocol in ("echo", "ws")])
    files.rows("limits", [(min(row["value"] for row in rows), max(row["greatest"] for row in rows))])
    files.hover(db, chart)
    return BAR_TEXTS[chart["script"]](db)


def clients_in(db, view):
    """The most clients of a view, in words."""
    return f"{one(db, f'select max(clients) from {view}'):,} clients"


def held(db, search):
    """The conditions of a search."""
    return "Held: " + (one(db, "select text || marks from chart_capacity_limits where of = ?", search) or "")


BAR_TEXTS = {  # heading, remark and subtitle
    "memory": lambda db: (
        f"Memory per connection: {clients_in(db, 'chart_memory')}, one message in flight per client",
        "Private memory of the server process, what the connections share spread over them; without the kernel's socket "
        "buffers.",
        subtitle(db)),
    "syscalls": lambda db: (
        f"System calls per message: {clients_in(db, 'chart_syscalls')}, one message in flight per client",
        "From a pass of its own under strace, which slows the server down: only the counts are of use.",
        subtitle(db, False)),
    "scale_memory": lambda db: (
        f"Memory of an idle connection: {clients_in(db, 'chart_scale_memory').removesuffix(' clients')} connected",
        "The server's own, and the kernel's for it (half of Slab; KernelStack, PageTables). The floor has echo only.",
        subtitle(db)),
    "scale_set_up": lambda db: (
        "Connections set up: connect, one message, close",
        "Per CPU-second of the server process: with WebSocket the handshake is in it. The floor speaks echo only.",
        subtitle(db)),
    "capacity_clients": lambda db: (
        "The most clients that a server holds, "
        f"{one(db, 'select client_rate from workload where search = ?', 'clients'):g} messages/s each",
        held(db, "clients"), subtitle(db, False)),
    "capacity_rate": lambda db: (
        "The highest rate that a server holds, "
        f"{one(db, 'select max(clients) from plan where workload = ?', 'highest-rate')} clients",
        held(db, "rate"), subtitle(db, False)),
}
