"""The client's role over TCP: `loadgen` meets a server that sends it the case's frames in place of a reply.

A message that it did not ask for is called a mismatch, and that is what cases as they are written come to once they
hold a message. So these are run a second time with loadgen's own message in place of theirs, cut in the same way: that
is the right reply, whatever comes between, and what follows it must count.

loadgen must answer pings, close frames and violations by masked frames, exactly, and send nothing behind its close
frame; and its report must name what happened.
"""
import json
import socket
import subprocess

import misbehaving
import deflated
from clients import BINARY, CLOSE, CONTINUATION, PONG, TEXT, close_payload, xor
from deflated_cases import Talk
from exchange import PATIENCE, Exchange
from loadgen import LoadGenerator, check_report, no_constant
from rows import NO_STATUS, Answer, Row, encode
from servers import REPORTS
from splits import Wire, is_big, pieces, split, wires
from timing import Deadline, seconds

AS_WRITTEN, OWN = "as written", "its own message"
EVER = 1 << 30


class FrameReader:
    """Takes loadgen's frames apart; each must be whole, masked, and have the shortest length."""

    def __init__(self, received, may_compress=False):
        self.received, self.at, self.may_compress = received, 0, may_compress
        self.messages, self.control = [], []

    def read(self):
        """All frames that have come as a whole."""
        while self._frame():
            pass

    def _frame(self):
        head = bytes(self.received[self.at:self.at + 14])
        if len(head) < 2:
            return False
        assert head[0] & 0xB0 == 0x80 and head[1] & 0x80, f"a frame that begins with {head[:2].hex()}"
        extra = {126: 2, 127: 8}.get(head[1] & 0x7F, 0)
        if len(head) < 6 + extra:
            return False
        length = int.from_bytes(head[2:2 + extra], "big") if extra else head[1] & 0x7F
        start = self.at + 6 + extra
        if len(self.received) < start + length:
            return False
        assert extra == (0 if length < 126 else 2 if length < 65536 else 8), f"{length} bytes written in {extra}"
        payload = xor(bytes(self.received[start:start + length]), head[2 + extra:6 + extra])
        self.at = start + length
        opcode = head[0] & 0x0F
        assert not self.has_closed(), f"a frame of opcode {opcode} behind the close frame"
        assert opcode in (TEXT, PONG, CLOSE), f"a frame of opcode {opcode}"
        assert not head[0] & 0x40 or (self.may_compress and opcode == TEXT), f"RSV1 on a frame of opcode {opcode}"
        (self.messages if opcode == TEXT else self.control).append((opcode, payload))
        return True

    def has_closed(self):
        """Has its close frame come?"""
        return bool(self.control) and self.control[-1][0] == CLOSE


class Expectation:
    """What must come of a conversation: control frames, failure and code, messages that were right."""

    def __init__(self, row, own):
        self.control, self.right = [], 0
        self.failure, self.code = "protocol_error", row.events[-1].code
        for event in row.events:
            if event.kind == "message" and not own:
                self.failure, self.code = "mismatch", None
                return
            self.right += event.kind == "message"
            self.control += control_for(event)

    def check_frames(self, reader):
        """What loadgen sent beside its messages. Where it broke off at a message, pongs may not have left."""
        got = reader.control
        if self.failure == "mismatch":
            assert got == self.control[:len(got)], f"expected no other frames than {self.control}; got {got}"
            return
        assert got == self.control, f"expected that it sends {self.control}; got {got}"
        left = len(reader.received) - reader.at
        assert left == 0, f"expected nothing behind the close frame; got {left} bytes"

    def check_report(self, report):
        """What loadgen said of it."""
        failures = {name: count for name, count in report["failures"].items() if count}
        got = failures, report["close_code"], report["totals"]["messages"]
        expected = {self.failure: 1}, self.code, self.right
        assert got == expected, f"expected failures, close code and right replies {expected}; got {got}"


