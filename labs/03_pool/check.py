"""Lab 3: a pool serves as many clients as it has workers; some wait, first come first served; the rest is refused."""
import time

from lab_check import CLOSED, RESET, STUCK, shown

WORKERS, PLACES, REFUSED = 3, 5, 2  # the first two as in start.c; 10 clients in all
LEAVING = 2 * PLACES                # clients that leave, one after the other: the ring's end is passed
RUNS = 100                          # times that threads with nothing to do may run: to start, they need some


class Clients:
    """Those that are connected, in the order in which they came; each sends another word as soon as it is."""

    def __init__(self, c, server):
        self.c, self.server = c, server
        self.served, self.waiting, self.came = [], [], 0

    def connect(self):
        """One more, and its word."""
        peer = self.c.peer(self.server)
        self.came += 1
        peer.word = b"client %d" % self.came
        peer.send(peer.word)
        return peer


def check(c):
    """See lab.json for the words."""
    c.reports("unlocked", "past_the_end", "lock_kept", "two_owners")  # by guard.h

    c.step("idle")
    server = c.server()
    must_sleep(c, server)

    c.step("busy")
    clients = Clients(c, server)
    for _ in range(WORKERS):
        must_serve(clients, clients.connect())

    c.step("waiting")
    for _ in range(PLACES):
        clients.waiting.append(clients.connect())
    must_wait(clients)

    c.step("refused")
    last = [clients.connect() for _ in range(REFUSED)]
    refused = [peer for peer in last if is_refused(c, peer)]
    early = [peer for peer in clients.waiting if peer.receive_now(99)]
    c.outcome("served", len(clients.served) + len(early))
    c.outcome("waiting", len(clients.waiting) - len(early))
    c.outcome("refused", len(refused))
    for peer in last:
        if peer not in refused:
            c.must_live(server)
            c.expect(not peer.got, "more_served")
            c.fail("unbounded" if refused or accepts(c, server) else "waits_for_room")

    c.step("order")
    for number in range(LEAVING):
        clients.served.pop(0).close()
        must_serve(clients, clients.waiting.pop(0))
        if number < PLACES:
            clients.waiting.append(clients.connect())

    c.step("again")
    for peer in clients.served + clients.waiting:
        peer.close()
    clients = Clients(c, server)
    must_sleep(c, server)
    for _ in range(WORKERS):
        must_serve(clients, clients.connect())

    c.step("together")
    for peer in clients.served:
        peer.close()
    clients = Clients(c, server)
    must_sleep(c, server)
    with c.stopped(server):
        together = [clients.connect() for _ in range(WORKERS)]
    served = sum(peer.receive(len(peer.word)) == peer.word for peer in together)
    if served < WORKERS:
        c.until_asleep(server)  # and did it end?
        c.fail("one_woken", served=served, clients=WORKERS)


def must_sleep(c, server):
    """Nobody is connected. Every worker is there, and sleeps: soon nothing runs between two looks. A worker that asks
    again and again runs between any two."""
    first = before = server.threads()
    while True:
        c.must_live(server)
        time.sleep(0.2)
        now = server.threads()
        if now == before and not any(seen.state == "R" for seen in now.values()):
            break
        c.expect(turns(now) - turns(first) < RUNS and server.rests(looks=10), "asks_again")
        before = now
    c.expect(len(now) > WORKERS, "woken_for_nothing", workers=len(now) - 1)


def turns(threads):
    """How often they went to sleep or lost the CPU."""
    return sum(seen.switches for seen in threads.values())


def must_serve(clients, peer):
    """Its word comes back, as a worker is free; else: why not?"""
    c, server = clients.c, clients.server
    got = peer.receive(len(peer.word))
    if got == peer.word:
        clients.served.append(peer)
        return
    c.until_asleep(server)  # and did it end?
    workers = len(server.threads()) - 1
    c.expect(workers >= WORKERS, "empty_place", workers=workers)
    c.expect(not got, "other_bytes", sent=shown(peer.word), came=shown(got))
    c.expect(peer.why == STUCK, "refused_early", waiting=len(clients.waiting))
    c.expect(not any(other.receive_now(99) for other in clients.waiting), "not_in_order")
    if clients.waiting:
        for other in clients.served:
            other.close()
        c.until_asleep(server)  # a connection that two workers have is now closed twice, and guard.h says so
        c.fail("sleeps_beside_work")
    c.expect(accepts(c, server), "lock_kept", where="queue_push")
    c.fail("told_too_early" if peer.receive_now(99) == peer.word else "not_woken")


def must_wait(clients):
    """Those in the queue are neither answered nor refused."""
    clients.c.until_asleep(clients.server)
    for peer in clients.waiting:
        got = peer.receive_now(1)
        clients.c.expect(peer.why not in (CLOSED, RESET), "refused_early", waiting=clients.waiting.index(peer))
        clients.c.expect(not got, "more_served")


def is_refused(c, peer):
    """Does the server close its connection, and send nothing?"""
    peer.got = peer.receive(1)
    why = peer.why
    c.until_asleep(peer.program)
    return not peer.got and why in (CLOSED, RESET)


def accepts(c, server):
    """Does the main thread still take clients? (Only where none is refused.)"""
    c.until_asleep(server)
    before = server.descriptors()
    c.peer(server)
    c.until_asleep(server)
    return server.descriptors() > before
