"""Runs inside gdb, in a stopped server: five questions about one client, answered from the stacks alone.

The exam may use the frames: their arguments, the locals of the innermost frame of our own code, and what is reachable
from a `struct conn *` or `struct channel *` among them. It may not use the server's lists and the heap: a reader who
knows the program would find every client of every model there. (Locals of other frames do not count: without a scope
that says when they were set, one may still point to a client that has left.)

The environment variable EXAM is JSON: pid, peer_port (of the client in question), bytes and messages (what it has sent:
half a message more than these), answers (the file to write). Each question gets {question, answered, evidence} there.
This script does not know which model it looks at: answers differ only because servers do.
"""
import json
import linecache
import os
import re

import gdb

CONNECTIONS = {"conn": ("fd",), "channel": ("io", "fd")}  # the types that are one, and where their descriptor is
RECEIVES = re.compile(r"(?:^|_)(?:recv|recvfrom|recvmsg|read|readv)$")
CALL = re.compile(r"\b(?:recv|recvfrom|recvmsg|read|readv)\s*\(\s*([^,()]+),")
FRAMES_MAX = 60


def at(value, path):
    """A field of a field."""
    for name in path:
        value = value[name]
    return value


class Sockets:
    """Which peer a descriptor of the process talks to, as /proc tells."""

    def __init__(self, pid):
        self.pid = pid
        self.ports = {}
        with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
            for fields in (line.split() for line in list(table)[1:]):
                self.ports[fields[9]] = int(fields[2].rpartition(":")[2], 16)

    def peer_port(self, descriptor):
        """None when it is no TCP socket."""
        try:
            link = os.readlink(f"/proc/{self.pid}/fd/{descriptor}")
        except OSError:
            return None
        return self.ports.get(link[len("socket:["):-1]) if link.startswith("socket:[") else None


class Place:
    """One frame: where it is, and which connections it was given."""

    def __init__(self, frame, may_have_locals):
        line = frame.find_sal()
        self.function = frame.name() or "??"
        # The C library may have debug information too; its source is not at hand.
        self.is_ours = line.symtab is not None and os.path.exists(line.symtab.fullname())
        self.file = os.path.basename(line.symtab.filename) if self.is_ours else ""
        self.line = line.line
        self.source = linecache.getline(line.symtab.fullname(), line.line).strip() if self.is_ours else ""
        self.connections = dict(connections_of(frame, may_have_locals)) if self.is_ours else {}
        self.receives_from = received_descriptor(frame, self.source) if self.is_ours and may_have_locals else None

    def __str__(self):
        return f"{self.function} ({self.file}:{self.line})" if self.is_ours else self.function


def connections_of(frame, may_have_locals):
    """Address and (name, value) of each connection among the frame's arguments, and its locals if those count."""
    block = frame.block()
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_argument or (may_have_locals and symbol.is_variable):
                value = symbol.value(frame)
                kind = value.type.strip_typedefs()
                if kind.code == gdb.TYPE_CODE_PTR and kind.target().strip_typedefs().tag in CONNECTIONS and value != 0:
                    yield int(value), (symbol.name, value)
        block = block.superblock if block.function is None else None


def received_descriptor(frame, source):
    """If this line of source receives from a descriptor: its number."""
    call = CALL.search(source)
    if not call:
        return None
    frame.select()
    try:
        return int(gdb.parse_and_eval(call.group(1)))
    except gdb.error:
        return None


class Stack:
    """One thread's frames, innermost first."""

    def __init__(self, thread):
        thread.switch()
        self.thread = thread.num
        self.places = []
        frame = gdb.newest_frame()
        seen_ours = False
        while frame is not None and frame.is_valid() and len(self.places) < FRAMES_MAX:
            place = Place(frame, not seen_ours)
            seen_ours = seen_ours or place.is_ours
            self.places.append(place)
            frame = frame.older()
        ours = [level for level, place in enumerate(self.places) if place.is_ours]
        self.level = ours[0] if ours else None  # of the innermost frame of our own code

    @property
    def inner(self):
        """The innermost frame of our own code."""
        return self.places[self.level] if self.level is not None else None

    def waits(self):
        """Where it is, in words."""
        if self.inner is None:
            return self.places[0].function if self.places else "??"
        call = self.places[self.level - 1].function if self.level > 0 else "no call"
        call = "a system call" if call == "??" else call
        return f"{call} <- {self.inner}: {self.inner.source}"


