"""Several comparisons held against one another: contradictions are found, and every control is listed."""
import agreement
import database
import made_results
import pytest

POINT = ("ping-pong", "echo", 50)


def made(directory, aio, control, word=None):
    """A directory of results in which aio has this ratio to the floor, and nio this one to itself."""
    directory.mkdir()
    db = made_results.of_scenario("quick")
    made_results.add_race(db, {("aio", "floor"): (sum(aio) / 2, *aio, word or ("more" if aio[0] > 1 else "less")),
                               ("control", "nio"): (1, *control, "open")})
    with database.connect(directory / "results.db") as file:
        db.backup(file)
    return str(directory)


def test_runs_that_agree(tmp_path, capsys):
    """Intervals that meet, and controls that enclose 1."""
    runs = [made(tmp_path / name, aio, (0.98, 1.02)) for name, aio in (("a", (1.03, 1.06)), ("b", (1.05, 1.09)))]
    assert agreement.main(runs) == 0
    said = capsys.readouterr().out
    assert "Contradictions\n\nNone." in said and "do not meet\n\nNone." in said and "Here 0 of 2 did." in said


@pytest.mark.parametrize("other, word, status, found", [
    ((0.9, 0.95), None, 1, "Contradictions\n\n| "),
    ((1.2, 1.3), None, 0, "do not meet\n\n| "),
    ((0.99, 1.01), "open", 0, "do not meet\n\n| ")])
def test_what_does_not_agree_is_told(tmp_path, capsys, other, word, status, found):
    """Faster and slower: a contradiction. Twice faster, by figures that have nothing in common: told, too."""
    runs = [made(tmp_path / "a", (1.03, 1.06), (0.98, 1.02)), made(tmp_path / "b", other, (1.01, 1.02), word)]
    assert agreement.main(runs) == status
    said = capsys.readouterr().out
    assert found in said and "Here 1 of 2 did." in said


def test_one_run_has_nothing_to_agree_with(tmp_path):
    with pytest.raises(agreement.Failure, match="two or more"):
        agreement.main([str(tmp_path)])
