"""redraw.py - compare.sh --redraw DIR: tables, charts and page once more, from results that another person may have
made.

DIR/results.db is only read (database.open_foreign). The new files are written into DIR; of the other files there, only
sources.json is read.
"""
import pathlib
import sqlite3

import charts
import database
import page
import predictions
import summary
import tables
from suite_words import text
from terminal import Failure, say


def main_redraw(directory, against=None, foretold=None):
    """Measures nothing. against: another directory of results; foretold: the file of --predictions. Status 1 without a
    chart.
    """
    out = pathlib.Path(directory).resolve()
    try:
        db = results(out / "results.db")
        if foretold:
            predictions.take(db, foretold)
        if not db.execute("select 1 from run limit 1").fetchone():
            raise Failure(f"'{out}/results.db' has no run: there is nothing to draw")
        say(text("writing"))
        tables.write(db, out)
        faults = charts.draw(db, out)
        if faults:
            say(text("attempt", what=text("no charts"), why=text("semicolon").join(faults)))
        page.make(db, out, against)
        summary.show(db, out)
    except (sqlite3.Error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Failure(f"'{out}/results.db' cannot be drawn: {error}; are these results of compare.sh?") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(f"'{out}' cannot be written: {error.strerror or error}") from error
    return 1 if faults else 0


def results(path):
    """The results with what is computed of them, in memory."""
    db = database.open_foreign(path)
    if not db.execute("select 1 from textbook limit 1").fetchone():
        db.execute("delete from word")
        database.run_file(db, "textbook")
    database.run_file(db, "finish")
    database.run_file(db, "cache")
    return db
