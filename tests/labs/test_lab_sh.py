"""lab.sh as a student meets it: nothing of his is lost, and whatever he does costs him one clear line."""
import csv
import os
import pathlib
import shutil
import subprocess

import lab_check
import pytest
from answers import whole

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "tests/labs/04"
LAB = lab_check.Lab(REPOSITORY / "labs/04_selector")
PREDICTIONS = "1\n18\n20\n"

HOSTILE = {
    "forks": ("for (;;) fork();", {"spins", "crashed", "not_listening", "never_ends", "too_long"}),
    "floods": ("for (;;) printf(\"listening on \"), fflush(stdout);", {"not_listening"}),
    "writes": ("FILE *f = fopen(\"/tmp/io-models-lab-of-a-student\", \"w\"); fputs(\"x\", f); fclose(f); pause();",
               {"writes_files"}),
    "spins": ("for (;;);", {"spins", "never_ends", "not_listening"}),
    "sleeps": ("pause();", {"not_listening"}),
    "ends": ("exit(0);", {"exited"}),
    "leaves its group": ("if (fork() == 0) { setsid(); for (;;) pause(); } exit(0);", {"exited"}),
}


@pytest.fixture(name="lab")
def fixture_lab(tmp_path):
    """lab(word...): runs lab.sh. Its files are in a directory whose name is three words and a quotation mark."""
    home = tmp_path / "it's my lab"
    (tmp_path / "work").mkdir()

    def run(*words, answers="", status=0, **environment):
        done = subprocess.run([REPOSITORY / "scripts/lab.sh", *map(str, words)], input=answers, capture_output=True, text=True,
                              check=False, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "IO_LABS": str(home),
                                                "LANG": "en_US.UTF-8", "TMPDIR": str(tmp_path / "work"), **environment})
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done
    run.home = home
    run.file = home / "04_selector/selector.c"
    return run


def hand_in(name, file):
    """Writes the student's file with this answer in it."""
    file.write_text(whole(LAB, SOURCES / name), encoding="utf-8")


def one_line(done):
    """What it said, which is one line."""
    assert done.stderr.count("\n") == 1 and not done.stdout, done.stderr
    return done.stderr


@pytest.fixture(name="begun")
def fixture_begun(lab):
    """The same, with lab 4 started and predicted."""
    lab("start", 4)
    lab("predict", 4, answers=PREDICTIONS)
    return lab


def test_the_way_through_a_lab(lab):
    """From start to the sentence, and what is kept of it."""
    assert "selector.c" in lab("start", 4).stdout
    assert "predict first" in one_line(lab("check", 4, status=2))
    lab("predict", 4, answers="none\n1\n18\n20\n")
    failed = lab("check", 4, status=1).stdout
    assert failed.count("\nFAIL") + failed.startswith("FAIL") == 1 and "a hint:" in failed
    assert "tried" in lab("status").stdout
    hand_in("answer.c", lab.file)
    passed = lab("check", 4, answers="It sleeps in the kernel, and has no stack.\n").stdout
    assert passed.count("OK") == 8 and "Lab 4 passed." in passed and "as you said" in passed
    assert "Because" not in lab("check", 4).stdout, "it is asked once"
    assert "passed" in lab("status").stdout
    assert "no stack" in (lab.home / "04_selector/lab.json").read_text(encoding="utf-8")


def test_three_hints_and_no_fourth(begun):
    for number in (1, 2, 3):
        assert begun("hint", 4).stdout.count("hint ") == number
    assert "no further hint" in begun("hint", 4).stdout


def test_nothing_of_the_student_is_overwritten(begun):
    """A second start, and two resets."""
    begun.file.write_text("mine 1", encoding="utf-8")
    begun("start", 4)
    begun("reset", 4)
    begun.file.write_text("mine 2", encoding="utf-8")
    begun("reset", 4)
    assert [(begun.file.parent / f"selector.c.{number}").read_text(encoding="utf-8") for number in (1, 2)] == ["mine 1", "mine 2"]
    assert "write: from here" in begun.file.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [(), ("check",), ("check", 0), ("check", 99), ("check", "four"), ("start", 4, 5), ("batch",),
                                   ("batch", "/nowhere"), ("dance", 4)])
def test_wrong_words_are_one_line(lab, words):
    if words:
        one_line(lab(*words, status=2))
    else:
        assert "Selector" in lab().stdout


def test_what_is_broken_says_how_to_get_it_back(begun):
    """A state that is none, a file that is gone, a lab that is not started."""
    (begun.home / "04_selector/lab.json").write_text("{", encoding="utf-8")
    assert "lab.json" in one_line(begun("hint", 4, status=2))
    begun.file.unlink()
    assert "reset 4" in one_line(begun("check", 4, status=2))
    shutil.rmtree(begun.home)
    assert "start 4" in one_line(begun("check", 4, status=2))


