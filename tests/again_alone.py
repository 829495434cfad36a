#!/usr/bin/env python3
"""again_alone.py FOLDER [PYTEST_OPTION...]: runs the tests there; then those that failed once more, one after another.

What fails beside others and passes alone is a defect of the test, or a race that only a busy machine shows. It does not
fail the step, but it is said, in a line that test.sh shows. Exit status: that of the last run.
"""
import re
import subprocess
import sys


def run(arguments):
    """pytest with these arguments: its exit status, and the tests that failed. Its output is passed on."""
    failed = []
    words = [sys.executable, "-m", "pytest", "-q", *arguments]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            print(line, end="", flush=True)
            found = re.match(r"(?:FAILED|ERROR) (\S+?::.+?)(?: - .*)?$", line)
            if found:
                failed.append(re.sub(r"@\w+$", "", found[1]))  # without its xdist_group
    return child.returncode, failed


def main(folder, *options):
    """See above."""
    status, failed = run([folder, *options])
    if status != 1 or not 0 < len(failed) <= 20:
        return status
    print(f"\nonce more, alone: {len(failed)} tests", flush=True)
    again, still = run([*failed, *options, "-n", "0"])  # the last -n counts
    passed = [name for name in failed if name not in still]
    for name in passed if again in (0, 1) else []:
        print(f"AGAIN failed beside others, and passed alone: {name}")
    print(f"of {len(failed)} failed again: {len(still)}" if again else f"{len(passed)} passed alone")
    return again


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
