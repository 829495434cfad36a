"""Deadlines. Every wait in this suite has one, and --slow FACTOR stretches them all (sanitizers, busy machines)."""
import time

NOT_WITHIN = "not within"  # how the message begins

_factor = 1.0


def stretch(factor):
    """Called once, with the option --slow."""
    global _factor
    _factor = factor


def seconds(plain):
    """What `plain` seconds on an idle machine without sanitizers are allowed to become here."""
    return plain * _factor


class Deadline:
    """A moment by which something must have happened."""

    def __init__(self, plain, what):
        self.what = what
        self.limit = seconds(plain)
        self.end = time.monotonic() + self.limit

    def renew(self):
        """Something has come of it: the same time again."""
        self.end = time.monotonic() + self.limit

    def left(self):
        """Seconds left; fails the test when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise AssertionError(f"{NOT_WITHIN} {self.limit:g} s: {self.what}")
        return left


def wait_until(condition, what, plain=10):
    """Polls an observable condition, and fails when it does not come true in time. Returns what was true."""
    deadline = Deadline(plain, what)
    while not (result := condition()):
        time.sleep(min(0.005, deadline.left()))
    return result
