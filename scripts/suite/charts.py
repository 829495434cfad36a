"""charts.py - the charts of a results.db: Python writes their rows to files, and gnuplot draws these, several charts at
a time."""
import concurrent.futures
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

import chart_data
import chart_others
import environment
from outputs import own_directory
from terminal import Failure

GNUPLOT = environment.SCRIPTS / "gnuplot"
LIMIT_S = 120
WHAT_IS_READ = {
    **{script: chart_data.sweep for script in chart_data.SWEEPS},
    **{script: chart_data.bars for script in chart_data.BARS},
    "open_loop": chart_others.open_loop, "pipelined": chart_others.pipelined, "ladder": chart_others.ladder,
    "reliability": chart_others.reliability,
}


def draw_all(db, out):
    """Draws every chart of the database into out/charts, as SVG and PNG. Raises Failure if one cannot be drawn, after
    all others are."""
    faults = draw(db, out)
    if faults:
        raise Failure("; ".join(faults[:3]) + (f"; and {len(faults) - 3} more" if len(faults) > 3 else ""))


def draw(db, out):
    """The same. Returns what went wrong, a line for each file."""
    folder = own_directory(pathlib.Path(out, "charts"))
    for old in folder.iterdir():
        if old.suffix in (".svg", ".png", ".log") and (old.is_symlink() or not old.is_dir()):
            old.unlink()
    with tempfile.TemporaryDirectory(prefix="io-models-") as work:
        jobs, faults = prepare(db, pathlib.Path(work))
        with concurrent.futures.ThreadPoolExecutor(max(2, len(os.sched_getaffinity(0)))) as pool:
            faults += filter(None, pool.map(lambda job: draw_one(*job, folder), jobs))
    return faults


def prepare(db, work):
    """Writes the files of all charts, each in a directory of its own. Returns ([(name, directory, words)], faults)."""
    jobs, faults = [], []
    for chart in db.execute("select name, script, protocol from chart").fetchall():
        directory = work / chart["name"]
        directory.mkdir()
        try:
            heading, remark, subtitle = WHAT_IS_READ[chart["script"]](db, chart, chart_data.Files(directory))
        except (sqlite3.Error, ArithmeticError, LookupError, TypeError, ValueError) as error:
            faults.append(f"{chart['name']}: its figures cannot be drawn: {error}")
            continue
        texts = (chart_data.harmless(heading), *map(chart_data.lines, (subtitle, remark.strip())))
        jobs += [(f"{chart['name']}.{ending}", directory, chart["script"], *texts) for ending in ("svg", "png")]
    return jobs, faults


def draw_one(name, directory, script, *texts_and_folder):
    """Draws one file. Returns what went wrong, or None; a series without points is no fault."""
    *texts, folder = texts_and_folder
    words = ["gnuplot", "-d", "-c", str(GNUPLOT / "chart.gp"), str(GNUPLOT), script, name, *texts]
    try:
        done = subprocess.run(words, cwd=directory, env=environment.made(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=LIMIT_S, check=False)
    except FileNotFoundError:
        return f"{name}: gnuplot is not installed"
    except subprocess.TimeoutExpired:
        return f"{name}: gnuplot did not end in {LIMIT_S} s"
    said = [line.strip() for line in done.stderr.splitlines() if line.strip(" ^") and "no valid points" not in line]
    if done.returncode or said or not os.path.getsize(directory / name):
        return f"{name}: {' '.join(said)[:500] or f'gnuplot ended with status {done.returncode}'}"
    shutil.move(directory / name, folder / name)
    return None
