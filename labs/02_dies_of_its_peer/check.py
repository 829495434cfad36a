"""Lab 2: what one client does ends its own connection, and no other."""
import tempfile

import lab_check
from lab_program import Clock

CLIENTS = 10
NEIGHBOURS = 3


def check(c):
    """See lab.json for the words."""
    c.step("given")
    as_given(c)

    c.step("one")
    server = c.server()
    without = server.descriptors()
    neighbours = [c.peer(server) for _ in range(NEIGHBOURS)]
    for peer in neighbours:
        c.must_answer(peer)

    c.step("goodbye")
    served(c, server).close()
    must_live_on(c, server, neighbours, "fin_is_no_error")

    c.step("gone")
    gone_before_the_reply(c, server)
    must_live_on(c, server, neighbours, "signal_only")

    c.step("reset")
    served(c, server).reset()
    must_live_on(c, server, neighbours, "recv_ends_all")

    c.step("sending")
    reader = c.peer(server, receive_buffer=4096)
    c.fill(reader)
    reader.reset()
    must_live_on(c, server, neighbours, "one_errno")

    c.step("left")
    for peer in neighbours:
        peer.close()
    c.until_asleep(server)
    left = server.descriptors() - without
    c.expect(left <= 0, "leaks", left=left)


def as_given(c):
    """The questions are about the program as it was handed out: it is compiled, and dies here."""
    judged = c.words
    with tempfile.TemporaryDirectory(prefix="io-models-lab-") as directory:
        c.words = [lab_check.compiled(c.lab, c.lab.directory / "start.c", directory)]
        c.clock = Clock(lab_check.SECONDS)  # compiling is no part of the check's time

        given = c.server()
        clients = [c.peer(given) for _ in range(CLIENTS)]
        for peer in clients:
            c.must_answer(peer)
        c.until_asleep(given)
        resets = others = 0
        while resets < CLIENTS and not given.ended():
            clients[resets].reset()
            settle(c, given)
            resets += 1
            if resets == 1:
                others = sum(peer.is_answered() for peer in clients[1:])
        c.outcome("resets", resets)
        c.outcome("others", others)

        given = c.server()
        gone_before_the_reply(c, given)
        settle(c, given)
        c.outcome("end", "nothing" if not given.ended() else "signal" if given.status < 0 else "exit")
    c.words = judged


def served(c, server):
    """A client that has been answered: its thread sleeps in recv now."""
    peer = c.peer(server)
    c.must_answer(peer)
    c.until_asleep(server)
    return peer


def gone_before_the_reply(c, server):
    """A client sends a word, FIN and RST while the server is stopped. Then the server finds the word, but the peer is
    gone: send(2) says EPIPE."""
    peer = served(c, server)
    with c.stopped(server):
        peer.send(b"goodbye")
        peer.half_close()
        peer.reset()


def settle(c, server):
    """Until it has ended, or sleeps. False: a thread runs on and on."""
    while server.threads() and not server.asleep():
        if c.clock.is_over() or not server.rests(looks=15):
            return False
    if not server.threads():
        server.process.wait()
    return True


def must_live_on(c, server, neighbours, mistake):
    """It fails by that mistake if it has called exit, by general.json's if it has ended otherwise; and the neighbours
    must be answered."""
    settled = settle(c, server)
    if server.ended() and server.status >= 0:
        c.fail(mistake, status=server.status, said=server.errors().strip().rpartition("/")[2][:200])
    c.must_live(server)
    c.expect(settled, "spins")
    for peer in neighbours:
        c.must_answer(peer)
