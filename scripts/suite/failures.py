"""failures.py - runs every command that docs/failures.md shows, and puts the output into it, and into its Chinese."""
import os
import re
import subprocess

import environment
import process
from options import Parser
from terminal import Failure, progress, progress_done

DOCUMENTS = [environment.ROOT / "docs/failures.md", environment.ROOT / "docs/failures.zh.md"]

# A line `<!-- $ COMMAND -->`, and the block below it: empty, or as it came out the last time.
SHOWN = re.compile(r"^<!-- \$ (?P<command>.*) -->\n(?P<block>```\n(?:.*\n)*?```\n)?", re.MULTILINE)


def main(arguments):
    """Runs each command once, and replaces all blocks; if a command fails, the documents stay as they were."""
    Parser().parse_args(arguments)
    for document in DOCUMENTS:
        if not os.access(document, os.W_OK):
            raise Failure(f"{document} cannot be written, and all this does is renew it: use a checkout of your own")
    texts = {document: document.read_text(encoding="utf-8") for document in DOCUMENTS}
    outputs = outputs_of(dict.fromkeys(match["command"] for text in texts.values() for match in SHOWN.finditer(text)))
    for document, text in texts.items():
        document.write_text(SHOWN.sub(lambda match: block(match["command"], outputs), text), encoding="utf-8")
    return 0


def outputs_of(commands):
    """What each of them prints."""
    outputs = {}
    try:
        for command in commands:
            progress(f"{len(outputs) + 1} of {len(commands)}: {command}")
            outputs[command] = output_of(command)
    finally:
        progress_done()
    return outputs


def block(command, outputs):
    """The command and its output, as a document shows them."""
    return f"<!-- $ {command} -->\n```\n{outputs[command]}```\n"


def output_of(command):
    """What it prints, run as a reader would type it, in the checkout; raises Failure if it ends badly."""
    with process.running(["bash", "-c", command], cwd=environment.ROOT, env=environment.made(),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        output = child.communicate()[0]
    if child.returncode:
        raise Failure(f"{command!r} ended with status {child.returncode}: the documents are as they were\n{output}")
    return "".join(line.rstrip(" ") + "\n" for line in output.splitlines())
