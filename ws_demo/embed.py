"""embed.py OUT.c DIRECTORY FILE...: the pages' files as C arrays, so that the server serves these and no others.

A FILE with an absolute path was generated, and is served by its name. live.html is served as /live.
"""
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def array(name, data):
    """A C array of these bytes."""
    lines = [", ".join(map(str, data[i:i + 24])) for i in range(0, len(data), 24)]
    return f"static const unsigned char {name}[] = {{\n" + ",\n".join(lines) + "};\n"


def address(name):
    """The URL's path. index.html is the directory itself, and a page has its name alone."""
    return "/" if name == "index.html" else f"/{name.removesuffix('.html')}"


def main(out, directory, *files):
    """Writes OUT.c."""
    arrays, entries = [], []
    for number, name in enumerate(files):
        path = pathlib.Path(directory, name)
        arrays.append(array(f"file_{number}", path.read_bytes()))
        url = address(path.name if pathlib.Path(name).is_absolute() else name)
        entries.append(f'    {{"{url}", "{TYPES[path.suffix]}", file_{number}, sizeof file_{number}}},\n')
    with open(out, "w", encoding="ascii") as file:
        file.write('#include "site.h"\n' + "".join(arrays) + "const struct page_file page_files[] = {\n" +
                   "".join(entries) + "};\nconst size_t page_files_count = sizeof page_files / sizeof page_files[0];\n")


main(*sys.argv[1:])
