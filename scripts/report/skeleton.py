"""skeleton.py - the five servers as text: where they are, which functions belong to one model only, and the functions
of a C file."""
import re

SERVERS = ["bio/bio_server.c", "pseudo_async/pseudo_async_server.c", "nio/nio_server.c", "aio/aio_server.c",
           "aio/aio_future_server.c"]
FIRST_READINGS = [path.replace("_server.c", "_echo.c") for path in SERVERS]

MODEL_BLOCK = re.compile(r"conn_thread|queue_\w+|worker_thread|selector_\w+|ring_\w+|future_\w+")
COMPLETION = re.compile(r"((?:conn|server)_\w+?)_done")


def blank(match):
    """As many blanks, and the same line ends: places in the text stay what they are."""
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    """The code alone: comments, string and character literals, and preprocessor lines are blanks."""
    literals = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    text = re.sub(literals, blank, text, flags=re.DOTALL)
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", blank, text, flags=re.MULTILINE | re.DOTALL)


class Function:
    """A function's definition: its name, its text from the first word to the last brace, its place."""

    def __init__(self, name, text, line):
        self.name, self.text, self.line = name, text, line
        self.lines = text.count("\n") + 1


def functions(text):
    """The functions defined in a C file, in order."""
    code, found, depth, start = without_comments(text), [], 0, None
    begin = 0  # where the current outermost declaration begins
    for place, char in enumerate(code):
        if char == "{":
            if depth == 0:
                start = re.match(r"\s*", code[begin:]).end() + begin
                head = code[start:place]
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                name = re.search(r"(\w+)\s*\(", head)
                if name and head.rstrip().endswith(")"):
                    found.append(Function(name.group(1), text[start:place + 1], text.count("\n", 0, start) + 1))
                    begin = place + 1
        elif char == ";" and depth == 0:
            begin = place + 1
    return found
