"""compare_options.py - the options of compare.sh."""
import contextlib
import os
import pathlib
import re
import time
import types

import database
import environment
import load_hosts
import predictions
from terminal import Failure

PROFILES = ("--quick", "--full", "--bench")
COUNT = "[1-9][0-9]{0,5}"
SECONDS = r"0*[1-9][0-9]{0,3}(\.[0-9]+)?|0*\.0*[1-9][0-9]*"

# What the value of an option has to look like, and an example of it.
NUMBERS = {
    "--clients": (f"{COUNT}(,{COUNT})*", "counts such as 1,10,100"),
    "--repeat": ("[1-9][0-9]?", "a count from 1 to 99"),
    "--duration": (SECONDS, "seconds above 0, such as 1.5"),
    "--warmup": (f"{SECONDS}|0", "seconds, such as 0.5"),
    "--processes": ("[1-9]|[1-5][0-9]|6[0-4]", "a number from 1 to 64"),
}
WORDS = ("--scenario", "--workloads", "--models", "--protocols", "--server-host")
PATHS = ("--out", "--build", "--redraw", "--against", "--predictions", "--load-hosts")


def parse(arguments):
    """The options as attributes, None where not given; `profile` is a name of scripts/sql/workloads.sql. Failure names
    what is wrong. Writes nothing."""
    options = types.SimpleNamespace(profile="default", **{attribute(name): None for name in (*NUMBERS, *WORDS, *PATHS)})
    left = list(arguments)
    while left:
        name = left.pop(0)
        if name in PROFILES:
            if options.profile not in ("default", name[2:]):
                raise Failure("--quick, --full and --bench exclude each other: give one")
            options.profile = name[2:]
        elif name in NUMBERS or name in WORDS or name in PATHS:
            if not left or not left[0]:
                raise Failure(f"{name} needs a value: try --help")
            setattr(options, attribute(name), checked(name, left.pop(0)))
        else:
            raise Failure(f"unknown option '{name}': try --help")
    check_scenario(options)
    check_processes(options)
    check_load_hosts(options)
    check_files(options)
    if not options.redraw:
        check_lists(options)
        options.out = place_for(options.out)
    return options


def attribute(name):
    """An option's, as Python has it."""
    return name[2:].replace("-", "_")


def parse_out(arguments):
    """Where the results of a comparison with these arguments are: the last --out."""
    return pathlib.Path(os.path.realpath(arguments[len(arguments) - arguments[::-1].index("--out")]))


def checked(name, value):
    """The value; Failure if this option does not take it."""
    if name in NUMBERS:
        pattern, example = NUMBERS[name]
        if not re.fullmatch(pattern, value):
            raise Failure(f"{name} '{value}' is no valid value: give {example}")
    if name in PATHS and (name, value) != ("--load-hosts", load_hosts.STDIN):
        return pathlib.Path(os.path.realpath(value))
    return value


def check_scenario(options):
    """A scenario is a profile of its own."""
    if options.scenario is None:
        return
    if options.profile != "default":
        raise Failure(f"--scenario has its own workloads and excludes --{options.profile}: give one of them")
    if options.redraw:
        raise Failure("--redraw knows the scenario from the results: leave --scenario out")
    known = [row[0] for row in database.words().execute("select name from profile where scenario")]
    if options.scenario not in known:
        raise Failure(f"--scenario does not know '{options.scenario}': give one of {','.join(known)}")
    options.profile = options.scenario


def check_processes(options):
    """Not every profile is of servers that can be several processes."""
    (why,) = database.words().execute("select single from profile where name = ?", [options.profile]).fetchone()
    if why and options.processes not in (None, "1"):
        asked = f"--scenario {options.scenario}" if options.scenario else f"--{options.profile}"
        raise Failure(f"--processes {options.processes} does not go with {asked}: {why}; leave one of them out")


def check_load_hosts(options):
    """Becomes the list of the hosts. Not every profile can have its load from elsewhere."""
    if options.server_host:
        check_server_host(options)
    if options.load_hosts is None:
        return
    if options.redraw:
        raise Failure("--redraw measures nothing: leave --load-hosts out")
    (why,) = database.words().execute("select local from profile where name = ?", [options.profile]).fetchone()
    if why:
        asked = f"--scenario {options.scenario}" if options.scenario else f"--{options.profile}"
        raise Failure(f"--load-hosts does not go with {asked}: {why}; leave one of them out")
    options.load_hosts = load_hosts.read(options.load_hosts)


