"""A member of ws_demo's rooms who comes back: nothing is lost to it, and nothing comes twice."""
import contextlib
import select

from rooms import Member, Refused, address, key
from timing import Deadline


class Client:
    """What the page does (js/delivery.js): says its messages one after the other, each until it comes back; comes back
    itself, to where it was, when the connection ends. It knows no other reason to: a server that forgets it is found
    out."""

    def __init__(self, server, room, number, texts):
        self.server, self.room, self.key, self.source = server, room, key(number), address(number)
        self.outbox = [(f"{number}-{count}", text) for count, text in enumerate(texts)]
        self.epoch, self.last, self.heard, self.connection = "", 0, [], None

    def connect(self):
        """Joins, after as many attempts as that takes."""
        deadline = Deadline(20, "the client is in its room again")
        while not self.connection:
            deadline.left()
            try:
                self.connection = Member(self.server, self.room, source=self.source, key=self.key, epoch=self.epoch,
                                         after=self.last)
            except (AssertionError, EOFError, ConnectionError, Refused):
                continue  # 503, or closed: it has been told
        hello = self.connection.hello
        assert hello["lost"] == 0 and (self.epoch == hello["epoch"] or self.last == 0), hello
        self.epoch = hello["epoch"]
        self.say()

    def say(self):
        """The first message of the outbox, if any. If the connection has ended, the next step notices."""
        if self.outbox:
            with contextlib.suppress(ConnectionError):
                self.connection.say(self.outbox[0][1], self.outbox[0][0])

    def step(self):
        """Takes what comes next. False if that was a clock, or a list of names."""
        message = self.connection.hear()
        if message is None:
            self.hang_up()
        elif message["type"] in ("clock", "here"):
            return False
        elif message["type"] == "message" and message["seq"] == self.last + 1:
            self.last += 1
            self.heard.append(message["text"])
            self.settle(message)
        elif message["type"] == "message":
            assert message["seq"] <= self.last and "id" in message, (self.last, message)
            self.settle(message)
        elif message["type"] == "refused":
            assert message["why"] == "memory", message
            if "id" in message:
                self.say()  # a person would press the button again
        else:
            raise AssertionError(message)
        return True

    def hang_up(self):
        """Rudely."""
        if self.connection:
            self.connection.reset()
        self.connection = None

    def settle(self, message):
        """Its own has come back: the next one."""
        if self.outbox and message.get("id") == self.outbox[0][0]:
            del self.outbox[0]
            self.say()


def ready_of(clients, wait_s):
    """Those that are connected and have something to read, now or after some time."""
    sockets = {client.connection.socket: client for client in clients if client.connection}
    return [client for client in sockets.values() if client.connection.received] or [
        sockets[each] for each in select.select(list(sockets), [], [], wait_s)[0]]
