"""foreign.py - a results.db from another person: results are shared, so a file may have been made to do harm.

The rows of the tables and columns in schema.sql are copied into a database that we make. Views, triggers, generated
columns and virtual tables of the file are not used: SQLite calls `allowed` for everything that a statement does, which
permits only reading a column of a real table. Characters that control a terminal are removed from texts.
"""
import contextlib
import math
import os
import pathlib
import re
import shlex
import sqlite3

import database
from terminal import Failure

FILE_LIMIT_BYTES = 512 << 20
ROW_LIMIT = 50_000
ROW_LIMITS = {"histogram": 5_000_000, "syscall": 500_000}
TEXT_LIMIT = 20_000
NAME_ANOTHER = "name a directory that compare.sh wrote"

# Control characters but tab and newline, and those that turn the direction of writing.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def copy(path):
    """See database.open_foreign."""
    path = pathlib.Path(path)
    with contextlib.ExitStack() as stack:
        foreign = stack.enter_context(contextlib.closing(opened(path)))
        try:
            return copied(foreign, path)
        except sqlite3.Error as error:
            raise Failure(f"'{path}' cannot be read as results: {error}; {NAME_ANOTHER}") from error


def opened(path):
    """The file, opened as it is: SQLite applies no journal beside it, and takes no lock."""
    try:
        size_bytes = os.stat(path).st_size
        journals = [name for name in (f"{path}-journal", f"{path}-wal")
                    if os.path.exists(name) and os.stat(name).st_size]
    except OSError as error:
        raise Failure(f"'{path}' cannot be read: {error.strerror}") from error
    if not path.is_file() or size_bytes > FILE_LIMIT_BYTES:
        raise Failure(f"'{path}' is no file, or more than {FILE_LIMIT_BYTES >> 20} MiB: {NAME_ANOTHER}")
    if journals:
        raise Failure(f"'{path}' has a journal beside it, so it is being written: wait for the end. If that was your own "
                      f"comparison, and it was killed, `sqlite3 {shlex.quote(str(path))} .tables` takes back what is "
                      "half written")
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise Failure(f"'{path}' cannot be opened: {error}") from error
    db.text_factory = lambda stored: stored.decode("utf-8", "replace")
    db.execute("pragma trusted_schema = off")
    db.set_authorizer(allowed)
    return db


def known_tables(db, ours):
    """Of our tables those that are there: name, and its columns that are stored. A virtual table has no page of its
    own, a generated column is hidden."""
    names = [name for name, in db.execute("select name from main.sqlite_master where type = 'table' and rootpage > 0")]
    return {name: {row[1] for row in db.execute(f"pragma main.table_xinfo({name})") if row[6] == 0}
            for name in ours if name in names}


def allowed(action, first, second, _database, inside):
    """Reading a table, and nothing else: no function, no other pragma, no other file, nothing inside a view or
    trigger. A statement that does more is refused."""
    reads = action == sqlite3.SQLITE_SELECT or action == sqlite3.SQLITE_READ and first and second is not None
    describes = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    return sqlite3.SQLITE_OK if (reads or describes) and inside is None else sqlite3.SQLITE_DENY


def copied(foreign, path):
    """A new database with the rows of this one. sqlite3.Error: it is no database, or a damaged one."""
    db = database.connect(":memory:")
    database.run_file(db, "schema")
    ours = [row[0] for row in db.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%'")]
    theirs = known_tables(foreign, ours)
    needed = {"setting", "metadata", "plan", "run", "model", "workload", "profile"}
    if not needed <= theirs.keys():
        raise Failure(f"'{path}' lacks the table {min(needed - theirs.keys())}: {NAME_ANOTHER}")
    db.execute("begin")
    for table in theirs:
        copy_table(foreign, db, table, theirs[table], path)
    db.execute("commit")
    database.make_views(db)
    return db


def copy_table(foreign, db, table, theirs, path):
    """Copies the columns that both have; what is missing gets its default."""
    columns = [(row[1], row[2]) for row in db.execute(f"pragma table_info({table})") if row[1] in theirs]
    if not columns:
        raise Failure(f"'{path}' has a table {table} with no column of ours: {NAME_ANOTHER}")
    names = ", ".join(database.quoted(name) for name, _ in columns)
    insert = f"insert into {table} ({names}) values ({', '.join('?' * len(columns))})"
    limit = ROW_LIMITS.get(table, ROW_LIMIT)
    for number, row in enumerate(foreign.execute(f"select {names} from main.{table}"), 1):
        if number > limit:
            raise Failure(f"'{path}', table {table}, has more than {limit:,} rows: {NAME_ANOTHER}")
        try:
            db.execute(insert, [plain(value, kind) for value, (_, kind) in zip(row, columns)])
        except (ValueError, sqlite3.IntegrityError) as error:
            raise Failure(f"'{path}', table {table}, row {number}: {error}; {NAME_ANOTHER}") from error


def plain(value, kind):
    """The value as a column of that type has it. ValueError: it is another type, or too long."""
    if value is None:
        return None
    if kind.lower() == "text":
        text = value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else None
        if text is None or len(text) > TEXT_LIMIT:
            raise ValueError(f"no text, or one of more than {TEXT_LIMIT:,} characters")
        return OBEYED.sub("\ufffd", text)
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"a {type(value).__name__} where a number belongs")
    return value
