"""Lab 1: each connection has a thread of its own, from its first byte to its last, and nothing of it is left."""
import time

from lab_check import CLOSED, RESET, STUCK, Limits

REQUESTS = 10
SILENT = 3
BURST = 50
ROUNDS, COMERS = 3, 40   # what is lost for each client is found in every round; what malloc keeps is not
NO_THREAD = "127.0.0.7"  # where clients come from for whom bad_luck.c lets pthread_create fail
LEAST_STACK_KIB = 60     # of a thread
CROWD = 120
ROOMS_MIB = 13, 17       # LIMIT: address space for some 50 stacks, and for some 65. In one of the two, at least, a
                         # connection still fits where a stack does not: stacks and heap end at different places


def check(c):
    """See lab.json for the words."""
    c.reports("closed_twice")  # by bad_luck.c

    c.step("one")
    server = c.server()
    without, base, idle_kib = server.descriptors(), len(server.threads()), address_space_kib(server)
    first = c.peer(server)
    c.until_asleep(server)
    c.must_answer(first, b"hello", closed="closed_early")

    c.step("requests")
    for number in range(1, REQUESTS):
        c.must_answer(first, b"request %d" % number, closed="one_request")
    c.outcome("requests", len(server.threads()))
    first.close()
    c.until_asleep(server)

    c.step("silent")
    silent = [connected(c, server) for _ in range(SILENT)]
    threads = len(server.threads())
    c.outcome("threads", threads)
    speaker = connected(c, server)
    if not speaker.is_answered():
        c.must_live(server)
        c.expect(speaker.why != STUCK or threads > base, "no_thread", threads=threads)
        c.expect(speaker.why != STUCK or threads >= base + SILENT, "joins_at_once", threads=threads)
        c.must_answer(speaker, b"hello", closed="closed_early")
    c.expect(threads == base + SILENT, "threads", threads=threads, clients=SILENT)

    c.step("burst")
    burst = at_once(c, server, BURST)
    answered = sum(answer == word for word, answer in answers(c, server, burst))
    c.expect(answered == BURST, "whose_variable", answered=answered, clients=BURST)

    c.step("closing")
    for number, peer in enumerate((*silent, speaker, *burst)):
        if number % 2:
            peer.reset()
        else:
            peer.close()
    c.until_asleep(server)
    left = len(server.threads())
    c.outcome("left", left)
    c.expect(server.descriptors() <= without, "never_closes", left=server.descriptors() - without)
    c.expect(left == base, "threads", threads=left, clients=0)

    c.step("rounds")
    address, private = growth_kib(c, server, base, c.must_answer)
    c.expect(address < COMERS * LEAST_STACK_KIB, "never_joined", clients=COMERS, kib=address)
    c.expect(private < COMERS * 3, "not_freed", clients=COMERS, kib=private)

    c.step("refused")
    fresh = c.server()  # its memory has no holes, which lost connections could fill
    without = fresh.descriptors()
    _, private = growth_kib(c, fresh, len(fresh.threads()), lambda comer: must_end(c, comer), address=NO_THREAD)
    left = fresh.descriptors() - without
    c.expect(left <= 0, "left_open", clients=ROUNDS * COMERS, left=left)
    c.expect(private < COMERS * 3, "not_freed", clients=COMERS, kib=private)

    c.step("no_thread")
    for room_mib in ROOMS_MIB:
        small = c.server(limits=Limits(memory_mib=idle_kib // 1024 + room_mib))
        crowd = at_once(c, small, CROWD)
        came = [answer for _, answer in answers(c, small, crowd)]
        c.expect(None not in came, "left_waiting", waiting=came.count(None), clients=CROWD)
        c.expect(any(came), "not_answered", came="nothing", why=CLOSED)


def connected(c, server):
    """A client that has been taken, if it is ever taken."""
    peer = c.peer(server)
    c.until_asleep(server)
    return peer


def answers(c, server, peers):
    """Each sends its own word. [(word, what came back)]: b"" if the connection was closed, None if nothing came."""
    words = [b"I am number %d" % number for number in range(len(peers))]
    for peer, word in zip(peers, words):
        peer.send(word)
    c.until_asleep(server)
    return [(word, answer(peer)) for peer, word in zip(peers, words)]


def answer(peer):
    """What has come by now."""
    try:
        return peer.socket.recv(64)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def at_once(c, server, count):
    """Clients that connect while the server is stopped: it then finds all of them waiting, and accepts in one go."""
    with c.stopped(server):
        peers = [c.peer(server) for _ in range(count)]
    c.until_asleep(server)
    return peers


def growth_kib(c, server, base, tried, **options):
    """In each round clients come, one after the other; each is tried, and its thread gone before the next one. Returns
    by how much the address space grows in a round at least, and the private memory."""
    growths = []
    for _ in range(ROUNDS):
        before = address_space_kib(server), server.memory_kib()
        for _ in range(COMERS):
            with c.peer(server, **options) as comer:
                tried(comer)
            while len(server.threads()) > base:
                c.must_live(server)
                time.sleep(0.002)
        c.must_live(server)
        growths.append((address_space_kib(server) - before[0], server.memory_kib() - before[1]))
    return tuple(min(kinds) for kinds in zip(*growths))


def must_end(c, comer):
    """Its connection is closed. (Or it is answered, by a server without bad_luck.c.)"""
    comer.send(b"hello")
    if comer.receive(5) != b"hello" and comer.why not in (CLOSED, RESET):
        c.must_live(comer.program)
        c.fail("left_waiting", waiting=1, clients=1)


def address_space_kib(server):
    """VmSize of proc(5)."""
    with open(f"/proc/{server.pid}/status", encoding="utf-8", errors="replace") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("VmSize:")), 0)
