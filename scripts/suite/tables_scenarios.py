"""tables_scenarios.py - the tables of the scenarios, each of which answers its own question."""
from markdown import section, table, text_of

LADDER = """\
Each step (aio/ladder) is held against the one before, the first against the floor, an echo by epoll; aio is the full
server, with protocol, limits and clocks. A change is a ratio within the rounds of a race, with its 95% interval. Where
a point is `client-bound`, read the CPU. **Linux** is the first version that offers what the step needs; calls/msg is
from a pass of its own under strace.

Messages of 64 KiB show what bundles are for. Read the steps against one another there: their buffers are of 4 KiB, those of
the floor and of aio of 16 KiB, so that against those it is not the same work.
"""
CAPACITY = """\
Found by `loadgen --search`: each answer is the border of some eighteen runs, bisected to {resolution:g}\
% and run again on both sides until two runs agree. Held: {held}
Each run of each search is in the tables `probe` and `probe_failure` of results.db.

- **at least**: the border is not the server's. **client-bound**: above it the load generator used 90% of its CPUs or more while
  the server idled; **client-limit**: above it the load generator may open no more connections. The server may hold more.
- **not-confirmed**: the border still moved when the runs were used up. **not-monotone**: more than *not held* was held.
- **disturbed**: other processes, or the hypervisor, used more than a tenth of a CPU meanwhile.

"""
RELIABILITY = [
    ("Reliability: what the good clients feel", """\
First rows: 20 good clients ask for 2,000 messages/s together, and check each answer; beside them others do what they
should not (`loadgen --chaos help`). A cell is the p99 of the good ones, from due to answered, as a multiple of what it is
without the others in the same round, with its 95% interval: calm and disturbed slices take turns. Where that interval
encloses 1, the harm cannot be told. The bad ones run on the CPU of the load generator: a multiple of 2 or 3 may
be theirs, and not the doing of the server. After a flash: how long until all were served again, nothing lost. Then
pressure: messages/s, or how many of the good clients were served and how busy the server was; the others were refused
or had to wait, and are counted. *dies*, *wrong bytes*, *n of m fail* and *spins* are what must not be.
""", """
        select protocol, title as "under", bio, pseudo_async, nio, aio, aio_future, framework
          from table_reliability where of = 'cell' order by protocol, workload_position"""),
    ("Reliability: what is left afterwards", """\
From the end of the last connection until descriptors and threads of the server are as many as before the first one, and
what it keeps of memory; the most of the repetitions. A new client was served at once, or it says otherwise. Freed memory is
kept by the process on purpose (`common/memory.h`): a leak would show in `scripts/soak.sh`, not here.
""", """
        select protocol, title as "after", bio, pseudo_async, nio, aio, aio_future, framework
          from table_reliability where of = 'back' order by protocol, workload_position"""),
    ("Reliability: the naive twins", """\
The same, for servers with one mistake each (`*/naive/*.c`, `docs/failures.md`), beside what the server does that each is a
twin of.
""", """
        select "naive twin", under, protocol, "what it does", "is a twin of", "which does"
          from table_twin order by position, under"""),
]
SCALE = [
    ("Many connections, few of them active", """\
190 clients send 20,000 messages a second (open loop, latency from *due* to answered): first alone, then among 18,810 that
are connected, were answered once, and say nothing. The bar, for nio and aio: p99 among them at most twice that of 190 alone.
""", "select * from scale_among",
     "\npseudo_async is not in it: it serves as many connections as it has workers, however idle they are.\n"),
    ("What one connection costs", """\
Memory: what 18,810 connections more take, of the server's own and of the kernel's: half of Slab, which both ends take,
and KernelStack and PageTables, which are the server's. (Results that have no Slab apart: half of the three.) Set-up:
connect, WebSocket handshake where there is one, a message, close, 50 at a time.
""", "select * from scale_connection", ""),
    ("What one million clients need", """\
The figures above times 1,000,000. CPUs for pings: each client is asked once in 20 s (--idle-ms) and answers, at the CPU time
that a message took among the idle ones. Nothing here was run with a million: it is arithmetic, and a lower bound.
""", "select * from scale_million", ""),
]

TLS = """\
The same server twice: as it is, and with TLS (`--self-signed`: a key on P-256). **with/without** is the ratio, within the
rounds of a race where it has an interval (`~`: of runs one after another, without one). In *set-up* each message has a
connection of its own, with a whole handshake of TLS, none resumed, and one of WebSocket; there, the CPU time is that of a
connection. CPU time is the server's alone: the load generator's own side of TLS is not in it.

"""

def ladder(db):
    """The steps of io_uring: what each brought."""
    yield section(db, "The io_uring ladder: what each step brought", LADDER, """
        select workload, clients, model, "Linux", against, "msg/s against it", "msg/s", "min..max", "CPU against it",
               "CPU us/msg", "calls/msg", labels
          from table_ladder order by workload_position, clients_number, place""")
    for name, kernel, missing in db.execute("select name, kernel, missing from model"
                                            " where missing is not null and name in (select model from ladder_place)"):
        yield f"\nNot measured: {text_of(name)}, which needs Linux {text_of(kernel)}: {text_of(missing)}.\n"
    yield "\n"


def capacity(db):
    """What each model holds, found by searches."""
    resolution, rate = db.execute("select max(resolution_percent), max(client_rate) from workload"
                                  " where search is not null").fetchone()
    held = db.execute("select text from chart_capacity_limits limit 1").fetchone()
    yield "## What each model holds\n\n" + CAPACITY.format(resolution=resolution or 0, held=held[0] if held else "n/a")
    yield f"### The most clients, of {rate or 0:g} messages/s each\n\n" + table(db.execute("""
        select protocol, model, held, "min..max", "not held", "because", "p50 ms", "p99 ms", "msg/s", "server CPU", "loadgen CPU", runs,
               labels
          from table_capacity where of = 'clients' order by protocol, position"""))
    clients = db.execute("select max(clients) from plan where workload = 'highest-rate'").fetchone()[0]
    if clients:
        yield f"\n### The highest rate of {clients} clients, in messages/s\n\n"
    yield table(db.execute("""
        select protocol, model, held, "min..max", "not held", "because", "p50 ms", "p99 ms", "server CPU", "loadgen CPU", runs, labels
          from table_capacity where of = 'rate' order by protocol, position""")) + "\n"


def reliability(db):
    """What bad neighbours and pressure do to the models, and to their naive twins."""
    for title, text, query in RELIABILITY:
        yield section(db, title, text, query) + "\n"


def tls(db):
    """What TLS costs."""
    yield section(db, "What TLS costs", TLS, """
        select title as "load", protocol, clients, "msg/s without", "with", "with/without", "CPU us without", "with ",
               "with/without ", "more CPU us", failed
          from table_tls order by workload_position, protocol""") + "\n"


def scale(db):
    """What a connection costs, and what a million of them need."""
    for title, text, query, after in SCALE:
        yield section(db, title, text, query) + after + "\n"
    yield "What breaks first on the way there, with the settings of the machine that was measured:\n\n"
    yield table(db.execute("select * from scale_limit")) + "\n"