def control_for(event):
    """What a client sends because of it."""
    if event.kind == "ping":
        return [(PONG, event.payload)]
    if event.kind in ("close", "error"):
        return [(CLOSE, b"" if event.code == NO_STATUS else close_payload(event.code))]
    return []


def message_sizes(row):
    """The lengths of the messages that the row delivers."""
    return [len(event.payload) for event in row.events if event.kind == "message"]


def can_be_own(row):
    """Could loadgen have sent these messages? They must be of one size, at least 1, and one a step: it sends the second
    when it has the answer to the first."""
    sizes = message_sizes(row)
    if row.deflate:  # its messages are written as they are to be compressed
        return False
    one_a_step = all(sum(event.kind == "message" for event in events) <= 1 for _, events in row.steps)
    return len(set(sizes)) == 1 and sizes[0] > 0 and one_a_step


class Substitute:
    """Puts loadgen's own message in place of the one that the frames hold, over as many steps as that takes."""

    def __init__(self):
        self.used = 0

    def wire(self, frames, payload):
        """A step's bytes, and whether they hold the end of the message."""
        result, ended = [], False
        for frame in frames:
            if not ended and frame.opcode in (TEXT, BINARY, CONTINUATION):
                part = payload[self.used:self.used + len(frame.payload)]
                ended, self.used = frame.fin, 0 if frame.fin else self.used + len(part)
                frame = frame._replace(opcode=frame.opcode and TEXT, payload=part)
            result.append(encode(frame, False, 0))
        return Wire(result), ended


