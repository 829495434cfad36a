#!/usr/bin/env python3
"""One skeleton, five servers: checks in the source text what makes the servers comparable by reading.

    tests/check_skeleton.py [REPOSITORY]

Prints how many lines of each server are for what (scripts/report/concerns.py), and how long the diffs from model to
model are; then each finding as `file: what`, and ends with status 1. No finding and status 0 mean that all is well.
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scripts/report"))
import concerns  # pylint: disable=wrong-import-position
from skeleton import COMPLETION, FIRST_READINGS, MODEL_BLOCK, SERVERS, functions, without_comments  # pylint: disable=wrong-import-position

# The design's order. Functions of other names may stand anywhere before main.
ORDER = ["conn_open", "conn_linger", "conn_close", "conn_recv", "conn_send", "conn_tick", "conn_advance", "the model's block", "server_accept",
         "server_run", "server_open", "server_close", "main"]

# What a first reading has of it: no clocks, no goodbye, no end.
POLL_READING = "nio/poll_echo.c"  # nio's first reading, with poll(2) in place of epoll
FIRST_ORDER = [name for name in ORDER if name not in ("conn_linger", "conn_tick", "server_open", "server_close")]

TWINS = ["bio/bio_server.c", "pseudo_async/pseudo_async_server.c"]
TWIN_FUNCTIONS = ["conn_open", "conn_linger", "conn_close", "conn_recv", "conn_send", "conn_tick", "conn_advance",
                  "server_accept", "server_run"]

# A full server is still mostly its model: lines of the file, and the model's share of the code that is not set-up.
SERVER_LINES_MAX = {"bio/bio_server.c": 300, "pseudo_async/pseudo_async_server.c": 330, "nio/nio_server.c": 330,
                    "aio/aio_server.c": 420, "aio/aio_future_server.c": 420}
MODEL_SHARE_MIN = 0.5

# What `diff` shows from model to model: hunks, and lines that begin with < or >. What no model forces makes them grow.
DIFFS_MAX = [("bio/bio_server.c", "pseudo_async/pseudo_async_server.c", 15, 95),
             ("bio/bio_server.c", "nio/nio_server.c", 43, 401),
             ("nio/nio_server.c", "aio/aio_server.c", 58, 400),
             ("aio/aio_server.c", "aio/aio_future_server.c", 52, 237)]

FUNCTION_LINES_MAX = 60
MAIN_LINES_MAX = 30

# The first readings and the steps of the io_uring ladder: each fits two screens. A step says at its head what it is for.
STEP_LINES_MAX = 150
STEP_HEAD = ["Adds  ", "Needs ", "Saves "]

FORBIDDEN_IN_COMMON = re.compile(
    r"\b(?:(?:accept4?|recv(?:from|mmsg|msg)?|send(?:to|mmsg|msg|file)?|p?poll|p?select"
    r"|(?:epoll|io_uring|pthread)_\w+)\s*\(|O_NONBLOCK\b|SOCK_NONBLOCK\b)")

# The log asks, without waiting, whether stderr takes a line. The door sends a word of refusal, and drops a request, on a
# socket that no connection owns yet; neither waits.
ALLOWED_IN_COMMON = {("bad_connection.c", "poll("), ("door.c", "send("), ("door.c", "recv(")}

# What may sleep needs WAIT:, what moves bytes across the kernel's border needs COPY:; recv and send do either. A call
# that could sleep, and is asked not to, says "never waits".
TAGGED_CALL = re.compile(
    r"\b(recv(?:from|msg)?|send(?:to|msg)?|accept4?|epoll_p?wait2?|io_uring_submit_and_wait\w*|io_uring_wait\w*"
    r"|io_uring_enter\w*|pthread_cond_(?:timed|clock)?wait|pthread_join|nanosleep|clock_nanosleep|p?poll|p?select)\s*\(")
TAG = re.compile(r"\b(?:WAIT|COPY):|\bnever waits\b")
TAG_LINES_ABOVE = 4


def place_in_order(name):
    """Where the design puts this function; None for a helper."""
    done = COMPLETION.fullmatch(name)
    name = done.group(1) if done else name
    if MODEL_BLOCK.fullmatch(name):
        name = "the model's block"
    return ORDER.index(name) if name in ORDER else None


def check_order(defined, needed):
    """(a) Same names, same order; those in `needed` are there."""
    names = [function.name for function in defined]
    for name in needed:
        if name != "the model's block" and name not in names:
            yield f"{name} is missing"
    if not any(MODEL_BLOCK.fullmatch(name) for name in names):
        yield "no function of the model's own (conn_thread, queue_*, selector_*, ring_*, future_*)"
    last, last_name = -1, ""
    for name in names:
        place = place_in_order(name)
        if place is not None and place < last:
            yield f"{name} stands behind {last_name}: the order is {' '.join(ORDER)}"
        elif place is not None:
            last, last_name = place, name
    if names and names[-1] != "main":
        yield f"{names[-1]} stands behind main"


def check_lengths(defined):
    """(c) A function fits a screen."""
    for function in defined:
        limit = MAIN_LINES_MAX if function.name == "main" else FUNCTION_LINES_MAX
        if function.lines > limit:
            yield f"{function.name} has {function.lines} lines: at most {limit}"


def check_size(path, text):
    """(g) It fits its measure, and over half of it is the model."""
    lines, share = text.count("\n"), concerns.share(concerns.count(text))
    if lines > SERVER_LINES_MAX[path]:
        yield f"has {lines} lines: at most {SERVER_LINES_MAX[path]}"
    if share < MODEL_SHARE_MIN:
        yield f"{share:.0%} of its code is the model: at least {MODEL_SHARE_MIN:.0%} (scripts/report/concerns.py)"


def diff_size(repository, old, new):
    """Hunks and lines of what diff says."""
    said = subprocess.run(["diff", repository / old, repository / new], capture_output=True, text=True, check=False).stdout
    return len(re.findall(r"^\d", said, re.MULTILINE)), len(re.findall(r"^[<>]", said, re.MULTILINE))


def check_diffs(repository):
    """(h) From model to model little more changes than the model."""
    for old, new, hunks_max, lines_max in DIFFS_MAX:
        hunks, lines = diff_size(repository, old, new)
        print(f"diff {old} {new}: {hunks} hunks, {lines} lines")
        if hunks > hunks_max or lines > lines_max:
            yield new, f"differs from {old} in {hunks} hunks and {lines} lines: at most {hunks_max} and {lines_max}"


def check_tags(text):
    """(e) Every wait and every copy is tagged."""
    lines = text.split("\n")
    for number, code in enumerate(without_comments(text).split("\n")):
        for call in TAGGED_CALL.finditer(code):
            if not any(TAG.search(line) for line in lines[max(0, number - TAG_LINES_ABOVE):number + 1]):
                yield f"{call.group(1)} in line {number + 1} without WAIT: or COPY: on it or just above"


def check_common(text, name):
    """(d) No I/O model in common/."""
    for number, code in enumerate(without_comments(text).split("\n"), 1):
        for word in FORBIDDEN_IN_COMMON.finditer(code):
            if (name, word.group()) in ALLOWED_IN_COMMON:
                continue
            yield f"{word.group().rstrip('( ')} in line {number}: belongs in the servers' own files"


def check_twins(repository):
    """(b) bio and pseudo_async hold the same conversation, word for word."""
    texts = []
    for path in TWINS:
        defined = functions((repository / path).read_text(encoding="utf-8"))
        texts.append({function.name: function.text for function in defined})
    for name in TWIN_FUNCTIONS:
        if texts[0].get(name) != texts[1].get(name):
            yield f"{name} is not the text of {TWINS[0]}"


def check_step(text):
    """(f) A step of the ladder is short, and says what it adds, needs and saves."""
    lines = text.count("\n")
    if lines > STEP_LINES_MAX:
        yield f"has {lines} lines: at most {STEP_LINES_MAX}"
    for word in STEP_HEAD:
        if f"\n * {word}" not in text.split("*/")[0]:
            yield f"its first comment does not say ` * {word.strip()}`"


def first_findings(repository):
    """(i) A first reading has the skeleton, is short, and shows where it waits and copies; those of bio and the pool hold
    the same conversation, and those of nio, with epoll and with poll, too."""
    texts = {path: (repository / path).read_text(encoding="utf-8") for path in [*FIRST_READINGS, POLL_READING]}
    for path, text in texts.items():
        defined = functions(text)
        for check in (check_order(defined, FIRST_ORDER), check_lengths(defined), check_tags(text)):
            yield from ((path, what) for what in check)
        if text.count("\n") > STEP_LINES_MAX:
            yield path, f"has {text.count(chr(10))} lines: at most {STEP_LINES_MAX}"
        if "Not here" not in text:
            yield path, "does not say what it lacks (Not here)"
    bio, pool, nio = ({one.name: one.text for one in functions(texts[path])} for path in FIRST_READINGS[:3])
    poll = {one.name: one.text for one in functions(texts[POLL_READING])}
    for name in ("conn_recv", "conn_send"):
        if nio[name] != poll.get(name):
            yield POLL_READING, f"{name} is not the text of {FIRST_READINGS[2]}"
    for name in ("conn_open", "conn_close", "conn_recv", "conn_send", "conn_advance", "server_run"):
        if bio[name] != pool.get(name):
            yield FIRST_READINGS[1], f"{name} is not the text of {FIRST_READINGS[0]}"


def ladder_findings(repository):
    """What the steps share does no I/O; the steps do, visibly. The first step is aio's first reading."""
    steps = [repository / "aio/aio_echo.c", *sorted((repository / "aio/ladder").glob("step*.c"))]
    if len(steps) < 2:
        yield "aio/ladder", "has no steps"
    for file in steps:
        text = file.read_text(encoding="utf-8")
        for check in (check_step(text), check_lengths(functions(text)), check_tags(text)):
            yield from ((str(file.relative_to(repository)), what) for what in check)
    for file in sorted((repository / "aio/ladder").glob("ladder.[ch]")):
        text = file.read_text(encoding="utf-8")
        yield from ((str(file.relative_to(repository)), what) for what in check_common(text, file.name))


def findings(repository):
    """All findings as (file, what)."""
    missing = [path for path in SERVERS if not (repository / path).exists()]
    for path in missing:
        yield path, "is missing"
    for path in SERVERS:
        if path not in missing:
            text = (repository / path).read_text(encoding="utf-8")
            defined = functions(text)
            for check in (check_order(defined, ORDER), check_lengths(defined), check_tags(text), check_size(path, text)):
                yield from ((path, what) for what in check)
    if not missing:
        yield from check_diffs(repository)
    if not set(TWINS) & set(missing):
        yield from ((TWINS[1], what) for what in check_twins(repository))
    for file in sorted((repository / "common").glob("*.[ch]")):
        text = file.read_text(encoding="utf-8")
        for check in (check_common(text, file.name), check_lengths(functions(text)), check_tags(text)):
            yield from ((str(file.relative_to(repository)), what) for what in check)
    yield from first_findings(repository)
    yield from ladder_findings(repository)


def main():
    """Prints them."""
    repository = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1])
    concerns.print_table(repository)
    found = list(findings(repository))
    for path, what in found:
        print(f"{path}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
