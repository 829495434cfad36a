"""findings.py - what was found, in a sentence or two: only what the figures support."""
import math


def listed(words):
    """a, b and c."""
    words = list(words)
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def whole(value):
    """A figure as a whole number, halves up, as in the tables and on the page; Python's own format rounds 0.5 to 0."""
    return f"{math.floor(value + 0.5):,}"


def sentences(db):
    """What a comparison found, or its scenario. [] where there is nothing to say."""
    name = db.execute("select name from scenario").fetchone()[0]
    return list(filter(None, SCENARIOS.get(name, comparison)(db)))


def comparison(db):
    """Which models served all clients at the largest count; and which answered most, as far as the repetitions show."""
    rows = db.execute("""
        select s.model, s.clients, s.asked,
               (select min(served) from plan_run r where r.status = 'ok' and r.workload = s.workload
                   and (r.protocol, r.clients, r.model) = (s.protocol, s.clients, s.model)) as served
          from sweep_point s, sweep_count c where s.clients = c.most order by s.position""").fetchall()
    if rows:
        everybody = [row["model"] for row in rows if row["served"] == row["asked"]]
        others = [f"{row['model']} served {row['served'] or 0:,}" for row in rows if row["served"] != row["asked"]]
        clients = rows[0]["clients"]
        those = f"{listed(everybody)} served every one" if everybody else "no model served every one"
        what = "; ".join(filter(None, (those, listed(others))))
        yield f"Echo, {clients:,} client{'s' if clients > 1 else ''}: {what}."
    if not db.execute("select 1 from cached_point where good and not void and not yardstick limit 1").fetchone():
        yield "No run was valid: there is nothing to compare."
    yield most_answered(db)


def most_answered(db):
    """Of the models that served all, at the count nearest to 1,000 clients."""
    rows = db.execute("""
        select p.*, exists (select 1 from label l where l.label = 'client-bound' and (l.workload, l.protocol) =
                             (p.workload, p.protocol) and (l.clients, l.model) = (p.clients, p.model)) as is_bound
          from sweep_point p, sweep_count c
         where p.clients = c.thousand and p.failed_clients_greatest = 0 and p.messages_per_s > 0
         order by p.messages_per_s desc""").fetchall()
    if len(rows) < 2:
        return None
    best, rest = rows[0], rows[1:]
    said = f"At {best['clients']:,}, {best['model']} answered most: {whole(best['messages_per_s'])} messages/s"
    if best["good"] < 2:
        return said + ", in one repetition: who is faster cannot be told from that."
    near = [row["model"] for row in rest if row["messages_per_s_greatest"] >= best["messages_per_s_least"]]
    below = [row["model"] for row in rest if row["model"] not in near]
    said += f"; the ranges of {listed(near)} overlap with its own" if near else "; the range of no other reaches its own"
    said += f", those of {listed(below)} stay below." if below and near else "."
    bound = [row["model"] for row in rows if row["is_bound"]]
    return said + (f" The load generator was the brake of {listed(bound)}: compare CPU us/msg." if bound else "")


def ladder(db):
    """The steps that brought something beyond the spread."""
    rows = db.execute("""
        select s.model, s.clients, s.throughput from step_change s join ladder_place using (model)
         where s.workload = 'ping-pong'
           and s.clients = (select max(clients) from step_change where workload = 'ping-pong')
         order by place""").fetchall()
    if not rows:
        return
    changed = [f"{row['model']} {row['throughput']}" for row in rows if row["throughput"][0] in "+-"]
    unknown = sum(row["throughput"].startswith("n/a") for row in rows)
    within = len(rows) - len(changed) - unknown
    said = [listed(changed),
            f"{within} of {len(rows)} steps brought nothing beyond the spread of the repetitions" if within else "",
            f"of {unknown} of {len(rows)} steps it cannot be told" if unknown else ""]
    yield f"Echo, {rows[0]['clients']:,} clients, messages/s against the step before: {'; '.join(filter(None, said))}."


def scale(db):
    """How fast active clients are served among idle ones."""
    rows = db.execute("select model, times from scale_cost where times is not null and protocol = 'echo'"
                      " order by position").fetchall()
    if rows:
        yield ("Echo, p99 of 190 active clients among 18,810 idle ones, against alone: "
               + listed(f"{row['model']} x{row['times']:.2f}" for row in rows) + ".")


def capacity(db):
    """The most that was held."""
    for of, what in (("clients", "The most echo clients held"), ("rate", "The highest echo rate held, messages/s")):
        rows = db.execute("select model, held from table_capacity where of = ? and protocol = 'echo' order by position",
                          (of,)).fetchall()
        if rows:
            yield f"{what}: " + listed(f"{row['model']} {row['held']}" for row in rows) + "."


def reliability(db):
    """In how many of the trials something happened that must not."""
    rows = db.execute("""select model, count(*) as trials, count(harm) as harmed from reliability
                          where twin_of is null group by model order by position""").fetchall()
    if rows:
        yield ("What must not be, happened to "
               + listed(f"{row['model']} in {row['harmed']} of {row['trials']} trials" for row in rows) + ".")


SCENARIOS = {"ladder": ladder, "scale": scale, "capacity": capacity, "reliability": reliability}
