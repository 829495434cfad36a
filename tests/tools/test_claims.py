"""What README.md, docs/ and --help say, read against the code: systems, figures, limits, files, options, links."""
import re
import subprocess
import sys

import pytest

import measured
from checkout import REPOSITORY, files_of_the_project
from terminal import Failure

README = REPOSITORY / "README.md"
READMES = [README, REPOSITORY / "README.zh.md"]
DOCUMENTS = [*READMES, *sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "fuzz/README.md"]

# The oldest releases that are said to work, and those before them: what they have of meson and liburing.
OLDEST = {"Debian 12": ((1, 0, 1), (2, 3)), "Ubuntu 24.04": ((1, 3, 2), (2, 5))}
TOO_OLD = {"Debian 11": ((0, 56, 2), (0, 7)), "Ubuntu 22.04": ((0, 61, 2), (2, 1))}


def text_of(path):
    return path.read_text(encoding="utf-8")


def help_of(command):
    return subprocess.run([*command, "--help"], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def version(text):
    return tuple(map(int, text.split(".")))


def test_all_name_the_same_systems():
    for words in text_of(README), help_of([REPOSITORY / "scripts/setup.sh"]):
        assert set(re.findall(r"(?:Debian|Ubuntu) [0-9.]+(?= or later)", words)) == set(OLDEST)
    everything = "\n".join(map(text_of, DOCUMENTS))
    named = set(re.findall(r"Ubuntu [0-9]+\.[0-9]+|Debian [0-9]+", everything))
    assert named == set(OLDEST)


def test_the_build_needs_what_these_systems_have_and_older_ones_do_not():
    build = text_of(REPOSITORY / "meson.build")
    meson = version(re.search(r"meson_version: '>= ([0-9.]+)'", build)[1])
    liburing = {version(number) for number in re.findall(r"liburing[^\n]*?>= ([0-9.]+)", build)}
    assert len(liburing) == 1, "meson.build names several versions of liburing"
    for name, (has_meson, has_liburing) in OLDEST.items():
        assert meson <= has_meson and max(liburing) <= has_liburing, name
    for name, (has_meson, has_liburing) in TOO_OLD.items():
        assert meson > has_meson or max(liburing) > has_liburing, f"{name} would do: say so"


def test_documents_tell_the_figures_that_were_measured():
    figures = measured.read()
    told = set()
    for document in measured.DOCUMENTS:
        assert measured.fill_in(text_of(document), figures) == text_of(document), f"{document}: scripts/suite measured"
        told.update(measured.names_in(text_of(document)))
    assert told == set(figures), "kept and never told"


@pytest.mark.parametrize("name", [name for name, figure in measured.read().items() if "said" in figure])
def test_help_tells_them_too(name):
    figure = measured.read()[name]
    for path, words in figure["said"].items():
        assert words.format(figure["value"]) in text_of(REPOSITORY / path), f"{path} differs from docs/measured.json"


@pytest.mark.parametrize("document", READMES, ids=lambda path: path.name)
def test_readme_has_no_figure_by_hand(document):
    """Times and sizes of the reader's own first hour: each is a marked place."""
    by_hand = measured.PLACE.sub("", text_of(document))
    assert not re.search(r"\d+ (minutes|hours?|MB|GB|packages)\b|\babout an hour\b|\d ?(分钟|小时|个软件包)", by_hand)


def test_a_figure_is_filled_in_wherever_it_is_told():
    figures = {"a-b": {"value": "12 MB"}}
    text = "x <!-- measured: a-b -->0<!-- --> and <!-- measured: a-b -->1 GB<!-- -->, <!-- other -->"
    filled = measured.fill_in(text, figures)
    assert filled == "x <!-- measured: a-b -->12 MB<!-- --> and <!-- measured: a-b -->12 MB<!-- -->, <!-- other -->"
    assert measured.fill_in(filled, figures) == filled
    with pytest.raises(Failure, match="does not know"):
        measured.fill_in("<!-- measured: c -->0<!-- -->", figures)


@pytest.mark.parametrize("word", ["nonsense=1", "test-minutes", "test-minutes="])
def test_a_figure_that_is_none_changes_nothing(word):
    before = text_of(measured.FILE)
    with pytest.raises(Failure):
        measured.main([word])
    assert text_of(measured.FILE) == before


UNITS = {"KiB": 1024, "s": 1000, "": 1}


def test_limits_are_those_of_the_servers(built):
    """docs/limits.md against what a server prints."""
    printed = subprocess.run([built / "build/nio/nio_server", "--limits"], check=True, stdout=subprocess.PIPE).stdout
    limits = {line.split()[0]: int(line.split()[1]) for line in printed.decode().splitlines()}
    rows = re.findall(r"^\| (\w+) \| ([0-9,]+)(?: (KiB|s)\b)?", text_of(REPOSITORY / "docs/limits.md"), re.MULTILINE)
    assert {name: int(number.replace(",", "")) * UNITS[unit] for name, number, unit in rows} == limits


def test_the_ladder_needs_what_its_steps_say():
    """A step needs what the one before it needs."""
    needs = (0,)
    table = text_of(REPOSITORY / "docs/ladder.md")
    rows = dict(re.findall(r"^\| `(step\w+)` \|.*\| ([0-9.]+) \|$", table, re.MULTILINE))
    steps = sorted((REPOSITORY / "aio/ladder").glob("step*.c"))
    assert [step.stem for step in steps] == list(rows)
    for step in steps:
        needs = max(needs, version(re.search(r"Needs +Linux ([0-9]+\.[0-9]+)", text_of(step))[1]))
        assert version(rows[step.stem]) == needs, step.stem
        assert len(text_of(step).splitlines()) <= 150, step.stem


def test_there_are_so_many_cases_of_conformance():
    program = "import sys; sys.path[:0] = sys.argv[1:]; from cases import all_rows; print(len(list(all_rows())))"
    places = [REPOSITORY / "tests/conformance", REPOSITORY / "tests/blackbox"]
    count = subprocess.run([sys.executable, "-B", "-c", program, *places], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.strip()
    assert f"# {count} cases" in text_of(REPOSITORY / "docs/limits.md")


def code_lines(text):
    """The indented lines of a document, continued ones joined, without their comments."""
    joined = text.replace("\\\n", " ")
    return [line.split("  # ")[0].strip() for line in re.findall(r"^    (\S.*)$", joined, re.MULTILINE)]


def commands(text):
    """Each command that a document shows or names, with the program of this project that it begins with."""
    shown = code_lines(text) + re.findall(r"`([^`\n]+)`", text)
    for line in shown:
        if found := re.match(r"((?:scripts|build)/[\w/]+(?:\.sh)?)( .*)?$", line):
            yield found[1], found[2] or ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_commands_have_the_options_that_are_shown(document, built):
    for program, arguments in commands(text_of(document)):
        path = built / program
        if program.startswith("build/") and not path.is_file():
            continue  # a directory, or a program with a place for its name
        if options := re.findall(r"(?<!\S)--[a-z][\w-]*", arguments):
            known = help_of([path])
            missing = [option for option in options if option != "--help" and option not in known]
            assert not missing, f"{program} {arguments}"


@pytest.mark.parametrize("program", ["nio/nio_server", "aio/aio_server", "ws_demo/ws_demo", "loadgen/loadgen"])
def test_what_help_says_of_an_option_does_not_lean_on_its_neighbours(program, built):
    """Help is sorted by name: what was written above may stand below."""
    words = " ".join(help_of([built / "build" / program]).split())
    assert not re.search(r"[Tt]he same, with|\b(below|above)\b|after which it is not", words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_files_that_are_named_exist(document):
    """`tests/x.py`, `aio/ladder/step1`, `js/delivery.js`: as they are, or with what they end with, somewhere."""
    files = files_of_the_project()
    files += [re.sub(r"\.\w+$", "", name) for name in files]
    for name in re.findall(r"`((?:[\w.]+/)+[\w.]+)`", text_of(document)):
        if name.split("/")[0] in ("build", "results") or "build-" in name:
            continue
        directory = any(file.startswith(name + "/") for file in files)
        assert directory or any(file == name or file.endswith("/" + name) for file in files), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)]+)\)", text_of(document)):
        if not target.startswith("http"):
            assert (document.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_what_is_said_to_be_in_a_file_is_there(document):
    """`conn_send` and `conn_continue` in `nio/nio_server.c`; `grep -n LIMIT: bio/bio_server.c`."""
    text = text_of(document)
    said = []
    for names, path in re.findall(r"((?:`#?\w+`(?:, | and |,\n| and\n)?)+)(?: in|,|\nin)\s+`([\w/]+\.\w+)`", text):
        said += [(rf"\b{name}\b", path) for name in re.findall(r"`#?(\w+)`", names)]
    said += [(re.escape(word), pattern) for word, pattern in re.findall(r"`grep -n \"?([\w ]+:?)\"? ([\w/.*]+)`", text)]
    for word, pattern in said:
        files = [path for path in REPOSITORY.glob(pattern) if path.is_file()]
        assert any(re.search(word, text_of(path)) for path in files), f"{word} is not in {pattern}"