class Loadgen:
    """The process, connected to a server of its own."""

    def __init__(self, generator, size, *options):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(seconds(10))
        self.process = subprocess.Popen(
            [generator.path, "--port", str(self.listener.getsockname()[1]), "--protocol", "ws", "--clients", "1",
             "--size", str(size), "--duration", "60", "--warmup", "0", "--timeout", str(seconds(30)), "--quiet",
             "--json", "-", *options, *generator.options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        self.listener.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def accept(self):
        """Its connection."""
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(seconds(10))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def report(self):
        """Waits for what loadgen has to say."""
        self.socket.close()
        output, errors = self.process.communicate(timeout=seconds(20))
        assert not any(word in errors.decode() for word in REPORTS), errors.decode()[:2000]
        assert self.process.returncode == 1, f"exit status {self.process.returncode}: {errors.decode()[:500]}"
        report = json.loads(output, parse_constant=no_constant)
        check_report(report, self.process.returncode)
        return report


class Conversation:
    """One connection: loadgen's message is awaited, then each step's frames are sent and the answers awaited."""

    def __init__(self, connection, row, form, seed, is_big=False):
        self.row, self.form, self.seed, self.is_big = row, form, seed, is_big
        self.deadline = Deadline(PATIENCE, "loadgen's answers")
        self.exchange = Exchange(connection)
        self.reader = FrameReader(self.exchange.received, row and row.deflate)

    def hold(self, steps, right):
        """All steps, `steps` being their bytes as written, and then the end. The first `right` messages in them are
        replaced by loadgen's own."""
        substitute, answered, control = Substitute(), 0, 0
        for number, (step, (frames, events)) in enumerate(zip(steps, self.row.steps)):
            if answered < right or number == 0:
                self.await_frames(answered + 1, control)
            if answered < right:
                assert answered < len(self.reader.messages), "expected one more message; loadgen has ended"
                step, ended = substitute.wire(frames, self.reader.messages[answered][1])
                answered += ended
            runs = split(step, self.form, self.row.chop, f"{self.seed} {number}", borders_only=self.is_big)
            self.exchange.send_all(pieces(step, runs), self.deadline)
            control += sum(len(control_for(event)) for event in events)
            self.await_frames(answered, control)
        self.end()

    def end(self):
        """No more from here; all that still comes is read."""
        try:
            self.exchange.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has hung up already
        self.await_frames(EVER, EVER)

    def await_frames(self, messages, control):
        """Until so many have come, or the end."""

        def have_come():
            self.reader.read()
            return len(self.reader.messages) >= messages and len(self.reader.control) >= control

        self.exchange.receive_until(have_come, self.deadline)
        have_come()

    def expect_rejection(self, wire, runs):
        """Loadgen hangs up because of these bytes, gently or not, and says nothing more."""
        try:
            self.exchange.send_all(pieces(wire, runs), self.deadline)
            self.await_frames(EVER, EVER)
        except ConnectionError:
            pass
        assert not self.exchange.received, f"expected nothing more; got {len(self.exchange.received)} bytes"


class Client:
    """The target."""

    def __init__(self, name, build_dir, *options):
        self.name = name
        self.generator = LoadGenerator(build_dir / "loadgen/loadgen", build_dir, options)
        assert self.generator.path.exists(), f"{self.generator.path} is not built"

    def takes(self, row):
        """Every row."""
        return bool(row)

    def check(self, row, seed, forms):
        """Runs the row in these forms; yields (form, what is wrong) for each failure."""
        if isinstance(row, Answer):
            runs = [("the handshake", lambda form: self.check_answer(row, form, seed))]
        elif isinstance(row, Talk):
            runs = [("an echo", lambda form: self.check_talk(row, form, seed))]
        else:
            steps = wires(row, to_server=False)
            runs = [(AS_WRITTEN, lambda form: self.check_row(row, steps, False, form, seed))]
            if can_be_own(row):
                own = (OWN, lambda form: self.check_row(row, steps, True, form, seed))
                runs = [own] if is_big(steps) else [*runs, own]
        for manner, check in runs:
            for form in forms:
                try:
                    check(form)
                except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
                    yield f"{manner}, {form}", str(error) or repr(error)

    def check_row(self, row, steps, own, form, seed):
        """One run of loadgen."""
        expected = Expectation(row, own)
        options = ["--deflate"] if row.deflate else []
        with Loadgen(self.generator, max(message_sizes(row)) if own else 64, *options) as loadgen:
            connection = loadgen.accept()
            misbehaving.upgrade(connection, b"permessage-deflate" if row.deflate else None)
            talk = Conversation(connection, row, form, seed, is_big(steps))
            try:
                talk.hold(steps, expected.right if own else 0)
            except ConnectionError:
                assert expected.failure == "mismatch", "expected a proper close; loadgen hung up"
            expected.check_frames(talk.reader)
            expected.check_report(loadgen.report())

    def check_talk(self, talk, form, seed):
        """A conversation of compressed messages."""
        with Loadgen(self.generator, talk.size, "--deflate", "--payload", "text") as loadgen:
            deflated.check_client(loadgen, talk, form, seed)

    def check_answer(self, answer, form, seed):
        """What loadgen makes of an answer to its upgrade request."""
        with Loadgen(self.generator, 64, *(["--deflate"] if answer.deflate else [])) as loadgen:
            connection = loadgen.accept()
            wire = Wire([answer.head.replace(b"{accept}", misbehaving.receive_upgrade(connection))])
            row = Row(answer.id, answer.words, (([], []),), deflate=answer.deflate).completed() if answer.status == 101 else None
            talk = Conversation(connection, row, form, seed)
            runs = split(wire, form, None, seed)
            if row:
                talk.exchange.send_all(pieces(wire, runs), talk.deadline)
                talk.hold(wires(row, to_server=False), 0)
                Expectation(row, False).check_report(loadgen.report())
            else:
                talk.expect_rejection(wire, runs)
                check_rejected(loadgen.report(), answer.status)

    def close(self):
        """Nothing is left running."""


def check_rejected(report, status):
    """The handshake's own failure, with the status that the server gave."""
    failures = {name: count for name, count in report["failures"].items() if count}
    got = failures, report["http_status"]
    expected = {"handshake_rejected": 1}, status or None
    assert got == expected, f"expected failures and status {expected}; got {got}"
