"""The protocol without a network: driver.c feeds it every split, truly byte by byte, also the longest messages.

As a server (session.c) it says what it would send, as a client (websocket.c) which events it reports; either with how
much of the input it had by then.
"""
import itertools
import signal
import struct
import subprocess
import threading

import deflated
from cases import MESSAGE_MAX
from clients import KEY, accept_value, upgrade
from deflated_cases import Talk
from rows import Answer, Event, answer_of, fails
from splits import BYTEWISE, Wire, split, wires
from timing import NOT_WITHIN, seconds

RECORD = struct.Struct("=IIIII")
OUTPUT, END = 100, 101
PATIENCE = 20  # seconds for an answer
KINDS = ["more", "open", "message", "ping", "pong", "close", "error"]  # enum websocket_event_type
OPEN = Event("open", code=101)

SWITCHING = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             f"Sec-WebSocket-Accept: {accept_value(KEY)}\r\n\r\n").encode()


DEFLATE_BITS = 15
OFFER = "permessage-deflate"
DEFLATING = SWITCHING[:-2] + f"Sec-WebSocket-Extensions: {OFFER}\r\n\r\n".encode()


class Driver:
    """The process, one for the whole run."""

    def __init__(self, path):
        assert path.exists(), f"{path} is not built"
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def close(self):
        """Ends it; a complaint of a sanitizer is a failure."""
        self.process.stdin.close()
        errors = self._errors()
        assert self.process.wait() == 0 and not errors, f"the driver: {errors}"

    def ask(self, role, data, runs, deflate_bits=0):
        """Feeds the bytes in these runs; returns the records: (bytes fed, type, opcode, code, payload)."""
        patience = threading.Timer(seconds(PATIENCE), self.process.kill)
        patience.start()
        try:
            return self._ask(role, data, runs, deflate_bits)
        finally:
            patience.cancel()

    def _ask(self, role, data, runs, deflate_bits):
        pipe = self.process.stdin
        pipe.write(struct.pack("=IIIII", ord(role), MESSAGE_MAX, len(runs), len(data), deflate_bits))
        pipe.write(b"".join(struct.pack("=II", *run) for run in runs))
        pipe.write(data)
        pipe.flush()
        records = [self._record()]
        while records[-1][1] != END:
            records.append(self._record())
        return records

    def _errors(self):
        return self.process.stderr.read().decode(errors="replace")[:2000]

    def _record(self):
        head = self.process.stdout.read(RECORD.size)
        if len(head) < RECORD.size:
            status = self.process.wait()
            assert status != -signal.SIGKILL, f"{NOT_WITHIN} {seconds(PATIENCE):g} s: the driver's answer"
            raise AssertionError(f"the driver ended with {status}: {self._errors()}")
        fed, kind, opcode, code, length = RECORD.unpack(head)
        return fed, kind, opcode, code, self.process.stdout.read(length)


class Conversation:
    """A row's bytes for one role: the handshake, then the steps; and where each ends."""

    def __init__(self, head, row, to_server):
        self.row, self.steps = row, wires(row, to_server)
        self.data = head + b"".join(step.bytes for step in self.steps)
        self.head = len(head)
        self.ends = list(itertools.accumulate((len(step.bytes) for step in self.steps), initial=self.head))

    def runs(self, form, seed):
        """How it is split. No piece goes over the end of a step."""
        runs = [(self.head, 1)]
        for number, step in enumerate(self.steps):
            runs += split(step, form, self.row.chop, f"{seed} {number}")
        return runs

    def by_step(self, records):
        """The records of the handshake, and of each step."""
        return [[record for record in records if start < record[0] <= end]
                for start, end in zip([0, *self.ends], self.ends)]

    def check_fail_fast(self, records, form):
        """A row that sends no byte more than the failure needs: the last byte brings it, and none before."""
        stops_short = self.row.steps[-1][0][-1].only is not None
        if form == BYTEWISE and stops_short:
            assert records[-2][0] == len(self.data), (f"expected to fail at byte {len(self.data)}; "
                                                      f"failed at byte {records[-2][0]}")


def check_server(driver, talk, form, seed):
    """What the session would send, by the end of every step, and how it ends."""
    records = driver.ask("S", talk.data, talk.runs(form, seed), DEFLATE_BITS * talk.row.deflate)
    expected = [DEFLATING if talk.row.deflate else SWITCHING, *(b"".join(map(answer_of, events)) for _, events in talk.row.steps)]
    for wanted, came in zip(expected, talk.by_step(records[:-1])):
        got = b"".join(record[-1] for record in came)
        assert got == wanted, difference("sends", wanted, got)
    assert records[-1][3] == 1, "expected that it wants to be closed; it wants to read"
    talk.check_fail_fast(records, form)


def event_of(record):
    """The record as rows have it."""
    _, kind, opcode, code, payload = record
    return Event(KINDS[kind], opcode, code, payload)


def check_client(driver, talk, form, seed):
    """Which events the websocket reports, by the end of every step."""
    records = driver.ask("C", talk.data, talk.runs(form, seed), DEFLATE_BITS * talk.row.deflate)
    for wanted, came in zip([[OPEN], *(events for _, events in talk.row.steps)], talk.by_step(records[:-1])):
        got = list(map(event_of, came))
        assert got == wanted, difference("reports", wanted, got)
    talk.check_fail_fast(records, form)


def check_answer(driver, answer, form, seed):
    """What a client makes of the answer to its upgrade request."""
    wire = Wire([answer.head.replace(b"{accept}", accept_value(KEY).encode())])
    records = driver.ask("C", wire.bytes, split(wire, form, None, seed), DEFLATE_BITS * answer.deflate)
    wanted = [OPEN if answer.status == 101 else fails(answer.status)]
    got = list(map(event_of, records[:-1]))
    assert got == wanted, difference("reports", wanted, got)


def shown(what):
    """Short enough for a line."""
    text = what.hex() if isinstance(what, bytes) else ", ".join(map(str, what))
    return text if len(text) <= 200 else f"{text[:150]}... ({len(text)} characters)"


def difference(verb, expected, got):
    """One line."""
    return f"expected that it {verb} {shown(expected)}; got {shown(got)}"


class Direct:
    """The target: both roles, all forms."""

    name = "websocket"

    def __init__(self, build_dir):
        self.path = build_dir / "tests/conformance_driver"
        self.driver = Driver(self.path)

    def takes(self, row):
        """Every row."""
        return bool(row)

    def check(self, row, seed, forms):
        """Runs the row in these forms; yields (form, what is wrong) for each failure."""
        if isinstance(row, Answer):
            checks = [("client", check_answer, row)]
        elif isinstance(row, Talk):
            checks = [("server", deflated.check_session, row), ("client", deflated.check_websocket, row)]
        else:
            request = upgrade(Sec_WebSocket_Extensions=OFFER if row.deflate else None)
            checks = [("server", check_server, Conversation(request, row, True)),
                      ("client", check_client, Conversation(DEFLATING if row.deflate else SWITCHING, row, False))]
        for role, check, subject in checks:
            for form in forms:
                try:
                    check(self.driver, subject, form, seed)
                except (AssertionError, OSError) as error:
                    if self.driver.process.poll() is not None:  # the next case is not to suffer for this one
                        self.driver = Driver(self.path)
                    yield f"as a {role}, {form}", str(error)

    def close(self):
        """Ends the driver."""
        self.driver.close()
