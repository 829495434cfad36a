"""live_rules.py - what a picture of a lane shows, as words by rule: the page makes sentences of them.

A Picture: clients and threads as the page gets them; `acts`: what is on in this lane; `limit`: of its descriptors, or
None; `descriptors`.
"""
import collections

Picture = collections.namedtuple("Picture", "model clients threads acts descriptors limit ended")

# The page of docs/failures.md that each rule belongs to.
ABOUT = {"starved": "small_pool", "refused": "small_pool", "spins": "no_descriptors", "blocked": "blocking_handler",
         "descriptors": "no_descriptors", "slow_reader": "slow_reader", "slow_reader_holds": "slow_reader",
         "idle_threads": "crowd", "threads": "crowd", "cut": "flash", "died": "reset"}
PER_CLIENT = ("bio", "dies_of_its_peer", "stack_overflow")  # a thread for each client
MANY = 100


def sentences(picture):
    """What is to be said of it, the worst first; at least one."""
    said = [{"rule": rule, "values": values, "about": ABOUT.get(rule)} for rule, values in rules(picture)]
    return said or [{"rule": "calm", "values": {}, "about": None}]


def rules(picture):
    """(rule, values) for each that holds."""
    clients, threads = picture.clients, picture.threads
    if picture.ended is not None:
        yield "died", picture.ended
        return
    spinning = sum(group["count"] for group in threads if group["spins"])
    if spinning:
        yield "spins", {"threads": spinning}
    if picture.limit is not None and picture.descriptors >= picture.limit - 2:
        yield "descriptors", {"limit": picture.limit}
    if "cut" in picture.acts and clients["away"] + clients["connecting"]:
        yield "cut", {"back": clients["served"] + clients["idle"], "away": clients["away"] + clients["connecting"]}
    elif is_blocked(picture):
        yield "blocked", {"clients": late(clients)}
    elif clients["unserved"] and picture.model == "pseudo_async":
        yield "starved", {"clients": clients["unserved"], "workers": count(threads) - 1}
    elif late(clients) and not spinning:
        yield "waiting", {"clients": late(clients)}
    if clients["refused"]:
        yield "refused", {"clients": clients["refused"]}
    if "slow_reader" in picture.acts:
        held = count(threads, "sendto")
        yield ("slow_reader_holds", {"clients": held}) if held else ("slow_reader", {})
    yield from of_threads(picture)


def of_threads(picture):
    """What its threads cost."""
    threads, idle = count(picture.threads), picture.clients["idle"]
    if picture.model in PER_CLIENT:
        served = answered(picture.clients)
        if idle >= MANY:
            yield "idle_threads", {"clients": idle, "threads": count(picture.threads, "recvfrom", "read")}
        elif threads > 1 and served:
            yield "threads", {"clients": served, "threads": threads}
    elif idle >= MANY:
        yield "idle", {"clients": idle}


def is_blocked(picture):
    """One thread serves all, and it sleeps in a handler while somebody waits."""
    return late(picture.clients) > 0 and count(picture.threads) == 1 and count(picture.threads, "clock_nanosleep", "nanosleep") == 1


def late(clients):
    """How many wait for an answer, the first or another."""
    return clients["unserved"] + clients["waiting"]


def answered(clients):
    """How many have had an answer."""
    return sum(clients[name] for name in ("served", "waiting", "idle"))


def count(threads, *calls):
    """How many threads; with calls: that sleep in one of them."""
    return sum(group["count"] for group in threads if not calls or group["in"] in calls)
