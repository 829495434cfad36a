"""Phones in a room of several nodes: each does what the page does (js/connection.js, js/delivery.js), and writes down what it
has heard. They find out whether each message reaches everybody exactly once, in one order."""
import json
import selectors
import time

from clients import CLOSE, PING, PONG, TEXT, frame
from rooms import Member, Refused, address, key
from timing import Deadline

AGAIN_S = 0.2  # the page waits a second; a test has less patience
BEHIND_MAX = 100  # a node keeps 200 messages, and says how many a phone has missed that was away for more of them


class Phone:
    """Says its texts one after the other, each until it comes back; comes back itself, to the next node that there is."""

    def __init__(self, nodes, number, texts, room="class"):
        self.nodes, self.number, self.room = nodes, number, room
        self.outbox = [(f"{number}-{count}", text) for count, text in enumerate(texts)]
        self.epoch, self.last, self.heard = "", 0, []
        self.connection = None
        self.turn = number  # which node is tried next
        self.due = 0.0  # when to connect, or to say it again
        self.epochs = 0
        self.joins = 0
        self.words = set()  # of refusals
        self.crowd = []  # all phones of the room

    def connect(self):
        """To a node that is alive. False: there is none that takes it just now."""
        self.turn += 1
        node = self.nodes[self.turn % len(self.nodes)]
        if not node.alive():
            return False
        try:
            self.connection = Member(node, self.room, source=address(self.number), key=key(self.number), epoch=self.epoch,
                                     after=self.last)
        except Refused as refused:
            self.words.add(refused.why)
            self.due = time.monotonic() + AGAIN_S
            return False
        except (OSError, EOFError, AssertionError):
            return False
        self.joins += 1
        hello = self.connection.hello
        assert hello["lost"] == 0 or hello["epoch"] != self.epoch, (self.number, hello, self.last)
        if hello["epoch"] != self.epoch:
            self.epoch, self.last = hello["epoch"], 0
            self.epochs += 1
        self.connection.socket.setblocking(False)
        self.say()
        return True

    def say(self):
        """The first message of the outbox, if there is one."""
        self.due = 0.0
        if any(self.last - phone.last > BEHIND_MAX for phone in self.crowd):
            self.due = time.monotonic() + AGAIN_S / 10  # a room whose talk waits for who is away
        elif self.outbox and self.connection:
            ident, text = self.outbox[0]
            self._send(frame(TEXT, json.dumps({"type": "say", "id": ident, "text": text}).encode()))

    def _send(self, data):
        try:
            self.connection.socket.sendall(data)
        except OSError:
            self.hang_up()

    def hang_up(self):
        """It was cut off."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def receive(self):
        """All that has come."""
        try:
            data = self.connection.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.connection.received += data
        if not data:
            self.hang_up()
            return
        self.take_frames()

    def take_frames(self):
        """Each whole one."""
        while self.connection:
            buffer = self.connection.received
            if len(buffer) < 2:
                return
            length, head = buffer[1], 2
            if length == 126:
                length, head = int.from_bytes(buffer[2:4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(buffer[2:10], "big"), 10
            if len(buffer) < head + length:
                return
            opcode, payload = buffer[0] & 15, bytes(buffer[head:head + length])
            del buffer[:head + length]
            if opcode == TEXT:
                self.take(json.loads(payload))
            elif opcode == PING:
                self._send(frame(PONG, payload))
            elif opcode == CLOSE:
                self.hang_up()

    def take(self, message):
        """One object."""
        kind = message["type"]
        if kind == "message":
            assert message["seq"] == self.last + 1 or "id" in message and message["seq"] <= self.last, (
                f"phone {self.number}: {message} after number {self.last}")
            if message["seq"] == self.last + 1:
                self.last += 1
                self.heard.append((message["seq"], message["text"]))
            if self.outbox and message.get("id") == self.outbox[0][0]:
                del self.outbox[0]
                self.say()
        elif kind == "refused":
            assert message["why"] in ("rate", "busy", "away"), message
            self.words.add(message["why"])
            self.due = time.monotonic() + AGAIN_S
        else:
            assert kind in ("clock", "here", "store"), message


def talk(phones, deeds=(), plain=60):
    """Until everybody has said everything, and everybody has heard it. `deeds`: [(count, what to do)]: done when so many
    messages were heard by somebody. Fails if anything is lost, doubled, or in another order."""
    texts = sorted(text for phone in phones for _, text in phone.outbox)
    deadline = Deadline(plain, "everybody has heard everything")
    deeds = list(deeds)
    for phone in phones:
        phone.crowd = phones
    while any(phone.outbox or phone.last < len(texts) for phone in phones):
        deadline.left()
        now = time.monotonic()
        for phone in phones:
            if phone.due <= now and not phone.connection:
                phone.connect()
            elif phone.connection and 0 < phone.due <= now:
                phone.say()
        with selectors.PollSelector() as selector:
            for phone in phones:
                if phone.connection:
                    selector.register(phone.connection.socket, selectors.EVENT_READ, phone)
                    if phone.connection.received:
                        phone.take_frames()
            for ready, _ in selector.select(0.05):
                if ready.data.connection:
                    ready.data.receive()
        if deeds and max(phone.last for phone in phones) >= deeds[0][0]:
            deeds.pop(0)[1]()
    assert not deeds, "there was less talk than deeds"
    first = phones[0].heard
    assert sorted(text for _, text in first) == texts
    for phone in phones:
        assert phone.heard == first, f"phone {phone.number} heard something else than phone {phones[0].number}"
        assert phone.epochs == 1, phone.epochs
        phone.hang_up()
