"""lab.py - the labs: lab.sh list | start | predict | build | check | hint | status | reset | batch.

A student's files are in ~/io-models-labs (or $IO_LABS), never in the checkout: NN_name/ with lab.md, the C file, and
lab.json, which keeps predictions and what came of them. Nothing of the student's is overwritten.
"""
import itertools
import json
import os
import pathlib
import shutil
import sys

import lab_batch
import lab_check
import lab_words
from language import halves, is_chinese
from lab_words import coloured, labelled, tell, text
from terminal import Failure, say

STATE = "lab.json"
NO_STATE = {"predictions": {}, "hints": 0, "because": "", "verdict": "", "passed": False}
SAID_LINES = 12  # of what a program has printed, the last ones


def main(arguments):
    """lab.sh. Status 0; 1 after a check that failed."""
    commands = {"start": start, "build": build, "predict": predict, "check": check, "hint": hint, "reset": reset}
    command, *more = arguments or ["list"]
    if command == "list" and not more:
        return show_list()
    if command == "status" and not more:
        return status()
    if command == "batch":
        return lab_batch.main(more)
    if command not in commands or len(more) != 1:
        raise Failure(f"'{' '.join(arguments)}': give one of list, start N, predict N, build N, check N, hint N, "
                      "status, reset N, batch DIR; try --help")
    return commands[command](Work(number_of(more[0])))


def number_of(word):
    """The lab of this number."""
    labs = lab_check.all_labs()
    for lab in labs:
        if word.isdigit() and int(word) == lab.number:
            return lab
    raise Failure(text("no_lab", number=word, last=labs[-1].number))


def home():
    """Where the student's files are."""
    place = os.environ.get("IO_LABS")
    return pathlib.Path(place) if place else pathlib.Path.home() / "io-models-labs"


