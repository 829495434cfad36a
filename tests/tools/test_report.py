"""scripts/report stands on its own: nothing of tests/, and nothing of the user's, is in what it counts."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import environment
import pytest

REPORT = environment.SCRIPTS / "report"
IMPORTS_ALL = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import build, c_source, conversation, exam, journey, metrics, serving, sources
files = [pathlib.Path(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
print(*[file for file in files if "tests" in file.parts])
print(*serving.PROGRAMS)
"""


def test_nothing_is_imported_from_the_tests():
    """And the models are those of scripts/sql/workloads.sql."""
    pytest.importorskip("pygments", reason="python3-pygments is not installed: scripts/setup.sh")
    done = subprocess.run([sys.executable, "-c", IMPORTS_ALL, str(REPORT)], capture_output=True, text=True, check=True)
    assert done.stdout == "\nbio pseudo_async nio aio aio_future framework\n"


def test_a_line_is_for_one_concern(tmp_path):
    """Its function's; else what its words say; else the model's. Comments and blank lines are for nothing."""
    pytest.importorskip("pygments", reason="python3-pygments is not installed: scripts/setup.sh")
    (tmp_path / "bio").mkdir()
    (tmp_path / "bio/bio_server.c").write_text("""/* bio_server.c - draining, door_refuse: words of a comment. */
#include <errno.h>

struct conn {
    int fd;
    struct effort effort;
};

static void conn_tick(struct conn *c) {
    c->effort.waits++;
}

static void conn_recv(struct conn *c) {
    c->effort.waits++;

    recv(c->fd); /* not a stats_closed */
    if (server_is_stopping())
        session_shutdown(c);
    door_refuse(c);
}

static void server_close(void) {
    recv(1);
}

int main(void) {
    return now_ms();
}
""")
    done = subprocess.run([sys.executable, str(REPORT / "concerns.py"), str(tmp_path)], capture_output=True, text=True,
                          check=True)
    assert json.loads(done.stdout) == [{"model": "bio", "reading": "full", "file": "bio/bio_server.c", "lines": {
        "model": 4, "set-up": 2, "draining": 4, "liveness": 2, "goodbye": 0, "pressure": 1, "counters": 2}}]
    (tmp_path / "bio/bio_echo.c").write_text("int main(void) {\n}\n")
    done = subprocess.run([sys.executable, str(REPORT / "concerns.py"), str(tmp_path)], capture_output=True, text=True,
                          check=True)
    assert [(one["reading"], one["lines"]["set-up"]) for one in json.loads(done.stdout)] == [("first", 1), ("full", 2)]


@pytest.mark.full  # it draws a whole page
@pytest.mark.skipif(not shutil.which("clang-tidy"), reason="clang-tidy is not installed: scripts/setup.sh")
def test_a_directory_above_changes_no_figure(tmp_path):
    """A .clang-tidy of the user's, above the checkout, and his compiler."""
    pytest.importorskip("pygments", reason="python3-pygments is not installed: scripts/setup.sh")
    checkout = tmp_path / "it's a checkout"
    for folder in ("common", "bio", "pseudo_async", "nio", "aio"):
        shutil.copytree(environment.ROOT / folder, checkout / folder)
    shutil.copytree(environment.SCRIPTS, checkout / "scripts")
    (tmp_path / ".clang-tidy").write_text("Checks: '*'\nWarningsAsErrors: '*'\nCheckOptions:\n"
                                          "  - key: readability-function-cognitive-complexity.Threshold\n    value: 9999\n")
    figures = [counted(environment.ROOT, tmp_path / "here", os.environ),
               counted(checkout, tmp_path / "there", {**os.environ, "CC": "false", "CFLAGS": "-DNOTHING_BUILDS", "LC_ALL": "de_DE"})]
    assert figures[0] == figures[1]
    assert all(figures[0].values())


def counted(repository, out, variables):
    """{(model, metric): value}"""
    subprocess.run([sys.executable, str(REPORT / "sources.py"), str(repository), str(out)], check=True, env=variables)
    lines = pathlib.Path(out, "metrics.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return {(model, metric): value for model, metric, value, _ in rows if metric in ("cognitive", "state_bytes", "lines")}
