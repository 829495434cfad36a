"""metrics.py - counts in a server's source. Gives a figure, or the reason why there is none; never a guess."""
import os
import pathlib
import re
import shutil
import subprocess

import c_source
import skeleton
from serving import environment

COMPILER = "gcc"

# Rows that move no bytes and wait for nothing.
NO_IO = ["includes", "options", "main"]

IO_CALL = re.compile(r"accept4?|recv\w*|send\w*|read|write|open|close|shutdown|setsockopt|fcntl|nanosleep|sigaction"
                     r"|p?poll|(?:epoll|io_uring|pthread|timerfd)_\w+")
FLAG = re.compile(r"\b(?:MSG_|SOCK_|EPOLL|IORING_|IOSQE_|SO_|TCP_|SHUT_|O_|TFD_)[A-Z0-9_]+\b")

# pmccabe: modified and traditional complexity, statements, line, lines, place, name.
MCCABE = re.compile(r"^\d+\t(\d+)\t\d+\t\d+\t\d+\t[^\t]*: (\w+)$", re.MULTILINE)
COGNITIVE = re.compile(r"function '(\w+)' has cognitive complexity of (\d+)")
COGNITIVE_CHECK = "readability-function-cognitive-complexity"


def lines_of_code(pieces):
    """Lines with something besides comments."""
    return sum(line.is_code for piece in pieces for line in piece.lines)


def shared_lines(repository, path):
    """What a model has in files beside its servers: nothing of that is in its other figures."""
    files = [file for file in sorted((repository / path).parent.glob("*.[ch]"))
             if str(file.relative_to(repository)) not in skeleton.SERVERS]
    lines = sum(lines_of_code(c_source.pieces(file.read_text(encoding="utf-8"))) for file in files)
    return lines, " ".join(file.name for file in files) or "no file besides the server's"


def distinct(words):
    """How many, and which."""
    words = sorted(set(words))
    return len(words), " ".join(words)


def tool(command, text=None):
    """(what it makes of the text, None), or (None, why there is nothing)."""
    if not shutil.which(command[0]):
        return None, f"n/a: {command[0]} is not installed"
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False,
                          env=environment.made())
    if done.returncode == 0:
        return done.stdout, None
    said = (done.stderr + done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
    why = next((line for line in said if "error:" in line), said[0])
    return None, f"n/a: {command[0]}: {why.strip()}"


def compiler_options(repository):
    """As meson.build has them, as far as they matter to the text."""
    folders = [f"-I{repository / folder}" for folder in ("common", "aio")]
    return ["-std=c17", "-D_GNU_SOURCE", '-DIO_MODELS_VERSION="0"', *folders]


def state_bytes(repository, path):
    """sizeof(struct conn): the size of an array that long, as the assembler is told. Nothing is linked or run."""
    said, error = tool([COMPILER, *compiler_options(repository), "-w", "-S", "-include", str(repository / path), "-x", "c",
                        "-", "-o", "-"], "char state[sizeof(struct conn)];\n")
    size = re.search(r"\.size\s+state, (\d+)", said or "")
    if not size:
        return "", error or f"n/a: {COMPILER}: no size in what it wrote"
    return int(size.group(1)), f"sizeof(struct conn), {os.uname().machine}"


def complexity(found):
    """The sum over {function: value}, and the worst."""
    worst = max(found, key=found.get)
    return sum(found.values()), f"worst: {worst} {found[worst]}"


def cyclomatic(repository, path):
    """McCabe's, of each function. pmccabe does not know the macros of sys/queue.h: a loop, and a field of a struct."""
    text = (repository / path).read_text(encoding="utf-8")
    plain = re.sub(r"\b(?:LIST|S?TAILQ)_(?:HEAD|ENTRY)\([^)]*\)", "int", re.sub(r"\b\w+_FOREACH\b", "while", text))
    said, error = tool(["pmccabe"], plain)
    found = {name: int(value) for value, name in MCCABE.findall(said or "")}
    missing = {function.name for function in skeleton.functions(text)} - set(found)
    if error or missing:
        return "", error or f"n/a: pmccabe did not find {' '.join(sorted(missing))}"
    return complexity(found)


def cognitive(repository, path):
    """Like it, but nesting counts more, and a switch less. Functions without any branch are 0 and not listed."""
    config = f"{{InheritParentConfig: false, CheckOptions: [{{key: {COGNITIVE_CHECK}.Threshold, value: 0}}]}}"
    said, error = tool(["clang-tidy", "--quiet", f"--checks=-*,{COGNITIVE_CHECK}", f"--config={config}",
                        str(repository / path), "--", *compiler_options(repository)])
    found = {name: int(value) for name, value in COGNITIVE.findall(said or "")}
    if not found:
        return "", error or "n/a: clang-tidy listed no function"
    return complexity(found)


def measure(repository, path, cells):
    """(metric, value, detail) of one server. cells: {row: [piece, ...]}"""
    repository = pathlib.Path(repository).resolve()
    whole = [piece for cell in cells.values() for piece in cell]
    moving = [piece for row, cell in cells.items() if row not in NO_IO for piece in cell]
    code = skeleton.without_comments((repository / path).read_text(encoding="utf-8"))
    called = (call for piece in whole for line in piece.lines for call in line.called if IO_CALL.fullmatch(call))
    yield "lines", lines_of_code(whole), f"lines of {path} that are neither blank nor comments"
    yield "io_lines", lines_of_code(moving), "of these, all but includes, declarations, option parsing and main"
    yield "shared_lines", *shared_lines(repository, path)
    yield "calls", *distinct(called)
    yield "flags", *distinct(FLAG.findall(code))
    yield "state_bytes", *state_bytes(repository, path)
    yield "cyclomatic", *cyclomatic(repository, path)
    yield "cognitive", *cognitive(repository, path)
