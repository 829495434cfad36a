"""Lab 8: handlers sleep, and the loop does not. We are the database that the handlers ask (slow_handler.c): a handler
sleeps until we answer, and we answer when the whole server sleeps. Nothing here depends on how long anything takes."""
import contextlib
import socket

from lab_check import CLOSED, shown

CLIENTS, WORKERS, DELAY_MS = 10, 4, 20
GO_ON, HOLD_AT_WAKE, HOLD_AT_READ = b".", b"h", b"r"  # answers of the database (slow_handler.c): the last two hold the loop
ROUNDS = 5  # ten clients, four workers: three delays one after another; one at a time: ten


class Database:
    """For a `with`. `open`: the questions that have no answer yet, in the order in which they came."""

    def __init__(self, check, server):
        self.check, self.server = check, server
        self.open, self.loops, self.threads, self.senders, self.writes = [], [], set(), 0, 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(f"\0io-models-lab-{server.pid}")
        self.socket.listen(128)
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for question in (*self.open, *self.loops, self.socket):
            question.close()

    def asked(self, enough=None):
        """Waits until every thread of the server sleeps, or `enough` questions are open. How many are open then?"""
        while enough and self.take() < enough and self.check.clock.wait(self.socket, self.server):
            pass
        if not enough or len(self.open) < enough:
            self.check.until_asleep(self.server)
            self.take()
            while self.loops:  # those that wake are let go on
                self._say(GO_ON, self.loops)
                self.loops = []
                self.check.until_asleep(self.server)
                self.take()
        return self.take()

    def take(self):
        """Those that have come. How many are open?"""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._take(self.socket.accept()[0])
        return len(self.open)

    def _take(self, question):
        what, thread, *_ = question.recv(4096).split(b" ", 2)
        if what == b"asks":
            self.open.append(question)
            self.threads.add(thread)
        elif what == b"wakes":
            self.loops.append(question)
        else:
            question.close()
            self.writes += what == b"writes"
            self.senders += what == b"sends"

    def answer(self, word=GO_ON, *, last=False):
        """Answers all, or only the last question. The handler then returns. By HOLD_AT_WAKE and HOLD_AT_READ the loop, when
        it wakes or is about to read the eventfd, stops, until asked() finds that all others sleep."""
        answered = [self.open.pop()] if last else self.open
        self.open = self.open if last else []
        self._say(word, answered)

    @staticmethod
    def _say(word, questions):
        for question in questions:
            with contextlib.suppress(OSError):
                question.send(word)
            question.close()

    def answer_all(self):
        """Until there is no more question. Returns how many were open at the same time, in each round."""
        rounds = []
        while count := self.asked():
            rounds.append(count)
            self.answer()
        return rounds


def check(c):
    """See lab.json for the words."""
    c.step("one")
    server = c.server()
    with Database(c, server) as database:
        without = server.descriptors()
        speaker = c.peer(server)
        one_client(c, database, speaker)
        two_clients(c, database)
        ten_clients(c, database)
        order(c, database, speaker)
        gone(c, database, speaker)
        c.step("rest")
        speaker.close()
        c.until_asleep(server)
        left = server.descriptors() - without
        c.expect(left <= 0, "leaks", left=left)


def must_get(c, peer, words, mistake):
    """Fails by that mistake (or by what a function says it is), unless these words come."""
    got = peer.receive(len(words))
    if got != words:
        c.must_live(peer.program)
        c.expect(not got or words.startswith(got), "other_bytes", sent=shown(words), came=shown(got))
        c.fail(mistake() if callable(mistake) else mistake, came=shown(got))


def one_client(c, database, speaker):
    """Its word goes to a handler, and comes back; the loop's thread sends it."""
    speaker.send(b"hello")
    c.expect(database.asked(1), "nobody_handles")
    database.answer()
    must_get(c, speaker, b"hello", lambda: why_nothing_came(c, database, speaker))
    c.step("sender")
    database.take()
    c.expect(not database.senders, "worker_sends")


def why_nothing_came(c, database, speaker):
    """The handler has returned, and its client got nothing."""
    c.until_asleep(database.server)
    database.take()
    if not database.writes:
        return "nobody_wakes"
    another = c.peer(database.server)
    another.send(b"and I")
    if database.asked(1):
        database.answer()
        c.until_asleep(database.server)
    return "told_too_early" if speaker.receive_now(5) else "not_taken"


def two_clients(c, database):
    """Their results come in one: both before the loop looks; then the second when it is about to read the eventfd."""
    for step, mistake in ("two", "lost"), ("between", "reads_last"):
        c.step(step)
        words = {c.peer(database.server): word for word in (b"I, too", b"and I, too")}
        for peer, word in words.items():
            peer.send(word)
        asked = database.asked(2)
        if asked == 2 and step == "between":
            database.answer(HOLD_AT_READ, last=True)
            c.until_asleep(database.server)
            database.answer()
        else:
            database.answer(HOLD_AT_WAKE)
        asked += sum(database.answer_all())
        c.must_live(database.server)
        c.expect(asked >= len(words), "nobody_handles")
        for peer, word in words.items():
            must_get(c, peer, word, mistake)
            peer.close()


def ten_clients(c, database):
    """Their handlers sleep at the same time, in a pool that is bounded."""
    c.step("ten")
    words = {c.peer(database.server): b"client %d" % number for number in range(CLIENTS)}
    for peer, word in words.items():
        peer.send(word)
    at_once = database.asked()
    threads = len(database.server.threads())
    database.answer(HOLD_AT_WAKE)
    rounds = [at_once, *database.answer_all()]
    most = max(rounds)
    c.outcome("at_once", most)
    c.outcome("wait_ms", len(rounds) * DELAY_MS)
    c.expect(most <= WORKERS and threads <= WORKERS + 1, "threads", threads=threads, most=most)
    c.expect(len(rounds) < ROUNDS, "one_at_a_time", most=most, rounds=len(rounds))
    for peer, word in words.items():
        must_get(c, peer, word, "lost")
    for peer in words:
        peer.close()


def order(c, database, speaker):
    """Two words of one client; if both are asked at the same time, the second is answered first."""
    c.step("order")
    speaker.send(b"one ")
    c.expect(database.asked(1), "nobody_handles")
    speaker.send(b"two ")
    both = database.asked()
    c.outcome("of_one_client", both)
    database.answer(last=True)
    if both > 1:
        database.asked()  # the answer to the second has gone through all of the server
    else:
        database.asked(1)
    database.answer_all()
    got = speaker.receive(8)
    c.must_live(database.server)
    c.expect(got == b"one two ", "order", came=shown(got))


def gone(c, database, speaker):
    """Clients that leave while their handlers sleep: with a reset, and with a FIN, after which they still listen."""
    c.step("gone")
    leaver, half = c.peer(database.server), c.peer(database.server)
    for peer in leaver, half:
        peer.send(b"bye")
    database.asked(2)
    leaver.reset()
    half.half_close()
    speaker.send(b"and I")
    database.answer_all()
    must_get(c, half, b"bye", "half_dropped")
    must_get(c, speaker, b"and I", "lost")
    half.receive(1)
    c.expect(half.why == CLOSED, "leaks", left=1)
    half.close()
