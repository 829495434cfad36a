"""Lab 10: the server speaks unasked, says goodbye once, and is the first to close."""
import base64
import hashlib
import os
import time

from lab_check import CLOSED, RESET, how_it_ended

TEXT, CLOSE = 0x1, 0x8  # RFC 6455 section 5.2
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ESTABLISHED = "01"  # in proc(5)'s net/tcp
NOTHING = ""
LAST_WORDS_CPU_S = 1.0  # of AddressSanitizer: 0.1 here


class Client:
    """A WebSocket client (RFC 6455), as much of one as this check needs."""

    def __init__(self, c, server):
        self.c, self.peer, self.said = c, c.peer(server), 0

    def handshake(self):
        """The server must take it."""
        key = base64.b64encode(os.urandom(16))
        self.peer.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = self.peer.receive(1)
            if not more:
                settle(self.c, self.peer.program)
                self.c.fail("refused", came=repr(head.decode("latin-1"))[1:-1][:60])
            head += more
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.c.expect(head.startswith(b"HTTP/1.1 101 ") and accept in head, "refused",
                      came=head.partition(b"\r\n")[0].decode("latin-1")[:60])

    def send(self, opcode, payload):
        """One frame, masked."""
        mask = os.urandom(4)
        self.peer.send(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask
                       + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def say(self, words):
        """One message."""
        self.said += 1
        self.send(TEXT, words.encode())

    def hear(self):
        """The next message; or [close CODE], [FIN], [RST]; or NOTHING: none is to come."""
        head = self.peer.receive(2)
        if len(head) == 2:
            length = head[1] & 0x7F
            wide = {126: 2, 127: 8}.get(length, 0)
            if wide:
                length = int.from_bytes(self.peer.receive(wide), "big")
            payload = self.peer.receive(length)
            if head[0] & 0x0F == TEXT and len(payload) == length:
                return payload.decode("utf-8", "replace")
            if head[0] & 0x0F == CLOSE and len(payload) == length:
                return f"[close {int.from_bytes(payload[:2], 'big')}]"
        return {CLOSED: "[FIN]", RESET: "[RST]"}.get(self.peer.why, NOTHING)

    def hear_all(self, last=None, most=12):
        """Everything until the message `last`, or until there is no more."""
        heard = []
        while len(heard) < most and heard[-1:] not in ([last], [NOTHING], ["[FIN]"], ["[RST]"]):
            heard.append(self.hear())
        return heard


def listed(heard):
    """As text."""
    return ", ".join(words if words.startswith("[") else f"'{words}'" for words in heard if words) or "-"


def settle(c, server, crash=None, spins="spins"):
    """Waits until the server sleeps. Fails if it has died, or dies: by the mistake `crash` if that was a fault of
    memory; or if it runs on and on, by `spins`. AddressSanitizer's last words take CPU, too: a server spins only if it
    uses much more than these."""
    before = server.used_s()
    while not server.ended() and server.threads() and not server.asleep():
        if c.clock.is_over():
            c.must_live(server)
        c.expect(server.used_s() - before < LAST_WORDS_CPU_S, spins)
    if not server.ended() and not server.threads():
        server.process.wait()
    if server.ended():
        mistake, figures = how_it_ended(server, c.reported)
        if crash and mistake in ("address", "crashed"):
            c.fail(crash, what=figures.get("what", figures.get("signal")), where=figures.get("where", "?"))
        c.fail(mistake, **figures)


def must_hear(c, client, expected, mistake="heard"):
    """The client hears exactly this next."""
    heard = client.hear()
    if heard != expected:
        settle(c, client.peer.program)
        c.fail(mistake, came=listed([heard]), expected=listed([expected]))


def enter(c, server, number, others):
    """One more client; it and the others hear of that."""
    client = Client(c, server)
    client.handshake()
    for each in (*others, client):
        must_hear(c, each, f"open {number}")
    return client


def until_clients(c, server, count):
    """Waits until the server has this many connections, or has died."""
    while server.descriptors() not in (server.without + count, 0):
        c.must_live(server)
        time.sleep(0.01)


def must_hear_the_end(c, clients, number, expected, words, crash=None):
    """The clients (the first is number 1) hear how this member ended: these lines, each once, in this order."""
    server, last = clients[0].peer.program, f"message 1 {words}"
    heard = [[client.hear() for _ in expected] for client in clients]
    if any(lines != expected for lines in heard):
        settle(c, server, crash)
    until_clients(c, server, len(clients))  # its channel is freed
    clients[0].say(words)
    for client, lines in zip(clients, heard):
        lines += client.hear_all(last)
    for lines in heard:
        if lines != [*expected, last]:
            settle(c, server, "still_listed")
            came = listed(line for line in lines if line != last)
            c.fail("told_twice" if lines.count(f"close {number}") > 1 else "life", came=came)


def connections(server):
    """The server's TCP connections: pairs of addresses, each with its port, as the kernel writes them."""
    found = set()
    with open(f"/proc/{server.pid}/net/tcp", encoding="ascii") as file:
        for line in list(file)[1:]:
            _, local, remote, state, *_ = line.split()
            if int(local.rpartition(":")[2], 16) == server.port and state == ESTABLISHED:
                found.add((local, remote))
    return found


def must_be_goodbye(c, server, heard, number, crash):
    """A goodbye, a close frame, and the server's FIN, though the client has sent none. Before these it may hear that
    others are closed."""
    expected = [f"goodbye {number}", "[close 1000]", "[FIN]"]
    came = [words for words in heard if not words.startswith("close ")] or [NOTHING]
    if came == expected:
        return
    settle(c, server, crash)
    c.expect(came[0] != "[close 1000]", "after_close", came=listed(heard))
    c.expect(came[0] != NOTHING and came[1:] != [NOTHING], "no_fin", came=listed(heard))
    c.expect(len(came) > 3 or came[0] != expected[0] or came[-1] != "[FIN]", "close_code", came=listed(heard))
    c.expect("[RST]" not in came and (came[-1] != "[FIN]" or len(came) > 2), "cut", came=listed(heard))
    c.fail("heard", came=listed(heard), expected=listed(expected))


def check(c):
    """See lab.json for the words."""
    c.reports("removed_twice")  # by ws_demo.h

    c.step("open")
    server = c.server()
    server.without = server.descriptors()
    ada = Client(c, server)
    until_clients(c, server, 1)
    before = connections(server)
    ada.handshake()
    must_hear(c, ada, "open 1", "nobody_told")
    c.outcome("connections", len(connections(server) - before))

    c.step("push")
    bob = enter(c, server, 2, [ada])
    cem = enter(c, server, 3, [ada, bob])
    ada.say("hello")
    heard = [client.hear() for client in (ada, bob, cem)]
    told = [words == "message 1 hello" for words in heard]
    if not all(told):
        settle(c, server)
    c.expect(told != [True, False, False], "only_the_sender")
    c.expect(all(told), "heard", came=" / ".join(listed([words]) for words in heard), expected="'message 1 hello'")
    c.outcome("asked", bob.said)

    c.step("leaves")
    cem.send(CLOSE, (1000).to_bytes(2, "big"))
    must_hear(c, cem, "[close 1000]")
    must_hear(c, cem, "[FIN]")
    cem.peer.close()
    must_hear_the_end(c, [ada, bob], 3, ["close 3"], "who is still here?")

    c.step("error")
    dan = enter(c, server, 4, [ada, bob])
    dan.say("hi")
    for client in (ada, bob, dan):
        must_hear(c, client, "message 4 hi")
    dan.peer.reset()
    must_hear_the_end(c, [ada, bob], 4, ["error 4", "close 4"], "what was that?", crash="closed_twice")

    c.step("goodbye")
    bob.say("bye")
    heard = bob.hear_all()
    if heard[-1] in ("[FIN]", NOTHING):
        c.outcome("fin", "1" if heard[-1] == "[FIN]" else "2")
    must_be_goodbye(c, server, heard, 2, "closed_twice")
    bob.peer.close()
    must_hear_the_end(c, [ada], 2, ["close 2"], "bye, Bob", crash="closed_twice")

    c.step("end")
    eve = enter(c, server, 5, [ada])
    fay = enter(c, server, 6, [ada, eve])
    ada.say("end")
    settle(c, server, "walk", spins="walks_on")
    heard = [client.hear_all() for client in (ada, eve, fay)]
    c.expect(all(words[-1] != NOTHING for words in heard), "not_all", came=" / ".join(listed(words) for words in heard))
    for client, number, words in zip((ada, eve, fay), (1, 5, 6), heard):
        must_be_goodbye(c, server, words, number, "walk")
        client.peer.close()
    until_clients(c, server, 0)

    c.step("again")
    gus = enter(c, server, 7, [])
    gus.say("alone?")
    must_hear(c, gus, "message 7 alone?")
    c.must_rest(server)
