#!/usr/bin/env python3
"""The load generator's layers: arrows point downward only, there is no circle, and no file is over 300 lines.

    tests/check_layers.py [-v] LOADGEN [OBJECTS]

LOADGEN is the source folder: each of its folders is a layer. OBJECTS is a folder (searched with its subfolders) that
holds the compiled objects, as meson names them. An arrow is a line `#include "layer/file.h"`, or a symbol that one
object needs and another defines (nm). NAME.c and NAME.h are one file. With -v also prints the layers with their files.
Prints each finding and ends with status 1; status 0 and the count of lines mean that all is well; status 2: nothing to
look at.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

LINES_MAX = 300
# From above to below: what each layer may use besides itself. "" is LOADGEN itself: main.c and its like.
LAYERS = {
    "": {"report", "run", "together", "meaning"},
    "report": {"meaning"},
    "run": {"together", "worker", "transport", "chaos", "tls", "client", "meaning"},
    "together": {"meaning"},
    "worker": {"client", "meaning"},
    "transport": {"client", "meaning"},
    "race": {"meaning"},
    "chaos": {"client", "meaning"},
    "tls": {"client", "meaning"},
    "client": {"meaning"},
    "meaning": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def read_sources(root):
    """The text of each .c and .h, by its path below root."""
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8")
            for path in sorted(root.rglob("*.[ch]"))}


def name_of(path):
    """layer/file without its ending: a .c and its .h are one."""
    return path.rsplit(".", 1)[0]


def layer_of(name):
    """The layer's folder; "" for main."""
    return name.rsplit("/", 1)[0] if "/" in name else ""


def include_arrows(sources):
    """(from, to, why) for each include of one file of the load generator by another."""
    for path, text in sources.items():
        for header in INCLUDE.findall(text):
            if header in sources and name_of(header) != name_of(path):
                yield name_of(path), name_of(header), f'includes "{header}"'


def find_objects(folder, sources):
    """Which object is of which file: meson calls run/run.c run_run.c.o."""
    wanted = {path.replace("/", "_") + ".o": path for path in sources if path.endswith(".c")}
    return {path: wanted[path.name] for path in sorted(folder.rglob("*.c.o")) if path.name in wanted}


def symbol_arrows(objects):
    """(from, to, why) for each symbol that one object needs and another defines."""
    listed = subprocess.run(["nm", "-A", "-g", "--format=posix", *objects], capture_output=True, text=True,
                            check=True).stdout if objects else ""
    symbols = collections.defaultdict(list)
    for line in listed.splitlines():
        path, name, kind = re.match(r"(.*): (\S+) (\S)", line).groups()
        symbols[pathlib.Path(path)].append((name, kind))
    home = {name: source for path, source in objects.items() for name, kind in symbols[path] if kind not in "Uw"}
    for path, source in objects.items():
        for name, kind in symbols[path]:
            if kind == "U" and name_of(home.get(name, source)) != name_of(source):
                yield name_of(source), name_of(home[name]), f"uses {name}"


def find_circles(arrows):
    """The sets of files that can all be reached from one another."""
    below = collections.defaultdict(set)
    for lower, upper in ((to, origin) for origin, to, _ in arrows):
        below[upper].add(lower)

    def reached(start):
        seen, waiting = set(), [start]
        while waiting:
            for name in below[waiting.pop()] - seen:
                seen.add(name)
                waiting.append(name)
        return seen

    reach = {name: reached(name) for name in list(below)}
    return {frozenset(other for other in reach[name] if name in reach.get(other, set()))
            for name in reach if name in reach[name]}


def findings(sources, arrows):
    """Everything that is wrong, a line each."""
    for path, text in sources.items():
        if layer_of(name_of(path)) not in LAYERS:
            yield f"{path}: no such layer; the folders are {', '.join(filter(None, LAYERS))}"
        if text.count("\n") > LINES_MAX:
            yield f"{path}: {text.count(chr(10))} lines; split it: {LINES_MAX} are the most"
    for origin, to, why in arrows:
        upper, lower = layer_of(origin), layer_of(to)
        if upper != lower and lower not in LAYERS.get(upper, set()):
            yield f"{origin} {why}: {upper or 'main'} stands not above {lower or 'main'}"
    for circle in sorted(map(sorted, find_circles(arrows))):
        yield f"a circle: {', '.join(circle)}"


def print_layers(sources):
    """The house, from above to below."""
    for layer in LAYERS:
        files = {path: text.count("\n") for path, text in sources.items() if layer_of(name_of(path)) == layer}
        print(f"{layer or 'main':10} {sum(files.values()):5} lines: "
              + ", ".join(f"{path.rsplit('/', 1)[-1]} {lines}" for path, lines in files.items()))


def main():
    """Status 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loadgen", type=pathlib.Path)
    parser.add_argument("objects", type=pathlib.Path, nargs="?")
    parser.add_argument("-v", action="store_true", dest="verbose")
    given = parser.parse_args()
    sources = read_sources(given.loadgen)
    objects = find_objects(given.objects, sources) if given.objects else {}
    if not sources or (given.objects and not objects):
        print(f"check_layers.py: nothing to look at in {given.objects if sources else given.loadgen}", file=sys.stderr)
        return 2
    if given.verbose:
        print_layers(sources)
    arrows = [*include_arrows(sources), *symbol_arrows(objects)]
    wrong = list(dict.fromkeys(findings(sources, arrows)))
    for line in wrong:
        print(line)
    print(f"{len(sources)} files, {sum(text.count(chr(10)) for text in sources.values())} lines, {len(set(arrows))} "
          f"arrows, {len(find_circles(arrows))} circles")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
