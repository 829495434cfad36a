"""Lab 6: what a send has not taken is kept; neither the client, nor its neighbour, nor the memory suffers from it."""
import fcntl
import os
import pathlib
import re
import select
import struct
import termios

from lab_check import CLOSED, RESET, shown

WORDS = 20
MIB = 1 << 20
AHEAD = MIB       # bytes under way while a client sends and reads side by side
QUIET = 5         # the server was found asleep so often, and nothing came in between: nothing will
EPOLLIN, EPOLLOUT = 1, 4


def check(c):
    """See lab.json for the words."""
    c.step("small")
    server = c.server()
    slow, neighbour = c.peer(server), c.peer(server)
    for peer in slow, neighbour:
        c.must_answer(peer)

    c.step("idle")
    c.until_asleep(server, "epollout_always")

    c.step("full")
    before = server.memory_kib()
    data, most = bytearray(), kernel_holds_less()
    sent = fill(c, server, slow, neighbour, data, most)
    grown = (server.memory_kib() - before) << 10
    if sent == most:
        c.outcome("where", "b" if grown > sent / 4 else "c")
        c.fail("unbounded" if grown > sent / 4 else "drops", sent=sent // MIB, grown=grown // MIB)
    c.outcome("watched", watched(server))

    c.step("neighbour")
    answered = 0
    while answered < WORDS and neighbour.is_answered(b"word %d" % answered):
        answered += 1
    c.outcome("neighbour", answered)
    c.must_live(server)
    c.expect(answered == WORDS, "blocks", answered=answered)

    c.step("late")
    must_come_back(c, slow, data[:sent], sent)
    c.outcome("where", "b" if grown > sent / 4 else "a")

    c.step("after")
    c.until_asleep(server, "epollout_stays")
    c.must_answer(slow, b"again", "never_reads")

    c.step("both")
    must_come_back(c, slow, os.urandom(8 * MIB), 0)
    for peer in slow, neighbour:
        c.must_answer(peer, b"and again")
    c.until_asleep(server, "epollout_stays")


def kernel_holds_less():
    """More bytes than the kernel keeps, of one connection in both directions, on both sides (tcp(7))."""
    try:
        most = [int(pathlib.Path(f"/proc/sys/net/ipv4/{name}").read_text(encoding="ascii").split()[2])
                for name in ("tcp_rmem", "tcp_wmem")]
    except (OSError, ValueError, IndexError):
        return 64 * MIB
    return min(2 * sum(most) + 8 * MIB, 256 * MIB)


def fill(c, server, peer, neighbour, data, most):
    """Sends until nothing more fits, and the server sleeps; or `most` bytes. They are made as they are needed, and kept in
    `data`. Returns how many were sent."""
    sent, spun = 0, 0
    while sent < most:
        if sent == len(data):
            data += os.urandom(min(MIB, most - sent))
        more = peer.send(data[sent:sent + 65536])
        sent += more
        c.must_live(server)
        c.expect(peer.why != RESET, "gives_up")
        if more:
            spun = 0
        elif server.asleep():
            more = peer.send(data[sent:sent + 65536])
            sent += more
            if not more:
                c.expect(peer.why != RESET, "gives_up")
                return sent
        elif not server.rests(looks=25):
            spun += 1
            if spun == 2:  # and nothing more fitted in between
                c.expect(is_answered_by_the_way(c, server, neighbour), "loops")
                c.fail("wakes_for_nothing")
    return sent


def is_answered_by_the_way(c, server, peer):
    """Of a server that runs on and on: is a word answered within 0.3 s of *its* CPU time?"""
    began_s = server.used_s()
    peer.send(b"hello")
    while server.used_s() < began_s + 0.3:
        c.must_live(server)
        if select.select([peer.socket], [], [], 0.02)[0]:
            return True
    return False


def must_come_back(c, peer, data, sent):
    """Fails unless all of `data` comes back, of which `sent` bytes are sent; sends the others, a little ahead."""
    got, quiet = bytearray(), 0
    while len(got) < len(data) and quiet < QUIET:
        c.must_live(peer.program)
        until = min(len(data), len(got) + AHEAD, sent + 65536)
        if sent < until:
            sent += peer.send(data[sent:until])
        more = peer.receive(min(65536, sent - len(got)))
        got += more
        c.expect(peer.why not in (CLOSED, RESET), "gives_up")
        quiet = 0 if more or len(got) == sent else quiet + 1
    if got == data:
        return
    same = common(got, data)
    if same < len(got):
        c.outcome("where", "c")
        there = data.find(bytes(got[same:same + 16]))
        c.expect(there <= same, "missing", at=same, count=there - same)
        c.expect(there < 0, "again", at=same, count=same - there)
        c.fail("other_bytes", sent=shown(data[same:]), came=shown(got[same:]))
    taken = taken_by(peer, sent)
    c.fail("never_reads" if taken is not None and len(got) >= taken else "nobody_asks", came=len(got), sent=sent)


def common(one, other):
    """How many bytes are the same from the beginning."""
    at, step = 0, 65536
    while step:
        while at < len(one) and one[at:at + step] == other[at:at + step]:
            at += step
        step //= 2
    return min(at, len(one))


def taken_by(peer, sent):
    """How many of the bytes sent the server has received itself: they are in no socket's queue. None: not known."""
    ours, theirs = peer.socket.getsockname()[1], peer.socket.getpeername()[1]
    queued = struct.unpack("i", fcntl.ioctl(peer.socket, termios.TIOCOUTQ, b"\0" * 4))[0]
    try:
        lines = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for _, local, remote, _, queues, *_ in map(str.split, lines):
        if local.endswith(f":{theirs:04X}") and remote.endswith(f":{ours:04X}"):
            return sent - queued - int(queues.split(":")[1], 16)
    return None


def watched(server):
    """For what the Selector watches a full client: a, b or c of the question. By proc(5)'s `tfd` lines."""
    masks = []
    for fd in os.listdir(f"/proc/{server.pid}/fd"):
        if os.readlink(f"/proc/{server.pid}/fd/{fd}") == "anon_inode:[eventpoll]":
            text = pathlib.Path(f"/proc/{server.pid}/fdinfo/{fd}").read_text(encoding="ascii")
            masks += [int(mask, 16) for mask in re.findall(r"^tfd:.* events:\s*([0-9a-f]+)", text, re.M)]
    room = [mask for mask in masks if mask & EPOLLOUT]
    return "a" if not room else "c" if any(mask & EPOLLIN for mask in room) else "b"
