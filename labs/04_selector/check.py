"""Lab 4: one thread serves many clients, and none of them can keep it from the others."""
from lab_check import STUCK

CLIENTS = 20
COMERS = 50


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
