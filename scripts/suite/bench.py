"""bench.py - how close each model, and the load generator, come to the yardsticks in floor/."""
import os
import sys
import time

import compare
import compare_options
import database
import environment
import text_table
from terminal import say


def main(arguments):
    """bench.sh. The comparison is on standard error, the bars are on standard output. Status 0: all met, 1: not."""
    words = ["--bench", "--out", str(environment.ROOT / "results" / time.strftime("bench-%Y%m%d-%H%M%S")), *arguments]
    sys.stdout.flush()
    output = os.dup(1)
    os.dup2(2, 1)  # not /dev/stderr, which another user's terminal does not let be opened
    try:
        status = compare.main(words)
    finally:
        sys.stdout.flush()
        os.dup2(output, 1)
        os.close(output)
    if status not in (0, 1):
        return status
    return show(database.connect(compare_options.parse_out(words) / "results.db"))


def show(db):
    """Prints each bar, and how many are met. Status 1 if one is not, or cannot be told from its bar (open)."""
    database.run_file(db, "bar_views")
    bars = db.execute("select * from bar_result order by position").fetchall()
    calls = db.execute("select * from call_bar_result").fetchall()
    text_table.show(("workload", "protocol", ">clients", "of", "against", ">msg/s", ">against", ">ratio",
                  "95% interval", ">bar", "verdict", "labels"),
                 [(bar["workload"], bar["protocol"], bar["clients"],
                   "loadgen" if bar["model"] == "floor" else bar["model"], bar["against"],
                   rounded(bar["figure"]), rounded(bar["yardstick"]), decimals(bar["ratio"], 2),
                   bar["interval"], decimals(bar["least"], 2, ""), bar["verdict"], bar["labels"]) for bar in bars])
    say()
    text_table.show(("protocol", ">clients", "of", ">system calls/msg", ">at most", "verdict", ">context switches/msg"),
                 [(call["protocol"], call["clients"], call["model"], decimals(call["calls_per_message"], 3),
                   decimals(call["most"], 2), call["verdict"], decimals(call["switches"], 4)) for call in calls])
    verdicts = [row["verdict"] for row in (*bars, *calls)]
    missed, unknown = verdicts.count("MISSED"), verdicts.count("open")
    without = verdicts.count("not measured") + verdicts.count("FAILED")
    say(f"{verdicts.count('met')} met, {missed} missed, {unknown} open, {verdicts.count('shown only')} shown only, "
        f"{without} not measured or failed")
    return 1 if missed or unknown or without else 0


def rounded(value):
    """A whole number."""
    return "-" if value is None else f"{value:,.0f}"


def decimals(value, places, none="-"):
    """A number with so many decimals."""
    return none if value is None else f"{value:.{places}f}"
