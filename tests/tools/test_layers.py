"""check_layers.py on small trees: it finds an arrow upward, a circle and a long file, by includes and by symbols."""
import pathlib
import subprocess

CHECK = pathlib.Path(__file__).parents[1] / "check_layers.py"


def checked(root, objects=None):
    """Status and lines of the check."""
    command = [CHECK, root, *([objects] if objects else [])]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout.splitlines() + result.stderr.splitlines()


def write(root, files):
    """The files, by name; returns root."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def compiled(root, objects, names):
    """Their objects, named as meson names them."""
    objects.mkdir()
    for name in names:
        subprocess.run(["cc", "-c", root / name, "-o", objects / (name.replace("/", "_") + ".o")], check=True)
    return objects


def test_arrows_downward_are_right(tmp_path):
    root = write(tmp_path, {"client/a.c": '#include "client/a.h"\n#include "meaning/m.h"\n', "client/a.h": "",
                            "meaning/m.h": ""})
    assert checked(root) == (0, ["3 files, 2 lines, 1 arrows, 0 circles"])


def test_an_include_upward_is_found(tmp_path):
    root = write(tmp_path, {"client/a.c": '#include "worker/w.h"\n', "worker/w.h": ""})
    status, lines = checked(root)
    assert (status, lines[0]) == (1, 'client/a includes "worker/w.h": client stands not above worker')


def test_a_report_that_includes_what_moves_is_found(tmp_path):
    root = write(tmp_path, {"report/r.c": '#include "client/c.h"\n', "client/c.h": ""})
    assert checked(root)[0] == 1


def test_a_circle_within_a_layer_is_found(tmp_path):
    root = write(tmp_path, {"run/a.h": '#include "run/b.h"\n', "run/b.h": '#include "run/a.h"\n'})
    status, lines = checked(root)
    assert (status, lines[0]) == (1, "a circle: run/a, run/b")


def test_a_symbol_upward_is_found_though_no_include_says_so(tmp_path):
    root = write(tmp_path / "loadgen", {"client/a.c": "void up(void);\nvoid down(void) { up(); }\n",
                                        "worker/w.c": "void up(void) {}\n"})
    status, lines = checked(root, compiled(root, tmp_path / "objects", ["client/a.c", "worker/w.c"]))
    assert (status, lines[0]) == (1, "client/a uses up: client stands not above worker")


def test_a_circle_of_symbols_is_found(tmp_path):
    root = write(tmp_path / "loadgen", {"run/a.c": "void b(void);\nvoid a(void) { b(); }\n",
                                        "run/b.c": "void a(void);\nvoid b(void) { a(); }\n"})
    status, lines = checked(root, compiled(root, tmp_path / "objects", ["run/a.c", "run/b.c"]))
    assert (status, lines[0]) == (1, "a circle: run/a, run/b")


def test_a_long_file_is_found(tmp_path):
    root = write(tmp_path, {"run/a.c": "\n" * 301})
    status, lines = checked(root)
    assert (status, lines[0]) == (1, "run/a.c: 301 lines; split it: 300 are the most")


def test_an_unknown_folder_and_an_empty_one_are_found(tmp_path):
    assert checked(tmp_path)[0] == 2
    assert checked(write(tmp_path, {"attic/a.c": ""}))[0] == 1
    (tmp_path / "objects").mkdir()
    assert checked(tmp_path, tmp_path / "objects")[0] == 2
