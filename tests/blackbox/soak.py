#!/usr/bin/env python3
"""Good, slow, broken and vanishing clients against each server in turn; nothing of them may be left afterwards.

    tests/blackbox/soak.py [--seconds N] [--build-dir build] [--sanitizer asan|tsan] [--seed N] [MODEL...]

For each server: descriptors and memory are noted after a warm-up by the same crowd, and must be the same when the crowd
has gone; the server's count of messages must be the one of its clients, to the message; no client that behaves may
fail; no sanitizer may report anything. Exit status: 0 all well, 1 not, 2 could not run.
"""
import argparse
import collections
import json
import pathlib
import random
import resource
import select
import subprocess
import sys
import threading
import time

import timing
from clients import (BINARY, CLOSE, CONTINUATION, MASK, PING, PONG, TEXT, WebSocket, close_payload, frame, header,
                     pattern, reply, upgrade)
from servers import EXECUTABLES, MODELS, Server
from timing import wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# Short, so that every one of them is reached many times.
LIMITS_S = {"--handshake-ms": 1, "--idle-ms": 1, "--dead-ms": 2, "--stall-ms": 1.5}

WARM_UP_S = 3

# What may have come to be touched since the warm-up, and stays: rarely used stack, and what malloc keeps for later. A
# leak of every connection would show; a leak of one byte is LeakSanitizer's to find, in a build with it.
GROWTH_MAX_KIB = 2048
GROWTH_PER_WORKER_KIB = 48
WORKERS = 70

BROKEN = [frame(TEXT, b"a", mask=None), frame(TEXT, b"a", rsv=4), frame(3), frame(11), frame(CONTINUATION, b"a"),
          frame(PING, bytes(126)), frame(PING, b"", fin=False), frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"),
          frame(TEXT, b"\xff"), frame(CLOSE, b"\x03"), frame(CLOSE, close_payload(1005)),
          header(BINARY, 65537, mask=MASK), header(BINARY, 0, mask=MASK, claim=2**63)]


class Crowd:
    """Clients of every kind, each kind in a thread of its own, until they are told to stop."""

    def __init__(self, server, seed):
        self.server, self.seed = server, seed
        self.stopping = threading.Event()
        self.messages = 0
        self.visits = collections.Counter()
        self.wrong = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._repeat, args=(kind,)) for kind in KINDS]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def answered(self, count):
        """So many messages came back, and the server must have counted them."""
        with self.lock:
            self.messages += count

    def _repeat(self, kind):
        dice = random.Random(f"{self.seed} {kind.__name__}")
        while not self.stopping.is_set():
            try:
                kind(self, dice)
            except Exception as error:  # whatever it was is reported, and ends this kind's visits
                self.wrong.append(f"{kind.__name__}: {error!r}")
                return
            with self.lock:
                self.visits[kind.__name__] += 1


def slow_reader(crowd, dice):
    """Reads with pauses what it asked for, all of it."""
    messages = [pattern(dice.randrange(1, 60000), seed) for seed in range(20)]
    with WebSocket(crowd.server, receive_buffer=4096) as peer:
        expected = b"".join(reply(BINARY, message) for message in messages)
        data = b"".join(frame(BINARY, message) for message in messages)
        got = peer.exchange(data, len(expected), read_size=16384, between=lambda: time.sleep(0.02))
        crowd.answered(len(messages))
        assert got == expected


def fragmenter(crowd, dice):
    """Fragments, with pings between them, in pieces of any size; then an orderly close."""
    message = pattern(dice.randrange(1, 3000), dice.random())
    cuts = sorted(dice.randrange(len(message) + 1) for _ in range(3))
    parts = [message[low:high] for low, high in zip([0, *cuts], [*cuts, len(message)])]
    data = b"".join(frame(CONTINUATION if number else BINARY, part, fin=number == 3) + frame(PING, b"?")
                    for number, part in enumerate(parts))
    with WebSocket(crowd.server) as peer:
        while data:
            piece = dice.randrange(1, 500)
            peer.send(data[:piece])
            data = data[piece:]
        replies = [peer.receive_frame() for _ in range(5)]
        crowd.answered(1)
        assert sorted(replies) == sorted([(BINARY, message)] + [(PONG, b"?")] * 4)
        peer.send(frame(CLOSE, close_payload(1000)))
        peer.expect_close(1000)


