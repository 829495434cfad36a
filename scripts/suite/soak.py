"""soak.py - builds what is missing, and becomes (exec) tests/blackbox/soak.py, which uses the clients of the tests."""
import os
import sys

import building
import environment

PROGRAM = environment.ROOT / "tests/blackbox/soak.py"


def main(arguments):
    """Does not return."""
    if not any(word.split("=")[0] == "--build-dir" for word in arguments):
        arguments = ["--build-dir", str(building.programs()), *arguments]
    os.execve(sys.executable, [sys.executable, "-B", "-s", str(PROGRAM), *arguments], environment.made())
