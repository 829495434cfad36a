#!/usr/bin/python3
"""What is said to be generated is what its generator says today, to the byte. Prints the difference: then status is 1."""
import difflib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts/suite"))
import database  # pylint: disable=wrong-import-position
import scale_document  # pylint: disable=wrong-import-position


def main():
    """docs/scale.md."""
    db = database.open_foreign(ROOT / "results/reference/scale.db")
    database.run_file(db, "cache")
    there = (ROOT / "docs/scale.md").read_text(encoding="utf-8").splitlines()
    now = scale_document.document(db).splitlines()
    difference = list(difflib.unified_diff(there, now, "docs/scale.md", "generated", lineterm=""))
    print("\n".join(difference))
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
