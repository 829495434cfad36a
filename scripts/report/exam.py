#!/usr/bin/env python3
"""The backtrace exam: what do the stacks of a stopped server show about one client?

    exam.py BUILD_DIR OUT_DIR

For each model: a WebSocket server, eight ordinary clients, and the client in question, which has sent three messages
and half of a fourth. gdb stops the server, and exam_gdb.py answers five questions from the stacks alone. OUT_DIR gets
exam.tsv         model, question (1-5), answered (0 or 1; nothing: could not be asked), evidence exam/MODEL.txt   the
stacks, and the answers
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import serving
from exam_client import UPGRADE, WebSocket, frame, pattern
from serving import environment

ORDINARY = 8
WHOLE_MESSAGES = 3
GDB_LIMIT_S = 120
READ_LIMIT_S = 10
TRANSCRIPT_LINES_MAX = 150

# The pool has room for all, and not 200 stacks to read.
OPTIONS = {"pseudo_async": ["--workers", "12"]}

QUESTIONS = ["which client?", "how far?", "waiting for what?", "since which request?", "what comes next?"]


def ordinary(server):
    """A client that has had some answers, and is silent now."""
    client = WebSocket(server.address)
    for size in (20, 200):
        client.roundtrip(pattern(size))
    return client


def given(server):
    """The client in question, and how many bytes it has sent."""
    client = WebSocket(server.address)
    frames = [frame(pattern(40 + number, number)) for number in range(WHOLE_MESSAGES)]
    for number in range(WHOLE_MESSAGES):
        client.roundtrip(pattern(40 + number, number))
    half = frame(pattern(200))[:100]
    client.send(half)
    return client, sum(map(len, [UPGRADE, *frames, half]))


def is_read(server, client):
    """Has the server taken all that the client has sent, out of its kernel too?"""
    ends = [f":{port:04X}" for port in (server.address[1], client.socket.getsockname()[1])]
    with open(f"/proc/{server.pid}/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table]
    waiting = [row[4].partition(":")[2] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])]
    return client.unacknowledged() == 0 and waiting == ["00000000"]


def is_asleep(server):
    """Do all its threads sleep?"""
    tasks = pathlib.Path(f"/proc/{server.pid}/task").iterdir()
    return all((task / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "S" for task in tasks)


def wait_until_read(server, client):
    """Until nothing that was sent is on its way."""
    end = time.monotonic() + READ_LIMIT_S
    while not (is_read(server, client) and is_asleep(server)):
        if time.monotonic() > end:
            raise serving.NotServing(f"the server has not read all within {READ_LIMIT_S} s")
        time.sleep(0.005)


def run_gdb(server, exam):
    """Returns the stacks as gdb prints them; the answers are in exam["answers"]."""
    commands = ["set width 0", "set filename-display basename", "set print frame-arguments scalars",
                "thread apply all backtrace"]
    words = ["gdb", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-p", str(server.pid),
             *(word for one in commands for word in ("-ex", one)),
             "-x", str(pathlib.Path(__file__).with_name("exam_gdb.py"))]
    try:
        done = subprocess.run(words, env=environment.made(EXAM=json.dumps(exam)), text=True,
                              capture_output=True, timeout=GDB_LIMIT_S, check=False)
    except FileNotFoundError:
        raise serving.NotServing("gdb is not installed") from None
    except subprocess.TimeoutExpired:
        raise serving.NotServing(f"gdb did not end within {GDB_LIMIT_S} s") from None
    if not os.path.exists(exam["answers"]):
        complaints = [line for line in done.stderr.splitlines() if "warning" not in line and line.strip()]
        raise serving.NotServing(f"gdb: {' '.join(complaints)[:300] or 'no answer'}")
    return done.stdout


def stacks_only(text):
    """From the first thread's frames on, and not for ever."""
    lines = [line for line in text.splitlines() if line.startswith(("#", "Thread "))]
    more = len(lines) - TRANSCRIPT_LINES_MAX
    spaced = [f"\n{line}" if line.startswith("Thread ") else line for line in lines[:TRANSCRIPT_LINES_MAX]]
    return "\n".join(spaced).strip() + (f"\n... and {more} lines more" if more > 0 else "")


def examine(build, model, directory):
    """Returns the answers to the five questions, and the stacks."""
    with serving.Serving(serving.command(build, model, "ws", *OPTIONS.get(model, []))) as server:
        others = [ordinary(server) for _ in range(ORDINARY // 2)]
        client, sent = given(server)
        others += [ordinary(server) for _ in range(ORDINARY - ORDINARY // 2)]
        wait_until_read(server, client)
        exam = {"pid": server.pid, "peer_port": client.socket.getsockname()[1], "bytes": sent,
                "messages": WHOLE_MESSAGES, "answers": os.path.join(directory, f"{model}.json")}
        text = run_gdb(server, exam)
        for one in [client, *others]:
            one.close()
    with open(exam["answers"], encoding="utf-8") as file:
        return json.load(file), stacks_only(text)


def transcript(model, answers, stacks):
    """What is kept to be read."""
    marks = {True: "yes", False: "no", None: "n/a"}
    lines = [f"{one['question']} {QUESTIONS[one['question'] - 1]:21} {marks[one['answered']]:4} {one['evidence']}"
             for one in answers]
    score = sum(one["answered"] is True for one in answers)
    return "\n".join([f"{model}: {score} of {len(QUESTIONS)}", "", *lines, "", stacks, ""])


def main():
    """Each model in turn."""
    build, out = sys.argv[1], pathlib.Path(sys.argv[2])
    (out / "exam").mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for model in serving.PROGRAMS:
            try:
                answers, stacks = examine(build, model, directory)
            except (serving.NotServing, OSError) as why:
                evidence = " ".join(f"n/a: {why}".split())
                answers = [{"question": number + 1, "answered": None, "evidence": evidence}
                           for number in range(len(QUESTIONS))]
                stacks = ""
            (out / "exam" / f"{model}.txt").write_text(transcript(model, answers, stacks), encoding="utf-8")
            rows += [(model, one["question"], "" if one["answered"] is None else int(one["answered"]),
                      one["evidence"]) for one in answers]
            print(transcript(model, answers, "").splitlines()[0])
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    (out / "exam.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
