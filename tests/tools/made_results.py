"""A results.db of a scenario, of made-up figures: enough for its tables and charts, without an hour of measuring."""
import database

METADATA = {"date": "2026-01-02 03:04:05 +0000", "kernel": "Linux 6.1", "cpu_model": "CPU", "cpus": "2", "state": "complete"}
RUN = """insert into run (id, status, started, elapsed_s, load_average, asked, connected, served, window_s, messages, messages_per_s,
                          service_p50_us, service_p99_us, response_p50_us, response_p99_us, failures_total, client_cpu_share,
                          server_cpu_share, server_cpu_us_per_message, memory_before_kib, memory_after_kib, memory_per_connection,
                          kernel_per_connection, total_messages, served_again_s, back_s, flash_all_back_s,
                          aftermath_memory_before_kib, aftermath_memory_after_kib)
         values (:id, 'ok', '', 1, '0', :clients, :clients, :clients, 1, 1000, :rate, 50, 500, 60, 600, 0, 0.5, 0.5, 5, 1000, 2000,
                 300, 4000, 1000, 0.001, 0.002, 0.003, 1000, 1100)"""


def of_scenario(name):
    """The database, with every run of the plan made; of a scenario, or of another profile."""
    db = database.connect(":memory:")
    database.run_file(db, "schema")
    database.run_file(db, "workloads")
    db.executemany("insert into metadata values (?, ?)", METADATA.items())
    settings = {"profile": name, "client_limit": "30000", "client_limit_why": "made up", "loadgen_threads": "1"}
    db.executemany("insert into setting values (?, ?)", settings.items())
    db.execute("insert into setting select 'scenario', name from profile where name = ? and scenario", (name,))
    database.make_views(db)
    database.run_file(db, "plan")
    db.execute("begin")
    db.execute("update plan set rate = 5000 where rate is null")
    plan = db.execute("select p.*, w.traced, w.search from plan p join workload w on w.name = p.workload").fetchall()
    for number, row in enumerate(plan):
        db.execute(RUN, {"id": row["id"], "clients": row["clients"], "rate": 10_000 + 137 * number})
        if row["traced"]:
            db.execute("insert into syscall values (?, 'recvfrom', ?)", (row["id"], 10 + number))
        if row["search"]:
            db.execute("insert into search (run, end, kind, value, not_held, confirmed, p50_us, p99_us, messages_per_s)"
                       " values (?, 'answered', 'exactly', ?, ?, 1, 50, 900, 5000)", (row["id"], 500 + number, 600 + number))
    db.execute("commit")
    database.run_file(db, "cache")
    return db


def add_race(db, ratios, workload="ping-pong", protocol="echo", clients=50, **race):
    """A race of a point. ratios: {(lane, against): (median, low, high, word)} of messages/s, or with "cpu" as a third of
    the key. Each word is as loadgen/race would have it."""
    (number,) = db.execute("select min(id) from plan where (workload, protocol, clients) = (?, ?, ?)",
                           (workload, protocol, clients)).fetchone()
    values = {"rounds": 40, "why": "narrow", "widest": 0.02, "lane": "aio", "elapsed_s": 60, "wanted": 0.03, "seed": 1,
              "starts": 3, **race, "id": number, "workload": workload, "protocol": protocol, "clients": clients}
    insert(db, "race", values)
    for lane in dict.fromkeys(name for pair in ratios for name in pair[:2]):
        db.execute("insert into lane values (?, ?, 100, 10, 0.001)", (number, lane))
    for (lane, against, *figure), (median, low, high, word) in ratios.items():
        insert(db, "ratio", {
            "race": number, "figure": figure[0] if figure else "rate", "lane": lane, "against": against,
            "rounds": values["rounds"], "median": median, "low": low, "high": high, "lag1": 0.1, "block": 1, "p": 0,
            "p_corrected": 0, "word": word, "within": 0.02 if word == "same" else None,
            "rounds_needed": 120 if word == "open" and low else None})
    db.execute("insert into control values (?, 'nio')", (number,))
    return number


def insert(db, table, values):
    """A row, by the names of its columns."""
    db.execute(f"insert into {table} ({', '.join(values)}) values ({', '.join('?' * len(values))})", (*values.values(),))
