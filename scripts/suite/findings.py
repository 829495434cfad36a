"""findings.py - what was found, in a sentence or two: only what the figures support."""
import math

from suite_words import listed, text, told


def whole(value):
    """A figure as a whole number, halves up, as in the tables and on the page; Python's own format rounds 0.5 to 0."""
    return f"{math.floor(value + 0.5):,}"


def sentences(db):
    """What a comparison found, or its scenario. [] where there is nothing to say."""
    name = db.execute("select name from scenario").fetchone()[0]
    return list(filter(None, SCENARIOS.get(name, comparison)(db)))


def comparison(db):
    """Which models served all clients at the largest count; and which is fastest, as far as the races tell."""
    rows = db.execute("""
        select s.model, s.clients, s.asked,
               (select min(served) from plan_run r where r.status = 'ok' and r.workload = s.workload
                   and (r.protocol, r.clients, r.model) = (s.protocol, s.clients, s.model)) as served
          from sweep_point s, sweep_count c where s.clients = c.most order by s.position""").fetchall()
    if rows:
        everybody = [row["model"] for row in rows if row["served"] == row["asked"]]
        others = [text("served", model=row["model"], count=f"{row['served'] or 0:,}")
                  for row in rows if row["served"] != row["asked"]]
        clients = rows[0]["clients"]
        those = text("all served", models=listed(everybody)) if everybody else text("none served all")
        yield text("who served", clients=f"{clients:,}", s="s" if clients > 1 else "",
                   what=text("semicolon").join(filter(None, (those, listed(others)))))
    if not db.execute("select 1 from cached_point where good and not void and not yardstick limit 1").fetchone():
        yield text("no run")
    yield fastest(db)


def fastest(db):
    """Of the models that served all, at the count nearest to 1,000 clients: than whom no other was told to be faster."""
    places = db.execute("""
        select model, clients, first, labels like '%client-bound%' as is_bound
          from ranking join sweep_point using (workload, protocol, clients, model), sweep_count
         where clients = thousand order by position""").fetchall()
    if not places:
        measured = db.execute("select 1 from sweep_point limit 1 offset 1").fetchone()
        return text("not raced") if measured else None
    clients = places[0]["clients"]
    leaders = [row["model"] for row in places if row["first"] == 1]
    slower = dict(db.execute("""
        select model, group_concat(against) from pair_ratio
         where (workload, protocol, clients, figure, word) = ('ping-pong', 'echo', ?, 'rate', 'less')
         group by model""", (clients,)))
    below = [row["model"] for row in places if set(leaders) <= set(slower.get(row["model"], "").split(","))]
    open_ones = [row["model"] for row in places if row["model"] not in (*below, *leaders)]
    said = text("all leaders" if len(leaders) == len(places) else "leaders", clients=f"{clients:,}", models=listed(leaders))
    said += text("slower than each" if len(leaders) > 1 else "slower", models=listed(below)) if below else ""
    said += text("open", models=listed(open_ones)) if open_ones else ""
    bound = [row["model"] for row in places if row["is_bound"]]
    return said + text("stop") + (text("brake", models=listed(bound)) if bound else "")


def ladder(db):
    """The steps that were told apart from the one before."""
    rows = db.execute("""
        select s.model, s.clients, s.throughput_short, s.word from step_change s join ladder_place using (model)
         where s.workload = 'ping-pong'
           and s.clients = (select max(clients) from step_change where workload = 'ping-pong')
         order by place""").fetchall()
    if not rows:
        return
    same, unknown = (sum(row["word"] in words for row in rows) for words in (("same",), ("open", None)))
    said = [listed(text("step", model=row["model"], change=told(row["throughput_short"]))
                   for row in rows if row["word"] in ("more", "less")),
            text("same steps", count=same, all=len(rows)) if same else "",
            text("open steps", count=unknown, all=len(rows)) if unknown else ""]
    yield text("steps", clients=f"{rows[0]['clients']:,}", what=text("semicolon").join(filter(None, said)))


def scale(db):
    """How fast active clients are served among idle ones."""
    rows = db.execute("select model, times from scale_cost where times is not null and protocol = 'echo'"
                      " order by position").fetchall()
    if rows:
        yield text("times", what=listed(f"{row['model']} x{row['times']:.2f}" for row in rows))


def capacity(db):
    """The most that was held."""
    for of in "clients", "rate":
        rows = db.execute("select model, held from table_capacity where of = ? and protocol = 'echo' order by position",
                          (of,)).fetchall()
        if rows:
            yield text(f"held {of}", what=listed(f"{row['model']} {told(row['held'])}" for row in rows))


def reliability(db):
    """In how many of the trials something happened that must not."""
    rows = db.execute("""select model, count(*) as trials, count(harm) as harmed from reliability
                          where twin_of is null group by model order by position""").fetchall()
    if rows:
        yield text("harm", what=listed(text("harmed", model=row["model"], count=row["harmed"], all=row["trials"])
                                       for row in rows))


def tls(db):
    """What a message costs with TLS, and what a handshake."""
    rows = db.execute("select workload, cpu_ratio, more_us, reconnect from tls_cost order by workload_position").fetchall()
    messages = [text("tls message", workload=row["workload"], ratio=row["cpu_ratio"]) for row in rows if not row["reconnect"]]
    if messages:
        yield text("tls messages", what=listed(messages))
    for row in rows:
        if row["reconnect"]:
            yield text("tls handshake", more=whole(row["more_us"]))


SCENARIOS = {"ladder": ladder, "scale": scale, "capacity": capacity, "reliability": reliability, "tls": tls}
