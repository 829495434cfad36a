"""database.py - results.db: our own, open for writing; and one from another person, of which only the rows are copied.

SQL is in scripts/sql, in files of statements and nothing else. Values are bound as parameters, never put into the text.
"""
import sqlite3

from environment import SCRIPTS

SQL = SCRIPTS / "sql"
VIEW_FILES = ("wanted", "views", "races", "tables", "scale", "tls", "charts", "report_views")


def connect(path):
    """Opens our own database, or makes it. A transaction begins only where the SQL begins one."""
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.text_factory = lambda stored: stored.decode("utf-8", "replace")
    return db


def statements(text):
    """The statements of a text, one by one. A semicolon in a comment or between quotes ends none."""
    statement = ""
    for piece in text.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def run_file(db, name, **parameters):
    """Runs scripts/sql/NAME.sql; `parameters` are what it calls :name. Returns the rows of its last SELECT, or []."""
    rows = []
    for statement in statements((SQL / f"{name}.sql").read_text(encoding="utf-8")):
        cursor = db.execute(statement, parameters)
        if cursor.description:
            rows = cursor.fetchall()
    return rows


def words():
    """What can be measured: the lists of models, workloads and profiles, in memory."""
    db = connect(":memory:")
    run_file(db, "schema")
    run_file(db, "workloads")
    return db


def quoted(name):
    """A name quoted for SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def make_views(db):
    """The views as scripts/sql has them now: a database may be older than they are."""
    for row in db.execute("select name from sqlite_master where type = 'view'").fetchall():
        db.execute(f"drop view {quoted(row[0])}")
    for name in VIEW_FILES:
        run_file(db, name)


def open_foreign(path):
    """The results of another machine or day: a database in memory with our tables and views, and the rows of that file.

    Of the file, only plain values are read (foreign.py); Failure where that cannot be.
    """
    import foreign  # pylint: disable=import-outside-toplevel # it imports this module
    return foreign.copy(path)
