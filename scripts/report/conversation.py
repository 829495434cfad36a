#!/usr/bin/env python3
"""One scripted conversation of four clients with each model's server, under strace: what journey.py makes its rows of.

    conversation.py BUILD_DIR OUT_DIR

Clients A, B, C and D connect one after the other; each sends a message, gets it back, thinks, sends another, gets it
back, and closes. Two clients come before them, and are in none of the rows: what a server does only once is done for
them. pseudo_async has two workers, so C and D are answered when A and B have closed, and not before. OUT_DIR/journey
gets MODEL.strace and MODEL.clients (client, what, start, end; seconds of the same clock).

strace stops the server at each system call: the order of things is right, their durations are not. Of TRIES
conversations with each model, the one with the shortest waits of the clients is used: in that one other programs
disturbed the machine least.
"""
import pathlib
import socket
import sys
import threading
import time

import serving

CLIENTS = "ABCD"
APART_S = 0.005
THINKS_S = 0.04
MESSAGES = 2
MESSAGE = bytes(range(64))
PATIENCE_S = 20
TRIES = 5
AFTERWARDS_S = 0.05
STRACE_LIMIT_S = 10

OPTIONS = {"pseudo_async": ["--workers", "2"]}

CALLS = ("network,read,write,close,poll,ppoll,epoll_wait,epoll_pwait,epoll_pwait2,epoll_ctl,futex,io_uring_enter,"
         "clone,clone3,nanosleep,clock_nanosleep")


def warm_up(address):
    """Two clients, one after the other: each worker of a pool of two has had one."""
    for _ in range(2):
        talk(address, "nobody", 0, [], messages=1)
        time.sleep(AFTERWARDS_S)


def receive_all(connection):
    """The whole message, back again."""
    received = b""
    while len(received) < len(MESSAGE):
        piece = connection.recv(len(MESSAGE) - len(received))
        if not piece:
            raise serving.NotServing("the server closed before it had answered")
        received += piece
    if received != MESSAGE:
        raise serving.NotServing("the server answered something else")


def talk(address, name, begin, log, messages=MESSAGES):
    """One client's part. Adds (client, what, start, end) to the log."""
    time.sleep(max(0, begin - time.time()))
    opened = time.time()
    with socket.create_connection(address, PATIENCE_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(1, messages + 1):
            if number > 1:
                time.sleep(THINKS_S)
            asked = time.time()
            connection.sendall(MESSAGE)
            receive_all(connection)
            log.append((name, f"message {number} of {messages}", asked, time.time()))
    log.append((name, "connected", opened, time.time()))


def converse(address):
    """All clients at once. Returns the log."""
    log, begin = [], time.time() + 0.05
    threads = [threading.Thread(target=talk, args=(address, name, begin + number * APART_S, log))
               for number, name in enumerate(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(log) < len(CLIENTS) * (MESSAGES + 1):
        raise serving.NotServing("a client was not answered")
    return sorted(log, key=lambda entry: entry[2])


def is_whole(path, pid):
    """Has strace written down how the process ended?"""
    with open(path, encoding="ascii", errors="replace") as file:
        return any(line.startswith(f"{pid} ") and " +++ " in line for line in file)


def asked_s(log):
    """How long the clients waited for their answers, all together."""
    return sum(end - start for _, what, start, end in log if what.startswith("message"))


def trace(build, model, path):
    """Makes the file that strace writes. Returns the clients' log."""
    # -D: strace is the child's child, and so the process that we start, and end, is the server.
    words = ["strace", "-D", "-f", "-ttt", "-T", "-s", "16", "-e", f"trace={CALLS}", "-e", "signal=none",
             "-o", str(path), *serving.command(build, model, "echo", *OPTIONS.get(model, []))]
    with serving.Serving(words) as server:
        warm_up(server.address)
        log = converse(server.address)
        time.sleep(AFTERWARDS_S)
    end = time.monotonic() + STRACE_LIMIT_S
    while not is_whole(path, server.pid):
        if time.monotonic() > end:
            raise serving.NotServing("strace did not come to an end")
        time.sleep(0.02)
    return log


def trace_best(build, model, directory):
    """Leaves MODEL.strace and MODEL.clients in the directory."""
    kept, attempt, best = directory / f"{model}.strace", directory / f"{model}.attempt", None
    for _ in range(TRIES):
        log = trace(build, model, attempt)
        if best is None or asked_s(log) < asked_s(best):
            best = log
            attempt.replace(kept)
    attempt.unlink(missing_ok=True)
    text = "".join(f"{name}\t{what}\t{start:.6f}\t{end:.6f}\n" for name, what, start, end in best)
    (directory / f"{model}.clients").write_text(text, encoding="ascii")


def main():
    """Each model in turn; one that cannot be run is left out, and says why."""
    build, directory = sys.argv[1], pathlib.Path(sys.argv[2], "journey")
    directory.mkdir(parents=True, exist_ok=True)
    for model in serving.PROGRAMS:
        try:
            trace_best(build, model, directory)
        except FileNotFoundError:
            sys.exit("conversation.py: strace is not installed: scripts/setup.sh installs it")
        except (serving.NotServing, OSError) as why:
            print(f"{model} is left out: {why}", file=sys.stderr)
            for rest in directory.glob(f"{model}.*"):
                rest.unlink()


if __name__ == "__main__":
    main()
