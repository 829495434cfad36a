"""Sending and receiving at the same time: what tcp.py and hostile.py do on their connections."""
import select

READ_SIZE = 256 * 1024
PATIENCE = 10  # seconds in which nothing moves: a conversation of 22,000 single bytes may last on a busy machine
RECEIVED_MAX = 64 << 20  # LIMIT: no answer is so long; a peer that never stops is not waited for


class Exchange:
    """Sends and receives at the same time: a peer that does neither while it does the other would wait for ever."""

    def __init__(self, socket, received=b""):
        self.socket, self.received, self.ended = socket, bytearray(received), False
        self.poll = select.poll()
        self.poll.register(socket, select.POLLIN)
        socket.setblocking(False)

    def receive(self, deadline):
        """What is there; more of it starts the deadline anew. A reset is an error."""
        try:
            piece = self.socket.recv(READ_SIZE)
        except BlockingIOError:
            return
        self.received += piece
        self.ended = not piece
        assert len(self.received) <= RECEIVED_MAX, f"over {RECEIVED_MAX} bytes came, and no end"
        deadline.renew()

    def send(self, piece, deadline):
        """All of it, unless the other side ends the conversation."""
        while piece and not self.ended:
            try:
                piece = piece[self.socket.send(piece):]
                deadline.renew()
            except BlockingIOError:
                self.poll.modify(self.socket, select.POLLIN | select.POLLOUT)
                self.poll.poll(deadline.left() * 1000)
                self.poll.modify(self.socket, select.POLLIN)
                self.receive(deadline)

    def send_all(self, parts, deadline):
        """Each with a call of its own; looks now and then whether the other side has ended the conversation."""
        for number, piece in enumerate(parts):
            self.send(piece, deadline)
            if number % 32 == 31 and self.poll.poll(0):
                self.receive(deadline)
            if self.ended:
                return

    def receive_until(self, done, deadline):
        """Until `done()`, or the end."""
        while not self.ended and not done():
            self.poll.poll(deadline.left() * 1000)
            self.receive(deadline)