def half_closer(crowd, dice):
    """Sends, says that it is done, and wants its replies."""
    messages = [pattern(dice.randrange(200)) for _ in range(dice.randrange(1, 30))]
    expected = b"".join(reply(BINARY, message) for message in messages)
    with WebSocket(crowd.server) as peer:
        peer.send(b"".join(frame(BINARY, message) for message in messages))
        peer.half_close()
        assert peer.receive_to_end() == expected
        crowd.answered(len(messages))


def rule_breaker(crowd, dice):
    """Gets its close code, and an end."""
    with WebSocket(crowd.server) as peer:
        peer.send(dice.choice(BROKEN))
        assert peer.receive_frame()[0] == CLOSE
        peer.receive_to_end()


def stranger(crowd, dice):
    """Does not speak this protocol, or not even text."""
    with WebSocket(crowd.server, handshake=False) as peer:
        peer.send(dice.choice([b"GET / HTTP/1.0\r\n\r\n", dice.randbytes(300) + b"\r\n\r\n", b"/" * 9000]))
        assert peer.receive_head()[0] in (400, 431)
        try:
            peer.receive_to_end()
        except ConnectionResetError:
            pass


def vanisher(crowd, dice):
    """Gone, by RST or FIN, at any point of the handshake or of a message."""
    data = upgrade() + frame(BINARY, bytes(1000))
    with WebSocket(crowd.server, handshake=False) as peer:
        peer.send(data[:dice.randrange(len(data))])
        time.sleep(dice.random() * 0.02)
        if dice.random() < 0.5:
            peer.reset()


def deaf_peer(crowd, dice):
    """Asks without reading the answers, and is shown the door, or goes."""
    poll = select.poll()
    with WebSocket(crowd.server, receive_buffer=4096) as peer:
        poll.register(peer.socket, 0)  # only that it is over
        try:
            peer.stall(frame(PING, bytes(125)) * 100000)
            if dice.random() < 0.7:
                assert poll.poll(timing.seconds(10) * 1000), "kept though it does not read"
        except ConnectionError:
            pass
        peer.reset()


def silent_peer(crowd, dice):
    """Answers one ping and then no more; is given up."""
    with WebSocket(crowd.server) as peer:
        if dice.random() < 0.5:
            assert peer.receive_frame() == (PING, b"")
            peer.send(frame(PONG))
        wait_for_end(peer)


def trickler(crowd, dice):
    """A handshake that never gets done; is told so."""
    with WebSocket(crowd.server, handshake=False) as peer:
        peer.socket.settimeout(timing.seconds(0.1 + 0.2 * dice.random()))
        for byte in upgrade():
            try:
                peer.socket.send(bytes([byte]))
                peer.received += peer.socket.recv(1000)
                break
            except TimeoutError:
                pass
        assert peer.receive_head()[0] == 408
        wait_for_end(peer)


def wait_for_end(peer):
    """The server ends it, in whatever way."""
    peer.socket.settimeout(timing.seconds(10))
    try:
        while peer.socket.recv(65536):
            pass
    except ConnectionError:
        pass


KINDS = [slow_reader, fragmenter, half_closer, rule_breaker, stranger, vanisher, deaf_peer, silent_peer, trickler]


class State:
    """What a server holds when nobody is there."""

    def __init__(self, server, idle_files):
        wait_until(lambda: server.open_files() <= idle_files, "the server closes what its clients have left", plain=10)
        self.files, self.memory = server.open_files(), server.private_kib()


def progress(server, crowd):
    """One line that changes, on a terminal."""
    if sys.stderr.isatty():
        print(f"{server.model}: {sum(crowd.visits.values())} bad visits", end="\r", file=sys.stderr, flush=True)


def load(server, build_dir, seconds, crowd):
    """The good clients: the load generator. Returns its report."""
    command = [build_dir / "loadgen/loadgen", "--protocol", "ws", "--port", server.port, "--clients", 50,
               "--pipeline", 4, "--size", 500, "--duration", seconds, "--warmup", 0, "--quiet", "--json", "-"]
    deadline = timing.Deadline(seconds + 60, "the load generator ends")
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        while True:
            try:
                output, _ = child.communicate(timeout=min(1, deadline.left()))
                return json.loads(output)
            except subprocess.TimeoutExpired:
                progress(server, crowd)
            except BaseException:
                child.kill()
                raise


def visit(server, build_dir, seconds, seed):
    """Everyone at once, for so long. Returns messages answered, visits by kind, and what was wrong."""
    with Crowd(server, seed) as crowd:
        report = load(server, build_dir, seconds, crowd)
    wrong = list(crowd.wrong)
    if report["failures_total"]:
        wrong.append(f"loadgen: {({name: count for name, count in report['failures'].items() if count})}")
    if report["unfinished"]["count"]:
        wrong.append(f"loadgen: {report['unfinished']['count']} messages unfinished")
    return report["totals"]["messages"] + crowd.messages, crowd.visits, wrong


