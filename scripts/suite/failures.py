"""failures.py - runs every command that docs/failures.md shows, and puts the output into it."""
import os
import re
import subprocess

import environment
import process
from options import Parser
from terminal import Failure, progress, progress_done

DOCUMENT = environment.ROOT / "docs/failures.md"

# A line `<!-- $ COMMAND -->`, and the block below it: empty, or as it came out the last time.
SHOWN = re.compile(r"^<!-- \$ (?P<command>.*) -->\n(?P<block>```\n(?:.*\n)*?```\n)?", re.MULTILINE)


def main(arguments):
    """Replaces all blocks; if a command fails, the document stays as it was."""
    Parser().parse_args(arguments)
    if not os.access(DOCUMENT, os.W_OK):
        raise Failure(f"{DOCUMENT} cannot be written, and all this does is renew it: use a checkout of your own")
    text = DOCUMENT.read_text(encoding="utf-8")
    count = len(SHOWN.findall(text))
    done = 0

    def renewed(match):
        nonlocal done
        done += 1
        progress(f"{done} of {count}: {match['command']}")
        return f"<!-- $ {match['command']} -->\n```\n{output_of(match['command'])}```\n"

    try:
        text = SHOWN.sub(renewed, text)
    finally:
        progress_done()
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


def output_of(command):
    """What it prints, run as a reader would type it, in the checkout; raises Failure if it ends badly."""
    with process.running(["bash", "-c", command], cwd=environment.ROOT, env=environment.made(),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        output = child.communicate()[0]
    if child.returncode:
        raise Failure(f"{command!r} ended with status {child.returncode}: {DOCUMENT} is as it was\n{output}")
    return "".join(line.rstrip(" ") + "\n" for line in output.splitlines())
