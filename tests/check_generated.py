#!/usr/bin/python3
"""What is said to be generated is what its generator says today, to the byte; and of generated files there are those
that scripts/suite/reference.py keeps, none beyond its size. Prints what is wrong: then status is 1.
"""
import difflib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts/suite"))
import redraw  # pylint: disable=wrong-import-position
import nodes_document  # pylint: disable=wrong-import-position
import reference  # pylint: disable=wrong-import-position
import tables  # pylint: disable=wrong-import-position

# Bytes. All of it is in the repository's history once more whenever the reference is renewed, compressed to a third.
LARGEST = {"results.db": 800_000, "scale.db": 200_000, "report.html": 1_300_000}
LARGEST_IN_ALL = 2_800_000


def differences():
    """Documents against what is made of the databases."""
    whole = redraw.results(reference.PLACE / "results.db")
    for name, now in (("results/reference/tables.md", "".join(tables.document(whole))),
                      ("docs/scale.md", reference.scale_text())):
        there = (ROOT / name).read_text(encoding="utf-8")
        yield from difflib.unified_diff(there.splitlines(), now.splitlines(), name, "generated", lineterm="")
    for path, there, now in nodes_document.filled_in():
        yield from difflib.unified_diff(there.splitlines(), now.splitlines(), path.name, "generated", lineterm="")


def sizes():
    """The files of the reference: each is one of those that are kept, and is small."""
    files = {str(path.relative_to(reference.PLACE)): path.stat().st_size
             for path in reference.PLACE.rglob("*") if path.is_file()}
    for name in sorted((files.keys() ^ reference.FILES) - (reference.OPTIONAL - files.keys())):
        yield f"results/reference/{name} {'is nothing that reference.py makes' if name in files else 'is missing'}"
    for name, limit in {**LARGEST, **{name: LARGEST_IN_ALL for name in files.keys() - LARGEST.keys()}}.items():
        if files.get(name, 0) > limit:
            yield f"results/reference/{name} has {files[name]:,} bytes, more than {limit:,}"
    if sum(files.values()) > LARGEST_IN_ALL:
        yield f"results/reference has {sum(files.values()):,} bytes, more than {LARGEST_IN_ALL:,}"
    print(f"results/reference: {sum(files.values()):,} bytes in {len(files)} files")


def main():
    """All of it."""
    wrong = [*differences(), *sizes()]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
