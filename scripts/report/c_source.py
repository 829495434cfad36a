"""c_source.py - a server's C file taken apart: its pieces at file level, its lines in colour, and the calls in them."""
import re

from pygments.lexers.c_cpp import CLexer
from pygments.token import STANDARD_TYPES, Comment, Keyword, Name, Number, String, Text

import skeleton


# What is called, and what the kernel is asked for: the names that strace shows. Of pthread_mutex_lock and the like it
# shows something only when a thread has to wait, or one that waits is to be woken.
SYSTEM_CALLS = {
    "accept4": ["accept4"], "recv": ["recvfrom"], "send": ["sendto"], "read": ["read"], "open": ["openat"],
    "close": ["close"], "shutdown": ["shutdown"], "setsockopt": ["setsockopt"], "fcntl": ["fcntl"],
    "nanosleep": ["clock_nanosleep"], "sigaction": ["rt_sigaction"], "poll": ["poll"],
    "epoll_create1": ["epoll_create1"], "epoll_ctl": ["epoll_ctl"], "epoll_wait": ["epoll_wait"],
    "timerfd_create": ["timerfd_create"], "timerfd_settime": ["timerfd_settime"],
    "io_uring_submit": ["io_uring_enter"], "io_uring_submit_and_wait": ["io_uring_enter"],
    "pthread_create": ["clone3"], "pthread_kill": ["tgkill"], "pthread_join": ["futex"],
    "pthread_mutex_lock": ["futex"], "pthread_mutex_unlock": ["futex"],
    "pthread_cond_wait": ["futex"], "pthread_cond_clockwait": ["futex"],
    "pthread_cond_signal": ["futex"], "pthread_cond_broadcast": ["futex"],
    # set-up that the servers share
    "listener_open": ["socket", "bind", "listen"], "listener_announce": ["write"],
    "signals_open": ["eventfd2", "rt_sigaction"], "ring_enable": ["io_uring_register"], "ring_probe": ["io_uring_setup", "io_uring_register"],
    "ring_open": ["io_uring_setup", "io_uring_register", "mmap"], "ring_close": ["munmap"],
}
SUBMISSION = re.compile(r"io_uring_prep_(\w+)")
CALL = re.compile(r"\b(\w+)\s*\(")

# As in tests/check_skeleton.py, and the two that are put in parentheses. "no WAIT:" is what its word says.
TAG = re.compile(r"\b(no )?(WAIT|COPY|OWNS|LIMIT)(?::|(?=\)))")

STRUCT = re.compile(r"^struct (\w+) \{", re.MULTILINE)
COLOURED = [Comment.Preproc, Comment, Keyword, String, Number, Name.Function]


def in_order(words):
    """Each word once, in the order in which they come."""
    return list(dict.fromkeys(words))


def tokens_by_line(text):
    """For each line its (kind, text). No token goes over the end of a line."""
    lines = [[]]
    for kind, value in CLexer(stripnl=False, ensurenl=False).get_tokens(text):
        first, *others = value.split("\n")
        lines[-1].append((kind, first))
        lines += [[(kind, part)] for part in others]
    return [[token for token in line if token[1]] for line in lines]


def is_code(token):
    """Neither a comment nor blank; a preprocessor line is code."""
    kind, text = token
    return bool(text.strip()) and (kind in Comment.Preproc or kind in Comment.PreprocFile or kind not in Comment)


def coloured(tokens):
    """The same with the few kinds that are shown in colour; calls of the system get one of their own."""
    for place, (kind, text) in enumerate(tokens):
        follows = "".join(text for _, text in tokens[place + 1:place + 3]).lstrip()
        if kind in Name and follows.startswith("(") and (text in SYSTEM_CALLS or SUBMISSION.fullmatch(text)):
            yield Name.Builtin, text
        elif kind in Comment.PreprocFile:
            yield Comment.Preproc, text
        else:
            yield next((known for known in COLOURED if kind in known), Text), text


def as_runs(tokens):
    """A line as [kind, text] pairs: kind is pygments' short name of what has a colour, or empty."""
    pairs = []
    for kind, text in coloured(tokens):
        name = STANDARD_TYPES[kind]
        if pairs and pairs[-1][0] == name:
            pairs[-1][1] += text
        else:
            pairs.append([name, text])
    return pairs


class Line:
    """A line: its number, its text, what it calls (as in the source), its tags."""

    def __init__(self, number, text, code, tokens):
        self.number, self.text, self.tokens = number, text, tokens
        self.is_code = any(map(is_code, tokens))
        self.called = CALL.findall(code)
        self.tags = in_order(f"{no}{tag}" for no, tag in TAG.findall(text))
        self.counts_waits = "effort.waits++" in code

    @property
    def system_calls(self):
        """By the kernel's names."""
        return in_order(name for call in self.called for name in SYSTEM_CALLS.get(call, []))

    @property
    def submissions(self):
        """What the kernel is asked to do later, by the next io_uring_enter."""
        return in_order(match.group(1) for match in map(SUBMISSION.fullmatch, self.called) if match)


class Piece:
    """What stands together at file level, such as a function with its comment, and the blank lines behind it."""

    def __init__(self, name, lines):
        self.name, self.lines = name, lines


def ends(texts, code):
    """The indexes of the lines that end a piece: the comment at the head, and blank lines between definitions."""
    depth, head = 0, True
    for index, text in enumerate(texts):
        depth += code[index].count("{") - code[index].count("}")
        is_gap = not text and depth == 0 and texts[index + 1:index + 2] not in ([""], [])
        if is_gap or (head and text.endswith("*/")) or index == len(texts) - 1:
            yield index
        head = head and not text.endswith("*/")


def name_of(lines, code, functions):
    """The function or `struct x` defined here; else model (the head), includes, constants or declarations."""
    numbers = range(lines[0].number, lines[-1].number + 1)
    name = next((function.name for function in functions if function.line in numbers), None)
    struct = STRUCT.search("\n".join(code))
    if name or struct:
        return name or f"struct {struct.group(1)}"
    if lines[0].number == 1:
        return "model"
    if lines[0].text.startswith("#"):
        return "includes"
    return "constants" if any(text.startswith("enum") for text in code) else "declarations"


def pieces(text):
    """The whole file as pieces, in order."""
    texts, tokens = text.splitlines(), tokens_by_line(text)
    code = skeleton.without_comments(text).split("\n")
    functions = skeleton.functions(text)
    lines = [Line(index + 1, line, code[index], tokens[index]) for index, line in enumerate(texts)]
    found, begin = [], 0
    for end in ends(texts, code):
        part = slice(begin, end + 1)
        found.append(Piece(name_of(lines[part], code[part], functions), lines[part]))
        begin = end + 1
    return found
