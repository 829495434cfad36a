"""walk.py - from the first run of the plan to the last, and what the terminal gets meanwhile."""
import database
import interrupt
import text_table
from race import Race
from run import Runner
from suite_words import text, told
from terminal import progress, progress_done, say


def walk(db, build, out, cpus, load=None):
    """Makes the runs that the plan has left. `load`: a LoadHosts, or None. Returns 0, or the exit status of the signal that ended it early."""
    runner = Runner(db, build, out / "runs", cpus, load)
    figures = FirstFigures(db)
    with interrupt.told(runner.interrupt) as statuses:
        frozen = None
        while not statuses:
            rows = database.run_file(db, "next_run")
            if not rows:
                break
            row = rows[0]
            if row["rate"] is None and frozen != row["phase"]:
                database.run_file(db, "cache")
                database.run_file(db, "freeze_rates")
                frozen = row["phase"]
                continue
            raced = database.run_file(db, "race_rows", id=row["id"])
            progress(told(row["progress"]))
            if Race(runner, raced).make() if raced else runner.make(row):
                figures.show()
    progress_done()
    return statuses[0] if statuses else 0


class FirstFigures:
    """Each point as soon as its race is over; where nothing is raced, the first repetition, long before the medians."""

    def __init__(self, db):
        self.db = db
        self.shown = set()
        self.heading = None
        (repetitions,) = db.execute("select max(repetition) from plan").fetchone()
        self.more = text("first repetition") if repetitions > 1 else ""
        self.complete = False

    def show(self):
        """Shows what can be shown now and was not."""
        if self.complete:
            return
        points = {}
        for row in database.run_file(self.db, "first_figures"):
            points.setdefault((row["workload"], row["protocol"], row["clients"]), []).append(row)
        for point, rows in points.items():
            if point not in self.shown:
                self.shown.add(point)
                self.show_point(point, rows)
        self.complete = not self.db.execute(
            """select 1 from plan where repetition = 1 and phase = (select min(phase) from plan)
                                    and id not in (select id from run) limit 1""").fetchone()

    def what(self, row):
        """What the figures of a point are."""
        if row["race"]:
            return text("against floor")
        return text("part of floor" if row["floor_messages_per_s"] else "messages/s") + self.more

    def show_point(self, point, rows):
        """One line: clients, the floor, and each model against it; without a floor, messages/s. A line for each model
        where that would be too wide."""
        workload, protocol, clients = point
        progress_done()
        floor = rows[0]["floor_messages_per_s"]
        rows = [row for row in rows if row["model"] != "floor"]
        cells = [(row["model"], cell(row, floor)) for row in rows]
        columns = [(text("clients"), f"{clients:,}")] + ([(text("floor"), f"{floor:,.0f}")] if floor else []) + cells
        widths = [max(text_table.width(name), len(figure), 5) for name, figure in columns]
        wide = sum(widths) + 2 * len(widths) > text_table.room()
        heading = (workload, protocol, wide, tuple(name for name, _ in columns))
        if heading != self.heading:
            self.heading = heading
            say(text("first figures", protocol=protocol, workload=workload, what=self.what(rows[0])))
            if not wide:
                say("  ".join(text_table.padded(name, width, True) for (name, _), width in zip(columns, widths)))
        if wide:
            say(text("so many clients", clients=f"{clients:,}")
                + (text("and the floor", floor=f"{floor:,.0f}") if floor else ""))
            for name, figure in cells:
                say(f"    {name:24} {figure:>9}")
        else:
            say("  ".join(figure.rjust(width) for (_, figure), width in zip(columns, widths)))


def cell(row, floor):
    """One model's figure."""
    if row["messages_per_s"] is None or row["race"]:
        return (row["messages_per_s"] and row["interval"]) or "n/a"
    return f"{row['messages_per_s'] / floor:.2f}" if floor else f"{row['messages_per_s']:,.0f}"
