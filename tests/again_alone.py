#!/usr/bin/env python3
"""again_alone.py PYTEST_ARGUMENT...: runs pytest; then what has failed once more, one test after another.

What fails beside others and passes alone is a defect of the test, or a race that only a busy machine shows. It does not
fail the step, but it is said, in a line that test.sh shows. Exit status: that of the last run.
"""
import pathlib
import re
import subprocess
import sys


def run(arguments):
    """pytest with these arguments: its exit status, and the tests that failed. Its output is passed on."""
    failed = []
    with subprocess.Popen([sys.executable, "-m", "pytest", "-q", *arguments], stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            print(line, end="", flush=True)
            found = re.match(r"(?:FAILED|ERROR) (\S+?::.+?)(?: - .*)?$", line)
            if found:
                failed.append(found[1])
    return child.returncode, failed


def main(arguments):
    """See above."""
    status, failed = run(arguments)
    if status != 1 or not 0 < len(failed) <= 20:
        return status
    names = [str(pathlib.Path(name)) for name in failed]
    print(f"\nonce more, alone: {len(failed)} tests", flush=True)
    options = [word for word in arguments if word.startswith("build") or not pathlib.Path(word).is_dir()]
    again, still = run([*names, "-n", "0", *without_workers(options)])  # their folder has the options of its own
    passed = [name for name in failed if name not in still]
    for name in passed if again in (0, 1) else []:
        print(f"AGAIN failed beside others, and passed alone: {name}")
    print(f"of {len(failed)} failed again: {len(still)}" if again else f"{len(passed)} passed alone")
    return again


def without_workers(words):
    """The arguments without `-n N`."""
    kept = list(words)
    while "-n" in kept:
        place = kept.index("-n")
        del kept[place:place + 2]
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
