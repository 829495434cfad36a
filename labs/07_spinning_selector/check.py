"""Lab 7: while no descriptor is free, the server sleeps, and serves the others; then whoever still waits is served."""
import select
import socket

from lab_check import SECONDS, STUCK, Clock, Limits, as_given

DESCRIPTORS = 20  # the server as it was needs 6 of them
CLIENTS = 20
LOOKS = 20        # at the threads, each 20 ms after the one before


def check(c):
    """See lab.json for the words."""
    c.reports("sleeps_in_loop")  # by watch.c

    c.step("before")
    as_it_was(c)

    c.step("one")
    server = c.server(limits=Limits(descriptors=DESCRIPTORS))
    without = server.descriptors()
    with c.peer(server) as first:
        c.must_answer(first)
        c.expect(server.rests(LOOKS), "spins")

    for full, others, free in ("full", "others", "free"), ("full_again", "others_again", "free_again"):
        c.step(full)
        served, left = fill(c, server)
        c.expect(served, "not_answered", came="''", why=STUCK)
        must_rest_though_full(c, server)

        c.step(others)
        for peer in served:
            if not peer.is_answered():
                settle(c, server)
                c.expect(peer.why == STUCK, "throws_out")
                c.fail("not_answered", came="''", why=peer.why)
        must_rest_though_full(c, server)

        c.step(free)
        waiting = [peer for peer in left if not is_refused(peer)]
        for peer in served:
            peer.close()
        for peer in waiting:
            if peer.receive(len(peer.word)) != peer.word:
                settle(c, server)
                c.fail("forgotten")
        with c.peer(server) as comer:
            c.must_answer(comer, b"a new one", "forgotten")
        for peer in left:
            peer.close()

    c.step("rest")
    for _ in range(3):  # it may be slow to close them
        settle(c, server)
        if server.descriptors() <= without + 1:
            break
    c.expect(server.descriptors() <= without + 1, "leaks", left=server.descriptors() - without)


def as_it_was(c):
    """What the predictions are about: the file before it is repaired."""
    words = [as_given(c.lab)]
    c.clock = Clock(SECONDS)  # compiling is not the program's time
    twin = c.server(limits=Limits(descriptors=DESCRIPTORS), words=words)
    served, left = fill(c, twin)
    c.outcome("served", len(served))
    c.outcome("thread", "a" if twin.rests(LOOKS) else "b")
    served.pop().close()
    while not select.select([peer.socket for peer in left], [], [], 0.02)[0]:
        c.must_live(twin)
    c.outcome("then", sum(peer.receive_now(len(peer.word)) == peer.word for peer in left))
    for peer in served + left:
        peer.close()
    twin.kill()


def fill(c, server):
    """CLIENTS connect, and each sends a word. Returns (those that are answered, the others)."""
    served, left = [], []
    for number in range(CLIENTS):
        peer = c.peer(server)
        peer.word = b"client %d" % number
        peer.send(peer.word)
        (served if not left and is_answered(c, peer) else left).append(peer)
    return served, left


def is_answered(c, peer):
    """Does its word come back? Nothing more is expected of a server that sleeps, or that runs on and on, or that only
    wakes now and then."""
    server = peer.program
    for _ in range(2):
        if select.select([peer.socket], [], [], 0.02)[0]:
            return peer.receive_now(len(peer.word)) == peer.word
        c.must_live(server)
        if server.asleep() or not server.rests(LOOKS):
            break
    return bool(select.select([peer.socket], [], [], 0)[0]) and peer.receive_now(len(peer.word)) == peer.word


def must_rest_though_full(c, server):
    """That some wait is no reason to run."""
    c.must_live(server)
    if not server.rests(LOOKS):
        c.fail("new_selector" if "a new Selector" in server.errors() else "runs_in_vain")


def settle(c, server):
    """Nobody sends anything: the server rests, unless it has ended."""
    c.must_live(server)
    c.expect(server.rests(LOOKS), "spins")
    c.must_live(server)


def is_refused(peer):
    """Has the server closed its connection?"""
    try:
        return peer.socket.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