def test_a_place_that_cannot_be_made_is_one_line(lab, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "IO_LABS" in one_line(lab("start", 4, status=2, IO_LABS=str(tmp_path / "file/labs")))


def test_answers_that_end_too_early(lab):
    lab("start", 4)
    assert "answers ended" in lab("predict", 4, answers="1\n", status=2).stderr
    assert "predict first" in one_line(lab("check", 4, status=2)), "nothing is kept of half the answers"


def test_a_compiler_error_is_told_with_its_line(begun):
    """The first one, and no more."""
    text = begun.file.read_text(encoding="utf-8").replace("pause();", "pause()", 1)
    begun.file.write_text(text, encoding="utf-8")
    said = begun("check", 4, status=1).stdout
    assert "line 1" in said and said.count("expected ‘;’") == 1


SHORT = "leaves its group",  # it would outlive its test


@pytest.mark.parametrize("about", [pytest.param(name, marks=[] if name in SHORT else pytest.mark.full) for name in HOSTILE])
def test_a_program_out_of_hand_is_stopped(begun, about, tmp_path):
    """One mistake is told, nothing is left running, and no file is written."""
    body, mistakes = HOSTILE[about]
    begun.file.write_text(f"#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint main(void) {{ {body} }}\n",
                          encoding="utf-8")
    said = begun("check", 4, status=1).stdout
    assert "FAIL" in said and "a hint:" in said
    state = (begun.home / "04_selector/lab.json").read_text(encoding="utf-8")
    assert any(f": {mistake}" in state for mistake in mistakes), state
    assert not subprocess.run(["pgrep", "-f", f"{tmp_path}/work/"], capture_output=True, check=False).stdout
    written = pathlib.Path("/tmp/io-models-lab-of-a-student")
    assert not written.exists() or written.stat().st_size == 0
    written.unlink(missing_ok=True)


@pytest.mark.full  # a lab is judged in ten other tests of the short form
def test_what_a_program_prints_is_shown_and_never_blocks_it(begun):
    """More than a pipe holds, on both outputs; the last lines are shown."""
    text = whole(LAB, SOURCES / "answer.c")
    noise = 'static int calls; for (int i = 0; calls < 3 && i < 30000; i++) { fprintf(stderr, "line %d\\n", i); printf("\\nout"); } calls++;'
    begun.file.write_text("#include <stdio.h>\n" + text.replace("    ssize_t count = recv(", f"    {noise}\n    ssize_t count = recv(", 1),
                          encoding="utf-8")
    said = begun("check", 4).stdout
    assert "Lab 4 passed." in said and 0 < said.count("printed:") <= 12


@pytest.mark.full  # a lab is judged in ten other tests of the short form
def test_a_pass_stays_one(begun):
    """Who breaks his file afterwards, as the text says, has passed."""
    hand_in("answer.c", begun.file)
    begun("check", 4)
    hand_in("wrong_spins.c", begun.file)
    begun("check", 4, status=1)
    said = begun("status").stdout
    assert "passed" in said and "last failed" in said


@pytest.mark.full  # a lab is judged in ten other tests of the short form
def test_a_file_is_built_to_be_run_by_hand(begun):
    begun("build", 4)
    assert os.access(begun.file.with_suffix(""), os.X_OK)
    begun.file.write_text("int main(void) { return 0 }", encoding="utf-8")
    assert "line 1" in begun("build", 4, status=1).stdout


def test_chinese_where_lang_says_so(begun):
    assert "已预测" in begun("status", LANG="zh_CN.UTF-8").stdout
    assert "已预测" in begun("status", LC_ALL="zh_CN.UTF-8", LANG="C").stdout
    assert "predicted" in begun("status", LANG="zh_CN.UTF-8", LC_ALL="C").stdout


@pytest.mark.full  # a lab is judged in ten other tests of the short form
def test_a_class_is_judged_into_a_table(lab, tmp_path):
    """One who is right, one who is not, one who handed in nothing, and a name that is hostile to CSV."""
    for student, source in (("anna", "answer.c"), ('b,"o"b', "wrong_spins.c"), ("carl", None)):
        place = tmp_path / "class" / student / "04_selector"
        place.mkdir(parents=True)
        if source:
            hand_in(source, place / "selector.c")
    rows = list(csv.DictReader(lab("batch", tmp_path / "class").stdout.splitlines()))
    assert [(row["student"], row["verdict"], row["mistake"]) for row in rows] == [
        ("anna", "passed", ""), ('b,"o"b', "failed", "spins"), ("carl", "missing", "")]
