"""A database of somebody else is data: what is in it is neither executed nor obeyed."""
import os
import sqlite3

import database
import hostile_results
import pytest
from terminal import Failure


def changed(path, *statements):
    """A copy of the reference with these statements run on it."""
    hostile_results.reference(path)
    with sqlite3.connect(path / "results.db") as db:
        for statement in statements:
            db.execute(statement)
    db.close()
    return path / "results.db"


def test_statements_end_where_they_end():
    """Neither in a comment nor between quotes."""
    text = "-- one; two\nselect ';'; select 1 /* ; */;\n-- the end; or not"
    assert [one.split("\n")[-1].strip() for one in database.statements(text)] == ["select ';';", "select 1 /* ; */;"]


def test_a_file_of_statements_takes_bound_values():
    """And gives the rows of the last SELECT."""
    db = database.words()
    database.make_views(db)
    assert db.execute("select count(*) from profile where name = 'ladder'").fetchone()[0] == 1


def test_the_rows_of_the_reference_are_all_there():
    """And the views are ours."""
    path = database.SCRIPTS.parent / "results/reference/results.db"
    theirs = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    ours = database.open_foreign(path)
    for table in ("run", "plan", "histogram", "metadata", "journey_event", "model"):
        count = f"select count(*) from {table}"
        assert ours.execute(count).fetchone()[0] == theirs.execute(count).fetchone()[0]
    row = "select * from run where id = 7"
    there = theirs.execute(row)
    there = dict(zip([column[0] for column in there.description], there.fetchone()))
    here = dict(ours.execute(row).fetchone())
    both = here.keys() & there.keys()  # results may be older: columns come and go
    assert len(both) > 60 and all(here[name] == there[name] for name in both)
    theirs.close()


def test_a_view_whose_name_is_a_statement(tmp_path):
    """It is not there any more, and what its name says has not happened; neither in a database of our own."""
    path = changed(tmp_path, 'create view "x; drop table run; --" as select 1', 'create view "a""b" as select 1')
    assert database.open_foreign(path).execute("select count(*) from run").fetchone()[0] > 0
    db = database.connect(path)
    database.make_views(db)
    assert db.execute("select count(*) from run").fetchone()[0] > 0
    assert not db.execute("select 1 from sqlite_master where name like 'x;%' or name like 'a\"b'").fetchone()
    db.close()


def test_a_view_in_a_tables_place_is_not_read(tmp_path):
    """What it would compute is somebody else's program."""
    path = changed(tmp_path, "drop table note", "create view note as select writefile('harmed', 'x') as text")
    assert not database.open_foreign(path).execute("select * from note").fetchall()


def test_a_view_in_a_tables_clothes_is_refused(tmp_path):
    """A row of the schema that says table, and whose text makes a view that calls a function."""
    path = changed(tmp_path, "pragma writable_schema = on",
                   "update sqlite_master set sql = 'create view note as select upper(key) as text from metadata' where name = 'note'")
    with pytest.raises(Failure) as caught:
        database.open_foreign(path)
    assert "\n" not in str(caught.value)


def test_virtual_tables_are_not_asked(tmp_path):
    """They run their module's code."""
    path = changed(tmp_path, "drop table note", "create virtual table note using fts5(text)", "insert into note values ('harm')")
    assert not database.open_foreign(path).execute("select * from note").fetchall()


def test_more_rows_than_any_run_has(tmp_path):
    """They are not taken in until memory ends."""
    path = changed(tmp_path, """insert into note with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000)
                                select 'note ' || i from n""")
    with pytest.raises(Failure, match="table note, has more than 50,000 rows"):
        database.open_foreign(path)


def test_a_column_that_is_computed_is_not_read(tmp_path):
    """A generated column runs functions whenever it is read."""
    path = changed(tmp_path, "drop table note",
                   "create table note (a text, text text generated always as (upper(a)) virtual)",
                   "insert into note (a) values ('harm')")
    with pytest.raises(Failure, match="no column of ours"):
        database.open_foreign(path)


def test_triggers_are_not_run(tmp_path):
    """They would be, if rows were written there."""
    path = changed(tmp_path, "create trigger harm before insert on note begin delete from run; end")
    assert database.open_foreign(path).execute("select count(*) from run").fetchone()[0] > 0


def test_what_a_terminal_obeys_is_taken_out(tmp_path):
    """Escape codes, and what turns the direction of writing; a text is a text otherwise."""
    db = database.open_foreign(hostile_results.with_harm(tmp_path) / "results.db")
    texts = "".join(row[0] for row in db.execute("select value from metadata union all select text from note"))
    assert "onerror=harm()" in texts
    assert not set("\x1b\x07\u202e") & set(texts)


@pytest.mark.parametrize("statement, says", [
    ("update run set messages = 'many' where id = 3", "table run, row 3: a str where a number belongs"),
    ("update run set window_s = 9e999 where id = 3", "table run, row 3: a float where"),
    ("update metadata set value = x'00' where key = 'date'", "no text"),
    ("update metadata set value = printf('%.30000c', 'x') where key = 'date'", "20,000 characters"),
    ("update run set status = 'maybe' where id = 3", "CHECK constraint"),
    ("drop table run", "lacks the table run"),
])
def test_values_of_another_kind(tmp_path, statement, says):
    """One line says where it is, and nothing is taken."""
    with pytest.raises(Failure, match=says) as caught:
        database.open_foreign(changed(tmp_path, "pragma ignore_check_constraints = on", statement))
    assert "\n" not in str(caught.value)


def test_what_is_no_database(tmp_path):
    """A text, nothing, a directory, a part of a database, a pipe: one line."""
    whole = hostile_results.reference(tmp_path) / "results.db"
    (tmp_path / "text").write_text("no database, but long enough to be looked at as one\n" * 100)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "part").write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
    os.mkfifo(tmp_path / "pipe")
    for name in ("text", "empty", "part", "pipe", "absent", "."):
        with pytest.raises(Failure) as caught:
            database.open_foreign(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_what_is_huge(tmp_path):
    """It is not opened at all."""
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(600 << 20)
    with pytest.raises(Failure, match="512 MiB"):
        database.open_foreign(tmp_path / "huge")


def test_a_journal_beside_it_is_not_played_back(tmp_path):
    """A journal names files that SQLite would delete."""
    path = hostile_results.reference(tmp_path) / "results.db"
    (tmp_path / "results.db-journal").write_bytes(b"x")
    with pytest.raises(Failure, match="being written"):
        database.open_foreign(path)


@pytest.mark.parametrize("name", ["it's", "a b", "per%20cent", "what?mode=rwc#x", "große"])
def test_any_name_of_a_directory(tmp_path, name):
    """It is no part of a URI, nor of a command."""
    (tmp_path / name).mkdir()
    path = hostile_results.reference(tmp_path / name, "scale") / "results.db"
    path.chmod(0o444)
    before = path.read_bytes()
    assert database.open_foreign(path).execute("select count(*) from run").fetchone()[0] == 185
    assert path.read_bytes() == before and os.listdir(tmp_path / name) == ["results.db"]
