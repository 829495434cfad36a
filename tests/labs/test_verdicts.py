"""Every verdict of every lab: what fails fails with its own hint, what is right passes, again and again.

    /usr/bin/python3 -m pytest tests/labs [--build-dir build] [--times 20]

tests/labs/NN: answer.c passes, and answer_*.c, which are right in another way. wrong_*.c has `/* hint: MISTAKE */` in its
first line, and fails by that mistake. The start fails. The full server of the lab's words passes.
"""
import pathlib
import re

import lab_check
import language
import pytest
from answers import whole

HERE = pathlib.Path(__file__).resolve().parent
LABS = lab_check.all_labs()


def mistake_of(path):
    """By which a wrong answer is to fail; None: it is right."""
    found = re.match(r"/\* hint: (\w+) \*/", path.read_text(encoding="utf-8"))
    return found and found[1]


def files(pattern, most):
    """(lab, file) of all labs. All but the first `most` of each lab have the marker `full`: the short form shows that a
    lab tells right from wrong, and not that it knows every mistake by name."""
    for lab in LABS:
        for number, path in enumerate(sorted((HERE / f"{lab.number:02}").glob(pattern))):
            more = [pytest.mark.full] if number >= most else []
            yield pytest.param(lab, path, id=f"{lab.number:02}-{path.stem}",
                               marks=[pytest.mark.xdist_group(lab.directory.name), *more])


@pytest.fixture(name="verdicts")
def fixture_verdicts(request, tmp_path):
    """verdicts(lab, file or, with words=, a program): what came of it, as often as is asked. A file is compiled once."""
    def judge_again_and_again(lab, path, words=None):
        try:
            if not words:
                source = tmp_path / lab.file
                source.write_text(whole(lab, path), encoding="utf-8")
                words = [lab_check.compiled(lab, source, tmp_path)]
        except lab_check.Verdict as verdict:
            pytest.fail(f"{path}: {said(verdict)}")
        for _ in range(request.config.getoption("--times")):
            yield lab_check.judge(lab, path, words=words)
    return judge_again_and_again


def said(verdict):
    """What a failed test shows."""
    return verdict and (verdict.step, verdict.mistake, verdict.figures)


@pytest.mark.parametrize("lab, path", files("answer*.c", most=1))
def test_an_answer_passes(lab, path, verdicts):
    """And each of the three questions has an outcome."""
    for verdict, check in verdicts(lab, path):
        assert verdict is None, said(verdict)
        assert check.steps == list(lab.words["steps"]), "every step was made"
        assert set(check.outcomes) == {question["key"] for question in lab.words["questions"]}


@pytest.mark.parametrize("lab, path", files("wrong_*.c", most=1))
def test_a_wrong_answer_fails_with_its_own_hint(lab, path, verdicts):
    """By the mistake that its first line names."""
    for verdict, _ in verdicts(lab, path):
        assert verdict is not None, "it passed"
        assert verdict.mistake == mistake_of(path), said(verdict)


@pytest.mark.full  # ten seconds of building
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.directory.name)
def test_the_start_fails(lab, verdicts):
    """It compiles, and it is not done."""
    for verdict, _ in verdicts(lab, lab.directory / "start.c"):
        assert verdict is not None, "it passed"


@pytest.mark.parametrize("lab", [lab for lab in LABS if "full" in lab.words], ids=lambda lab: lab.directory.name)
def test_the_full_server_passes(lab, verdicts, request):
    """What a lab asks for, the full server does."""
    build = request.config.getoption("--build-dir")
    if build is None:
        pytest.skip("no --build-dir")
    program, *more = lab.words["full"]
    for verdict, _ in verdicts(lab, None, words=[build.resolve() / program, *more]):
        assert verdict is None, said(verdict)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.directory.name)
def test_a_lab_is_whole(lab):
    """Three questions, three hints, both languages, at least four wrong answers, no mistake and no step without use."""
    words, judge = lab.words, (lab.directory / "check.py").read_text(encoding="utf-8")
    assert len(words["questions"]) == len(words["hints"]) == 3
    texts = [words["title"], words["because"], words["read"], *words["questions"], *words["hints"],
             *(text for group in ("steps", "mistakes") for pair in words[group].values() for text in pair.values())]
    assert all(text["en"].strip() and re.search("[\u4e00-\u9fff]", text["zh"]) for text in texts)
    for text in texts:
        assert sorted(re.findall(r"{(\w+)}", text["en"])) == sorted(re.findall(r"{(\w+)}", text["zh"])), text["en"]
    assert len(list((HERE / f"{lab.number:02}").glob("wrong_*.c"))) >= 4
    assert [name for name in (*words["mistakes"], *words["steps"]) if f'"{name}"' not in judge] == []


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.directory.name)
def test_the_text_is_there_in_both_languages(lab):
    """With the same headings in number, the same claim, and the same code."""
    english, chinese = language.halves((lab.directory / "lab.md").read_text(encoding="utf-8"))
    assert chinese
    for part in (r"^#+ ", r"^```.*?^```$"):
        found = [re.findall(part, text, re.MULTILINE | re.DOTALL) for text in (english, chinese)]
        assert found[0] and found[0] == found[1]
    claims = [line for line in english.splitlines() if line.startswith("> ") and re.search("[\u4e00-\u9fff]", line)]
    assert claims and all(line in chinese for line in claims)