def check_ends(visits, closed):
    """Each kind came, and the server knows what became of those whose end is certain."""
    yield from (f"no {kind.__name__} came" for kind in KINDS if not visits[kind.__name__])
    for kind, reasons in (("silent_peer", ["dead_peer"]), ("trickler", ["handshake_timeout"]),
                          ("stranger", ["rejected"]), ("rule_breaker", ["protocol_error", "bad_utf8", "too_big"])):
        counted = sum(closed[reason] for reason in reasons)
        if counted < visits[kind]:
            yield f"{visits[kind]} times {kind}, but {counted} times {' or '.join(reasons)}"


def soak(server, arguments, seconds):
    """One server. Returns what was wrong: nothing, it is hoped."""
    with WebSocket(server) as first:  # now it is wholly started
        first.roundtrip()
        idle_files = server.open_files() - 1
    warm_up, _, wrong = visit(server, arguments.build_dir, min(WARM_UP_S, seconds), arguments.seed)
    before = State(server, idle_files)
    messages, visits, wrong_then = visit(server, arguments.build_dir, seconds, arguments.seed + 1)
    after = State(server, idle_files)
    counted = server.stop()
    wrong += wrong_then + list(check_ends(visits, counted["closed"]))
    if after.files != before.files:
        wrong.append(f"{before.files} descriptors before, {after.files} after")
    may_grow = GROWTH_MAX_KIB + (WORKERS * GROWTH_PER_WORKER_KIB if server.model == "pseudo_async" else 0)
    if after.memory - before.memory > may_grow and not arguments.sanitizer:
        wrong.append(f"{before.memory} KiB before, {after.memory} after")
    if counted["messages"] != warm_up + messages + 1:
        wrong.append(f"the server counted {counted['messages']} messages, its clients {warm_up + messages + 1}")
    memory = "memory not compared" if arguments.sanitizer else f"memory {before.memory:,} -> {after.memory:,} KiB"
    print(f"{server.model:13}{messages:10,} messages{sum(visits.values()):7,} bad visits  "
          f"descriptors {before.files} -> {after.files}  {memory}  {'FAILED' if wrong else 'ok'}", flush=True)
    if arguments.verbose:
        print("   ", dict(visits), {name: count for name, count in counted["closed"].items() if count})
    for line in wrong:
        print(f"    {line}", flush=True)
    return wrong


def options(model):
    """The pool hardly larger than the crowd, so that every thread comes to be used."""
    limits = [word for name, limit_s in LIMITS_S.items() for word in (name, int(timing.seconds(limit_s) * 1000))]
    return [*limits, *(["--workers", WORKERS] if model == "pseudo_async" else [])]


def parse_arguments():
    """A mistake costs one line and status 2: argparse's own habit, but for the usage text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="for all servers together (default 60)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=REPOSITORY / "build")
    parser.add_argument("--sanitizer", choices=["asan", "tsan"], help="what the servers were built with")
    parser.add_argument("--seed", type=int, default=random.randrange(1000000), help="of the dice the bad clients throw")
    parser.add_argument("--verbose", action="store_true", help="how often each kind came, and how connections ended")
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(MODELS)} (default all)")
    parser.error = lambda message: (print(f"soak.py: {message}: try --help", file=sys.stderr), sys.exit(2))
    arguments = parser.parse_args()
    unknown = set(arguments.models) - set(MODELS)
    if unknown:
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    if not 1 <= arguments.seconds <= 86400:
        parser.error("--seconds takes 1 to 86400")
    for model in arguments.models or MODELS:
        if not (arguments.build_dir / EXECUTABLES[model]).exists():
            parser.error(f"{arguments.build_dir / EXECUTABLES[model]} is not built")
    return arguments


def main():
    """Each in turn; all are tried, whatever happens to one."""
    arguments = parse_arguments()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    timing.stretch(2 if arguments.sanitizer else 1)
    models = arguments.models or MODELS
    print(f"{arguments.seconds / len(models):g} s for each server, seed {arguments.seed}", flush=True)
    failed = 0
    for model in models:
        try:
            with Server(arguments.build_dir / EXECUTABLES[model], model, "ws", options(model)) as server:
                failed += bool(soak(server, arguments, arguments.seconds / len(models)))
        except AssertionError as error:
            print(f"{model}: {error}", flush=True)
            failed += 1
    print(f"{len(models) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
