#!/usr/bin/python3
"""What scripts/report/sources.py makes of the servers: nothing lost, nothing twice, and figures or reasons.

    tests/check_sources.py [REPOSITORY]

Prints each finding as `where: what` and ends with status 1; silence and status 0 mean that all is well.
"""
# Debian's python3, whose modules setup.sh installs, not another one that PATH may find first.
import collections
import importlib.util
import json
import pathlib
import sys
import tempfile

SKIPPED = 77
METRICS = ["lines", "io_lines", "shared_lines", "calls", "flags", "state_bytes", "cyclomatic", "cognitive"]
CALLS = [("bio", "conn_recv", "recvfrom"), ("pseudo_async", "model_block", "futex"),
         ("bio", "server_accept", "clone3"), ("nio", "model_block", "epoll_wait"), ("nio", "conn_recv", "recvfrom"),
         ("aio", "model_block", "io_uring_enter"), ("aio_future", "model_block", "io_uring_enter")]
NO_CALLS = [("aio", "conn_recv", "recvfrom"), ("aio", "conn_send", "sendto"), ("aio_future", "conn_recv", "recvfrom"),
            ("aio_future", "conn_recv", "io_uring_enter"), ("bio", "conn_advance", "recvfrom")]
SUBMITS = [("aio", "conn_recv", "recv_multishot"), ("aio", "conn_send", "send"), ("aio_future", "conn_recv", "recv")]


def check_lines(described, repository):
    """Each line of each server, once, as it is."""
    for model in described["models"]:
        name, shown = model["name"], collections.Counter()
        source = (repository / model["file"]).read_text(encoding="utf-8").splitlines()
        for row in described["rows"]:
            for piece in row["cells"].get(name, []):
                numbers = [line["n"] for line in piece["lines"]]
                if numbers != list(range(piece["from"], piece["from"] + len(numbers))):
                    yield name, f"the lines of {piece['name']} are not in order"
                shown.update((line["n"], line["text"]) for line in piece["lines"])
        if shown != collections.Counter(enumerate(source, 1)) or model["lines"] != len(source):
            yield name, "the rows do not hold each line of the source exactly once"


def check_tokens(described):
    """Each line's coloured pieces say what the line says."""
    for row in described["rows"]:
        for model, cell in row["cells"].items():
            for line in (line for piece in cell for line in piece["lines"]):
                said = "".join(text for _, text in line["tokens"])
                if said != line["text"]:
                    yield model, f"line {line['n']} became {said}"


def check_calls(described):
    """What each cell is said to call, and to submit."""
    def of_cells(key):
        return {(model, row["name"]): [word for piece in cell for word in piece[key]]
                for row in described["rows"] for model, cell in row["cells"].items()}
    called, submitted = of_cells("calls"), of_cells("submits")
    for found, wanted, what in (called, CALLS, "call"), (submitted, SUBMITS, "submit"):
        for model, row, word in wanted:
            if word not in found.get((model, row), []):
                yield model, f"{row} does not {what} {word}"
    for model, row, call in NO_CALLS:
        if call in called.get((model, row), []):
            yield model, f"{row} should not call {call}"


def check_homes(rows, skeleton):
    """Each function of a server is in a row, by its own name or with the one it belongs to."""
    for row, cells in rows.items():
        for model, cell in cells.items():
            for piece in cell:
                defined = skeleton.functions("\n".join(line.text for line in piece.lines))
                if len(defined) > 1:
                    yield model, f"{' and '.join(one.name for one in defined)} need a blank line between them"
                if row in ("model", "includes", "constants") and defined:
                    yield model, f"{piece.name} is in the row {row}: give it a home in scripts/report/sources.py"


def check_metrics(text, models):
    """A figure, or a reason."""
    all_found = [line.split("\t") for line in text.splitlines()]
    found = [row for row in all_found if ":" not in row[1]]
    by_concern = [row for row in all_found if ":" in row[1]]
    for model in models:
        named = {metric: int(value) for name, metric, value, _ in by_concern if name == model}
        whole = int(next(value for name, metric, value, _ in found if (name, metric) == (model, "lines")))
        if not 0.7 * whole < sum(lines for metric, lines in named.items() if metric.startswith("full:")) <= whole:
            yield "metrics.tsv", f"the concerns of {model} do not add up to its {whole} lines less brackets: {named}"
    if [row[:2] for row in found] != [[model, metric] for model in models for metric in METRICS]:
        yield "metrics.tsv", f"should have {', '.join(METRICS)} for each of {', '.join(models)}"
    for model, metric, value, detail in found:
        if not (value.isdigit() if value else detail.startswith("n/a: ")):
            yield "metrics.tsv", f"{model} {metric} is '{value}' ({detail})"


def findings(repository, sources):
    """All findings as (where, what)."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        sources.write(repository, out)
        described = json.loads((out / "sources.json").read_text(encoding="utf-8"))
        metrics = (out / "metrics.tsv").read_text(encoding="utf-8")
    yield from check_lines(described, repository)
    yield from check_tokens(described)
    yield from check_calls(described)
    yield from check_homes(sources.read_rows(repository), sources.skeleton)
    yield from check_metrics(metrics, list(sources.MODELS))
    for path, text, now in sources.concerns.filled_in(repository):
        if now != text:
            yield path.name, f"its lines by concern are old: {sources.concerns.__file__} {repository} --readme"


def main():
    """Prints them."""
    if not importlib.util.find_spec("pygments"):
        print("skipped: python3-pygments is not installed: see scripts/setup.sh")
        return SKIPPED
    own = pathlib.Path(__file__).parents[1]
    sys.path.insert(0, str(own / "scripts/report"))
    found = list(findings(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else own, importlib.import_module("sources")))
    for where, what in found:
        print(f"{where}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
