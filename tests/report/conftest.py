"""The report's page: its text, its modules, and the page in a real browser, opened from disk.

    /usr/bin/python3 -m pytest tests/report
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "browser"))