class Found:
    """A connection in a stack."""

    def __init__(self, stack, address, descriptor):
        self.stack = stack
        self.address = address
        self.descriptor = descriptor
        self.holders = [place for place in stack.places if address in place.connections]
        self.name, pointer = self.holders[0].connections[address]
        self.value = pointer.dereference()


def find(stacks, sockets, peer_port):
    """The given client's connection, and how many connections the stacks hold in all."""
    found, addresses = None, set()
    for stack in stacks:
        for place in stack.places:
            for address, (_, pointer) in place.connections.items():
                try:
                    tag = pointer.type.strip_typedefs().target().strip_typedefs().tag
                    descriptor = int(at(pointer.dereference(), CONNECTIONS[tag]))
                except gdb.error:
                    continue
                port = sockets.peer_port(descriptor)
                if port is not None:
                    addresses.add(address)
                if port == peer_port and found is None:
                    found = Found(stack, address, descriptor)
    return found, len(addresses)


def which(found, exam):
    """1: which client is this?"""
    holder = found.holders[0]
    return True, (f"thread {found.stack.thread}: {holder.function}({found.name}) has descriptor {found.descriptor}, "
                  f"whose peer is port {exam['peer_port']}")


def how_far(found, exam):
    """2: how much of it has come, and is something half received?"""
    received = int(found.value["session"]["bytes_in"])
    websocket = found.value["session"]["websocket"]
    held, missing = websocket["held"], int(websocket["payload_left"])
    there = int(held["end"] - held["start"]) if held != 0 else 0
    return received == exam["bytes"] and there > 0 and missing > 0, (
        f"{received} bytes have come; of a message {there} bytes are there, {missing} are missing")


def waits_for(found, _):
    """3: does its thread wait, and for this client's data?"""
    stack = found.stack
    calls = [place.function for place in stack.places[:stack.level]]
    mine = (found.address in stack.inner.connections and any(RECEIVES.search(name) for name in calls)
            and stack.inner.receives_from == found.descriptor)
    return mine, stack.waits()


def since_which(found, exam):
    """4: which was the last request that was answered?"""
    messages = int(found.value["session"]["messages"])
    return messages == exam["messages"], f"{messages} messages have been answered on this connection"


def what_next(found, _):
    """5: which lines go on with this client when the wait is over?"""
    callers = found.holders[1:]
    there = found.address in found.stack.inner.connections and len(callers) > 0
    goes_on = f"{found.stack.inner.function} goes on, then " if there else ""
    return there, goes_on + " <- ".join(f"{place}: {place.source}" for place in callers)


QUESTIONS = [which, how_far, waits_for, since_which, what_next]


def absent(stacks, known):
    """Why there is nothing to ask, for each question, from what the stacks do show."""
    count = f"{len(stacks)} thread" + ("s" if len(stacks) != 1 else "")
    waits = " | ".join(sorted({stack.waits() for stack in stacks}))
    chains = " | ".join(sorted({" <- ".join(str(place) for place in stack.places if place.is_ours)
                                for stack in stacks}))
    held = f"this client, only {known} others" if known else "a client"
    return [f"no frame of {count} holds {held}", "no frame leads to the client's bytes",
            f"for anything: {waits}", "no frame leads to the client's messages",
            f"whatever comes, for whomever: {chains}"]


def answers(exam):
    """All five."""
    stacks = [Stack(thread) for thread in sorted(gdb.selected_inferior().threads(), key=lambda one: one.num)]
    found, known = find(stacks, Sockets(exam["pid"]), exam["peer_port"])
    missing = absent(stacks, known)
    for number, question in enumerate(QUESTIONS, 1):
        answered, evidence = False, missing[number - 1]
        if found is not None:
            try:
                answered, evidence = question(found, exam)
            except gdb.error as error:
                evidence = f"gdb: {error}"
        yield {"question": number, "answered": bool(answered), "evidence": " ".join(evidence.split())}


def main():
    """Asks."""
    exam = json.loads(os.environ["EXAM"])
    given = list(answers(exam))
    with open(exam["answers"], "w", encoding="utf-8") as file:
        json.dump(given, file)


main()
