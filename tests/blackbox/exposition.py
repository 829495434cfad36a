"""exposition.py - Prometheus's text format 0.0.4, read strictly, as its document and `promtool check metrics` have it."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ([-+]?(?:[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|Inf)|NaN)")
HELP = re.compile(rf"# HELP ({NAME}) ((?:[^\\\n]|\\[\\n])+)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge)")
UNITS = {"ms", "milliseconds", "kib", "kilobytes", "percent", "count"}


def read(text):
    """{name: {labels: value}}, labels as a sorted tuple of pairs. Raises AssertionError for what is not in the format, or
    against the conventions of names."""
    assert text.endswith("\n") and "\r" not in text
    metrics, types, name = {}, {}, None
    lines = iter(text.removesuffix("\n").split("\n"))
    for line in lines:
        if found := HELP.fullmatch(line):
            name = found[1]
            assert name not in metrics, f"{name} comes twice"
            kind = TYPE.fullmatch(next(lines))
            assert kind and kind[1] == name, f"# TYPE must follow: {line}"
            metrics[name], types[name] = {}, kind[2]
            continue
        found = SAMPLE.fullmatch(line)
        assert found and found[1] == name, f"no sample of {name}: {line!r}"
        labels = tuple(sorted((label, unescaped(value)) for label, value in re.findall(LABEL, found[2] or "")))
        assert labels not in metrics[name], f"twice: {line}"
        metrics[name][labels] = float(found[found.lastindex])
    for name, samples in metrics.items():
        assert samples, f"{name} has no sample"
        assert (types[name] == "counter") == name.endswith("_total"), f"{name} is a {types[name]}"
        assert not UNITS & set(name.split("_")), f"{name}: a base unit, please"
        assert name.startswith(("ws_demo_", "process_")), name
    return metrics


def unescaped(value):
    """Of a label."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
