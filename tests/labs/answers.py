"""The files of tests/labs/NN: what somebody has written between the two marks of a lab's start.c, and nothing else; or,
where the mistake is outside of them, a whole file, which begins as start.c does."""
import re

MARKS = re.compile(r"(/\* write: from here.*?\*/).*(/\* \.\.\.to here.*?\*/)", re.DOTALL)


def whole(lab, path):
    """The student's file with this in it."""
    start, text = (where.read_text(encoding="utf-8") for where in (lab.directory / "start.c", path))
    if start.splitlines()[0] in text.splitlines()[:2]:
        return text
    return MARKS.sub(lambda marks: f"{marks[1]}\n\n{text}\n{marks[2]}", start)
