"""interrupt.py - Ctrl-C and SIGTERM raise an exception, except while runs are made. Then the current run is ended, and
the runs before it become the result.
"""
import contextlib
import signal

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(KeyboardInterrupt):
    """A signal that ends the command."""

    def __init__(self, number):
        super().__init__()
        self.status = 128 + number


def end(number, _frame):
    """The handler outside of runs."""
    raise Ended(number)


def install(handler=end):
    """Gives the signals to the handler; one that was ignored when the command began (nohup) stays ignored."""
    for number in NUMBERS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


@contextlib.contextmanager
def told(act):
    """While inside, a signal calls act(), and nothing is raised. Yields a list: of the signals' exit statuses so
    far."""
    statuses = []

    def note(number, _frame):
        statuses.append(128 + number)
        act()

    install(note)
    try:
        yield statuses
    finally:
        install()
