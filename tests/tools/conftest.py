"""The tests of scripts/suite: its modules are imported by name, as the tools import one another."""
import pathlib
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts/suite"))
