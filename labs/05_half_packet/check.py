"""Lab 5: the same bytes give the same messages, however they are cut. harness.c cuts them, and calls decode()."""
from lab_check import Verdict

CUTS = {"payload": "cut_payload", "length": "cut_length", "border": "cut_border"}
MESSAGE_MAX = 256  # of packet.h


def check(c):
    """See lab.json for the words."""
    c.step("whole")
    one_a_piece(c, tried(c, "whole"))

    c.step("together")
    said = tried(c, "together")
    c.outcome("together", int(said["events"]))
    if not said.get("ok"):
        c.expect(said["kind"] in ("missing", "refused"), "wrong_bytes", pieces="643", at=said["at"])
        c.expect(said.get("late") != "1", "one_a_call", came=said["events"])
        c.fail("rest_lost", came=events_of(said))

    c.step("halves")
    said = tried(c, "halves")
    if not said.get("ok"):
        c.fail(CUTS[said["place"]], pieces=said["pieces"], at=said["at"], came=events_of(said))

    c.step("every")
    said = tried(c, "every")
    if not said.get("ok"):
        c.fail("three_pieces", pieces=said["pieces"], at=said["at"], came=events_of(said))
    c.outcome("call", int(said["call"]))

    c.step("mixed")
    said = tried(c, "mixed")
    c.expect(said.get("ok"), "shared", at=said.get("at", ""))

    c.step("limit")
    said = tried(c, "limit", "trusted_crash")
    c.outcome("taken", int(said["taken"]))
    c.expect(said["taken"] == "2", "trusted", announced=said["announced"], taken=said["taken"])
    c.expect(said["events"] == "1" and said["accepted"] == "0", "goes_on", events=said["events"])


def one_a_piece(c, said):
    """Each message came in a piece of its own. Fails by what the first one gave that did not give just its event."""
    if said.get("ok"):
        return
    kind = said["kind"]
    at, length, came, got, agree, late = (int(said[key]) for key in ("at", "length", "came", "got", "agree", "late"))
    c.expect(kind != "refused" or length != MESSAGE_MAX, "limit_too_low", at=at, length=length)
    c.expect(kind != "missing" or length != 0, "empty", at=at)
    c.expect(not late, "too_late", at=at, length=length, late=late)
    if kind == "other" and got == length:
        c.fail("too_early" if agree else "shifted", at=at, length=length, agree=agree)
    c.expect(kind != "other" or got == length << 8, "miscounted", at=at, length=length, got=got)
    c.expect(at == 1 and kind != "extra", "other_events", at=at, length=length, came=came,
             refused=", false" if kind == "refused" else "")
    c.fail("whole", at=at, length=length)


def events_of(said):
    """How many came, for the reader; and whether decode refused."""
    return f"{said['came']}/{said['should']}" + (", false" if said["kind"] == "refused" else "")


def tried(c, word, overflow="overflow"):
    """{key: value} of what the harness says of one of its tries; `ok` is there if it went well. `overflow` is the
    mistake of memory that was overrun."""
    program = c.start(word)
    lines = [line.removeprefix("@ ") for line in program.lines() if line.startswith("@ ")]
    if lines[-1:] == ["end"]:
        said = dict(pair.split("=", 1) for line in lines[:-1] for pair in line.split())
        return {key: value for key, value in said.items() if (key, value) != ("ok", "0")}
    try:
        c.until_asleep(program)
    except Verdict as verdict:
        c.expect("overflow" not in verdict.figures.get("what", ""), overflow, **verdict.figures)
        raise
    return c.fail("waits")
