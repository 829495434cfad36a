"""Lab 9: a completion reaches the connection for which it was submitted, and nobody else; a connection is freed once,
after its last completion. The program plays scripts (scripted_ring.c) and prints what was done, in order."""
import random
import re

from lab_check import shown

ECHO = ("A connects", "A says hello", "A's send completes", "A says again", "A's send completes")
BUSY = ("A connects", "A says one ", "A says two ", "A says three", *["A's send completes"] * 3)
STALE = ("A connects", "A is silent", "B connects", "A says secret", "B says mine", "B's send completes")
LEAVING = (("A connects", "A leaves"),
           ("A connects", "A says word", "A's send completes", "A leaves"),
           ("A connects", "A says word", "A leaves", "A's send completes"))
LAST = (("A connects", "A is silent", "A's receive is cancelled"),
        ("A connects", "A says word", "A is silent", "A's receive is cancelled", "A's send completes"),
        ("A connects", "A says word", "A is silent", "A's send completes", "A's receive is cancelled"),
        ("A connects", "A says word", "A leaves", "A's send is cancelled"))
FAILING = ("A connects", "B connects", "A says word", "A resets", "C connects", "C says hi", "C's send completes",
           "B says ho", "B's send completes")
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SCRIPTS, COMMANDS = 5, 150
STOPPED = (  # the line at which the ring stops a script, and the mistake
    (r"(\w) is freed with its receive", "freed_with_receive"), (r"(\w) is freed with its send", "freed_with_send"),
    (r"(\w) is freed again", "freed_twice"),
    (r"(close|shutdown) on a closed descriptor", "closed_twice"), (r"(close|shutdown) of .* for .*", "closed_twice"),
    (r"(receive|send) on a closed descriptor", "works_on"), (r"(receive|send) for .* is ended", "works_on"),
    (r"(\w) goes on", "goes_on"), (r"(\w)'s receive is submitted again", "end_missed"),
    (r"(.*) without end", "without_end"), (r"(\w)'s bytes have changed .*", "overwritten"))


def check(c):
    """See lab.json for the words."""
    c.step("echo")
    Played(c, ECHO).judge().expect_echo()

    c.step("stale")
    played = Played(c, STALE)
    c.outcome("whose", next((whom for whom, word in played.sent if "secret" in word), "-"))
    played.judge().expect_echo(of="B")

    c.step("busy")
    Played(c, BUSY).judge().expect_echo()

    c.step("leaves")
    for script in LEAVING:
        Played(c, script).judge().expect_echo().expect_left(0)

    c.step("last")
    for script in LAST:
        played = Played(c, script)
        if script is LAST[1]:
            c.outcome("still", played.completions_after("A is silent"))
        played.judge().expect_left(0)

    c.step("failing")
    Played(c, FAILING).judge().expect_echo(of="BC").expect_left(2)

    c.step("ten")
    ten = [f"{name} {what}" for what in ("connects", "is silent") for name in NAMES[:10]]
    played = Played(c, [*ten, "who is there", "all comes back"])
    c.outcome("memory", int((played.found(r"(\d+) in memory") or [0])[0]))
    played.judge().expect_left(0)

    c.step("many")
    for seed in range(SCRIPTS):
        Played(c, [*many(random.Random(seed)), "all comes back"]).judge().expect_left(0)


def many(dice):
    """A script for 26 clients; the same in each check."""
    there = []
    for number in range(COMMANDS):
        name = NAMES[len(there)] if len(there) < len(NAMES) and dice.random() < 0.25 else None
        if name or not there:
            there.append(name or "A")
            yield f"{there[-1]} connects"
        else:
            what = dice.choices((f"says {number}.", "'s send completes", "is silent", "'s receive is cancelled",
                                 "'s send is cancelled", "leaves", "resets"), (8, 8, 3, 1, 1, 1, 1))[0]
            yield dice.choice(there) + ("" if what[0] == "'" else " ") + what


class Played:
    """A script, and what came of it."""

    def __init__(self, check, script):
        self.check, self.script = check, script
        self.program = check.start(*script)
        self.lines = [line[6:] for line in self.program.lines() if line.startswith("ring: ")]
        self.sent = [(line[0], line[len("A is sent "):]) for line in self.found(r"\w is sent .*")]
        self.said = {name: "".join(word.split(" says ")[1] for word in script if word.startswith(f"{name} says "))
                     for name in NAMES}

    def found(self, pattern):
        """What these lines match; of a group, the group."""
        return [match[match.re.groups] for match in (re.fullmatch(pattern, line) for line in self.lines) if match]

    def fail(self, mistake, at=None, **figures):
        """With the last commands that led to it: to this line, or to the end."""
        played = [line[2:] for line in self.lines[:at] if line.startswith("> ")]
        self.check.fail(mistake, after="; ".join(played[-6:]), **figures)

    def judge(self):
        """Fails if anybody was sent what it had not said, if the ring stopped the script, or if the program did."""
        self._expect_own_words()
        last = self.lines[-1] if self.lines else ""
        for pattern, mistake in STOPPED:
            match = re.fullmatch(pattern, last)
            if match:
                self.fail(mistake, who=match[1])
        while not last.startswith("the end"):
            self.check.must_live(self.program)
            self.check.expect(not self.program.asleep(), "sleeps")
        return self

    def _expect_own_words(self):
        got = {}
        for whom, word in self.sent:
            got[whom] = got.get(whom, "") + word
            if not self.said[whom].startswith(got[whom]):
                whose = next((name for name in NAMES if name != whom and word and word in self.said[name]), None)
                at = self.lines.index(f"{whom} is sent {word}")
                if whose:
                    self.fail("stranger", at, whom=whom, word=shown(word.encode()), whose=whose)
                self.fail("no_answer", at, who=whom, came=shown(got[whom].encode()),
                          said=shown(self.said[whom].encode()))

    def expect_echo(self, of="A"):
        """These were sent all that they had said."""
        for name in of:
            got = "".join(word for whom, word in self.sent if whom == name)
            if got != self.said[name]:
                self.fail("no_answer", who=name, came=shown(got.encode()), said=shown(self.said[name].encode()))
        return self

    def expect_left(self, clients):
        """So many clients are still there: in memory, and with a descriptor."""
        memory, descriptors = (int(number) for number in re.findall(r"\d+", self.lines[-1]))
        if memory > clients or descriptors > clients:
            self.fail("kept", memory=max(memory - clients, 0), descriptors=max(descriptors - clients, 0))
        if memory < clients or descriptors < clients:
            self.fail("ended_too_many", gone=clients - min(memory, descriptors))

    def completions_after(self, command):
        """How many completions came after this command?"""
        begin = self.lines.index(f"> {command}") if f"> {command}" in self.lines else len(self.lines)
        return sum(" completes with " in line for line in self.lines[begin:])