def check_server_host(options):
    """Another host, to which the files of this one are not brought."""
    if not load_hosts.NAME.fullmatch(options.server_host):
        raise Failure(f"--server-host '{options.server_host}' is no name or IPv4 address of a host: give one")
    if options.load_hosts is None:
        raise Failure("--server-host without --load-hosts: start the comparison on that host; or give --load-hosts, too")
    for name in "against", "predictions":
        if getattr(options, name):
            raise Failure(f"--{name} does not go with --server-host: give it with --redraw, when the results are here")


def check_files(options):
    """The files that are read must exist."""
    for name in ("against", "redraw"):
        directory = getattr(options, name)
        if directory and not os.path.isfile(directory / "results.db"):
            raise Failure(f"--{name} '{directory}' has no results.db: name a directory that compare.sh wrote")
    if options.against:
        check_same_load(options)
    if options.predictions and not (os.path.isfile(options.predictions) and os.access(options.predictions, os.R_OK)):
        raise Failure(f"--predictions '{options.predictions}' cannot be read: name a file")
    if options.predictions:
        words = database.words()
        database.run_file(words, "textbook")
        predictions.take(words, options.predictions)


def check_same_load(options):
    """Figures of loopback are not held against those of a network, nor of another number of hosts."""
    def hosts_of(directory):
        with contextlib.closing(database.open_foreign(directory / "results.db")) as db:
            return load_hosts.count_in(db)
    own = hosts_of(options.redraw) if options.redraw else len(options.load_hosts or [])
    other = hosts_of(options.against)
    if own != other:
        raise Failure(f"--against '{options.against}': load came {from_where(other)} there, and comes {from_where(own)} here: "
                      "such figures are not compared; name results of the same kind")


def from_where(hosts):
    """In words."""
    return f"from {hosts} other host{'s' if hosts > 1 else ''}" if hosts else "from the servers' own machine"


def check_lists(options):
    """Each word must be in scripts/sql/workloads.sql, and may come once."""
    words = database.words()
    profile = words.execute("select models, protocols from profile where name = ?", [options.profile]).fetchone()
    listed = profile["models"].split(",")
    models = [row[0] for row in words.execute("select name from model where not yardstick order by position")
              if row[0] in listed]
    workloads = [row[0] for row in words.execute(
        "select workload from profile_workload where profile = ? order by rowid", [options.profile])]
    for name, known in (("workloads", list(dict.fromkeys(workloads))), ("models", models),
                        ("protocols", profile["protocols"].split(","))):
        given = getattr(options, name)
        if given is not None:
            check_list(f"--{name}", given, known)


def check_list(name, given, known):
    """Is it a comma list of known words?"""
    seen = set()
    for word in given.split(","):
        if not word:
            raise Failure(f"{name} '{given}' is no list: give one or more of {','.join(known)}")
        if word not in known:
            raise Failure(f"{name} does not know '{word}': give one or more of {','.join(known)}")
        if word in seen:
            raise Failure(f"{name} names '{word}' twice: once is enough")
        seen.add(word)


def place_for(out):
    """Where the results go: the directory does not exist, or is empty, and can be written."""
    out = out or environment.ROOT / "results" / time.strftime("%Y%m%d-%H%M%S")
    if not is_empty_place(out):
        raise Failure(f"--out '{out}' exists and is not empty: results are never overwritten; name another directory")
    check_writable(out, "--out")
    return out


def is_empty_place(directory):
    """Is nothing there, or a directory with nothing in it? Failure where that cannot be seen."""
    try:
        return not any(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return not os.path.lexists(directory)  # of what is above it, check_writable() says what is wrong
    except OSError as error:
        raise Failure(f"--out '{directory}' cannot be looked into: {error.strerror}; name another directory") from None


def check_writable(directory, option):
    """Can it be made, or written if it is there?"""
    parent = directory
    while not os.path.lexists(parent):
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise Failure(f"'{directory}' cannot be written: name another directory with {option}")
