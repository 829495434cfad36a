"""pages.py - reports built from the fixture, and Chromium with them. A report is a file: nothing is served."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests/report/fixture.json"
BUILD = ROOT / "scripts/report/build.py"

# Two servers of one function: enough for the section of the sources.
SOME_SOURCES = {
    "models": [{"name": "bio", "file": "bio/bio_server.c", "lines": 1},
               {"name": "nio", "file": "nio/nio_server.c", "lines": 1}],
    "rows": [{"name": "conn_recv", "title": "recv", "cells": {
        "bio": [{"name": "conn_recv", "from": 7, "lines": [
            {"n": 7, "text": "recv(fd);", "tags": ["WAIT"], "calls": ["recvfrom"]}]}],
        "nio": [{"name": "conn_recv", "from": 9, "lines": [
            {"n": 9, "text": "recv(fd, 0);", "tags": ["no WAIT"], "calls": ["recvfrom"]}]}]}}],
}


def fixture():
    """The data of a run, made up."""
    return json.loads(FIXTURE.read_text(encoding="utf-8"))


def charts_in(folder):
    """A drawing of gnuplot's, with hover texts, in the place of each chart."""
    folder.mkdir()
    for chart in fixture()["charts"]:
        shutil.copy(ROOT / "tests/report/hover.svg", folder / f"{chart['name']}.svg")
    return folder


def unpacked(value):
    """What build.py has packed, as js/packed.js unpacks it."""
    if isinstance(value, list):
        return [unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"columns", "objects"}:
        return [dict(zip(value["columns"], map(unpacked, row))) for row in value["objects"]]
    return {key: unpacked(one) for key, one in value.items()}


def build(folder, data=None, sources=SOME_SOURCES, charts=True):
    """The page that build.py makes of this data, in this folder. Without `sources` or `charts` it is given none."""
    options = []
    (folder / "data.json").write_text(json.dumps(data or fixture()), encoding="utf-8")
    if sources:
        (folder / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
        options += "--sources", folder / "sources.json"
    if charts:
        options += "--charts", charts_in(folder / "charts")
    out = folder / "report.html"
    subprocess.run([sys.executable, BUILD, out, folder / "data.json", *options], check=True)
    return out


def placeholders(text):
    """What is to be filled in, such as {clients}."""
    return sorted(set(re.findall(r"\{\w+\}", text)))