class Work:
    """One student's lab: its directory, and what is kept there."""

    def __init__(self, lab):
        self.lab = lab
        self.directory = home() / lab.directory.name
        self.file = self.directory / lab.file

    def must_exist(self):
        """Failure unless it is started and its file is there."""
        if not self.directory.is_dir():
            raise Failure(text("not_started", number=self.lab.number))
        if not self.file.is_file():
            raise Failure(text("no_file", number=self.lab.number, file=self.file))

    def state(self):
        """What is kept."""
        path = self.directory / STATE
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(kept, dict) or not isinstance(kept.get("predictions", {}), dict):
                raise ValueError("it holds something else")
        except FileNotFoundError:
            kept = {}
        except (OSError, ValueError) as error:
            raise Failure(text("broken_state", file=path, error=error)) from error
        return {**NO_STATE, **kept}

    def keep(self, **changes):
        """Keeps it: a new file takes the place of the old one."""
        new = self.directory / f"{STATE}.new"
        new.write_text(json.dumps({**self.state(), **changes}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(new, self.directory / STATE)

    def put(self, name, content):
        """A new file of ours; one that is there stays."""
        with open(self.directory / name, "x", encoding="utf-8") as file:
            file.write(content)


def title(lab):
    """In the reader's language."""
    return lab_words.of(lab.words["title"])


# ---------------------------------------------------------------------- the commands

def show_list():
    """A line for each lab."""
    for lab in lab_check.all_labs():
        say(f"{lab.number:>2}  {title(lab)}  ({text('minutes', minutes=lab.words['minutes'])})")
    return 0


def start(work):
    """Copies what the student needs."""
    lab = work.lab
    if work.directory.exists():
        tell("there_already", number=lab.number, file=work.file)
        return 0
    try:
        work.directory.mkdir(parents=True)
        work.put("lab.md", halves((lab.directory / "lab.md").read_text(encoding="utf-8"))[is_chinese()])
        work.put(lab.file, (lab.directory / "start.c").read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"'{work.directory}' cannot be made: {error.strerror}; IO_LABS names another place") from error
    tell("started", number=lab.number, title=title(lab), file=work.file, text=work.directory / "lab.md")
    return 0


def predict(work):
    """Asks the three questions, and keeps the answers."""
    work.must_exist()
    tell("predict")
    answers = {}
    for number, question in enumerate(work.lab.words["questions"], 1):
        say(labelled(f"{number}.", lab_words.of(question), indent=3))
        answers[question["key"]] = answer_to(question)
    work.keep(predictions=answers)
    tell("predicted", number=work.lab.number)
    return 0


def answer_to(question):
    """A number, or one of the choices, or a line."""
    choices = question.get("choices")
    while True:
        print("   > ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            raise Failure(text("ended_input"))
        line = line.strip()
        if choices and line in choices:
            return line
        if choices:
            tell("a_choice", choices=", ".join(choices))
        elif question.get("number") and not line.isdigit():
            tell("a_number")
        elif line:
            return int(line) if question.get("number") else line


def build(work):
    """Compiles the student's file beside it, to be run by hand."""
    work.must_exist()
    try:
        tell("built", program=lab_check.compiled(work.lab, work.file, work.directory))
    except lab_check.Verdict as verdict:
        tell_verdict(work.lab, verdict)
        return 1
    return 0


def check(work):
    """Compiles, judges, shows, keeps."""
    work.must_exist()
    state = work.state()
    if not state["predictions"]:
        raise Failure(text("predict_first", number=work.lab.number))
    verdict, judged = lab_check.judge(work.lab, work.file, lambda step: tell_step(work.lab, step))
    work.keep(verdict="passed" if verdict is None else f"failed at {verdict.step}: {verdict.mistake}",
              passed=state["passed"] or verdict is None)
    tell_said(judged.said())
    if verdict is not None:
        tell_verdict(work.lab, verdict)
        tell_foretold(work.lab, state["predictions"], judged.outcomes)
        return 1
    say(coloured(text("passed", number=work.lab.number), 32))
    tell_foretold(work.lab, state["predictions"], judged.outcomes)
    ask_because(work, state)
    return 0


def tell_step(lab, key):
    """A step that passed."""
    say(labelled("ok", lab_words.of(lab.steps[key]["did"]), colour=32))


def tell_said(lines):
    """What the student's program has printed."""
    for line in lines[-SAID_LINES:]:
        say(labelled("said", line))


def tell_verdict(lab, verdict):
    """What was done, what came, what should have, and the hint."""
    step, mistake = lab.steps[verdict.step], lab.mistakes[verdict.mistake]
    say(labelled("failed", lab_words.of(step["did"]), colour=31))
    for key, words in (("came", lab_words.of(mistake["came"], **verdict.figures)), ("should", lab_words.of(step["should"])),
                       ("hint", lab_words.of(mistake["hint"]))):
        say(labelled(key, words))


def tell_foretold(lab, predictions, outcomes):
    """Prediction beside outcome, once there is one."""
    if not outcomes:
        return
    tell("foretold")
    for question in lab.words["questions"]:
        key = question["key"]
        expected, came = predictions.get(key, "-"), outcomes.get(key)
        mark = "seen_later" if came is None else "right" if str(came) == str(expected) else "wrong"
        say(labelled("-", lab_words.of(question), indent=2))
        say("  " + text("row", expected=expected, came="?" if came is None else came, mark=text(mark)))


def ask_because(work, state):
    """One sentence, which is kept; asked once."""
    if not state["because"]:
        say(labelled("", text("because", text=lab_words.of(work.lab.words["because"])), indent=0))
        print("   > ", end="", flush=True)
        line = sys.stdin.readline().strip()
        if not line:
            say()
            return
        work.keep(because=line)
    say(labelled("", text("because_kept", text=lab_words.of(work.lab.words["read"])), indent=0))


def hint(work):
    """Those revealed before, and the next one."""
    work.must_exist()
    hints, shown = work.lab.words["hints"], work.state()["hints"]
    for step, words in enumerate(hints[:shown + 1], 1):
        say(labelled("", f"{text('hint_step', step=step, steps=len(hints))} {lab_words.of(words)}", indent=0))
    if shown >= len(hints):
        tell("no_more_hints")
    work.keep(hints=min(shown + 1, len(hints)))
    return 0


def status():
    """A line for each lab."""
    for lab in lab_check.all_labs():
        work = Work(lab)
        mark, colour, more = "state_none", 0, ""
        if work.directory.is_dir():
            state = work.state()
            mark = "state_predicted" if state["predictions"] else "state_started"
            if state["verdict"]:
                mark, colour = ("state_passed", 32) if state["passed"] else ("state_failed", 31)
                more = failed_at(lab, state["verdict"])
        tell("status", number=lab.number, mark=coloured(text(mark), colour) if colour else text(mark), title=title(lab))
        if more:
            say(labelled("", more))
    return 0


def failed_at(lab, verdict):
    """The step of `failed at STEP: MISTAKE`, in words."""
    step = verdict.removeprefix("failed at ").partition(":")[0]
    return text("failed_at", step=lab_words.of(lab.steps[step]["did"])) if step in lab.steps else ""


def reset(work):
    """The student's file gets another name; a new one takes its place."""
    if not work.directory.is_dir():
        return start(work)
    kept = None
    if work.file.exists():
        names = (work.file.with_name(f"{work.file.name}.{number}") for number in itertools.count(1))
        kept = next(path for path in names if not path.exists())
        os.rename(work.file, kept)
    shutil.copyfile(work.lab.directory / "start.c", work.file)
    tell("reset", kept=kept or "-", file=work.file)
    return 0
