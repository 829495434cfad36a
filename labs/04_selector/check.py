"""Lab 4: one thread serves many clients, and none of them can keep it from the others."""
from lab_check import CLOSED, RESET, STUCK, Verdict

CLIENTS = 20
COMERS = 50
ABORTED, NO_ROOM = "127.0.0.7", "127.0.0.8"  # where clients come from for whom bad_luck.c lets a call fail


def check(c):
    """See lab.json for the words."""
    c.step("one")
    server = c.server()
    without = server.descriptors()
    first = c.peer(server)
    first.send(b"hello")
    if first.receive(5) != b"hello" and first.why == STUCK and not server.ended():
        c.expect(server.descriptors() > without, "nobody_accepts")
        c.peer(server)  # is a client what it waits for?
        c.until_asleep(server)
        c.expect(server.descriptors() != without + 2, "waits_in_accept")
        c.fail("not_answered", came="nothing", why=STUCK)
    c.must_live(server)

    c.step("again")
    for word in (b"again", b"and again"):
        c.must_answer(first, word, "forgets")

    c.step("silent")
    silent = [c.peer(server) for _ in range(CLIENTS - 1)]
    speaker = c.peer(server)
    c.must_answer(speaker, b"served?")
    threads = len(server.threads())
    c.outcome("threads", threads)
    c.outcome("answered", sum(peer.is_answered() for peer in silent[1:]))
    c.outcome("descriptors", server.descriptors() - without - 1)
    c.expect(threads == 1, "threads", threads=threads)

    c.step("slow")
    slow = c.peer(server, receive_buffer=4096)
    c.fill(slow)
    c.must_answer(speaker, b"while one does not read", "blocks_all")

    c.step("aborted")
    unlucky = c.peer(server, address=ABORTED)
    must_outlive(c, server, "dies_at_accept")
    c.must_answer(first, b"and I?", "tries_again")
    unlucky.close()

    c.step("no_room")
    unlucky = c.peer(server, address=NO_ROOM)
    unlucky.send(b"hello")
    must_outlive(c, server, "dies_without_room")
    served = unlucky.receive(5) == b"hello"  # by a server without bad_luck.c
    c.expect(served or unlucky.why in (CLOSED, RESET), "left_open")
    c.must_answer(first, b"and I?")
    unlucky.close()

    c.step("closing")
    for peer in (*silent, slow):
        peer.close()
    for number in range(COMERS):
        with c.peer(server) as comer:
            c.must_answer(comer)
            if number % 2:
                comer.reset()
    c.must_answer(first)
    c.until_asleep(server)
    left = server.descriptors() - without
    c.expect(left <= 2, "leaks", left=left - 2)

    c.step("rest")
    c.must_rest(server)


def must_outlive(c, server, mistake):
    """Waits until the server sleeps. Fails, by that mistake, if it has ended by itself."""
    try:
        c.until_asleep(server)
    except Verdict as verdict:
        c.expect(verdict.mistake not in ("exited", "assertion"), mistake)
        raise
