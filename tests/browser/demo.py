"""demo.py - ws_demo as a child process, and pages of it that have joined a room."""
import re
import signal
import ssl
import subprocess
import urllib.parse
import urllib.request

from selenium.webdriver.common.keys import Keys

from chromium import Page


class Demo:
    """The server; port 0 lets it pick one. `inherits`: descriptors of ours that it has, too."""

    entrances = None  # or who has an nginx for each of them (entrance.py)

    def __init__(self, program, *options, port=0, inherits=()):
        self.entrance = self.entrances.take(port) if self.entrances else None
        where = self.entrance.options if self.entrance else ["--port", str(port)]
        self.process = subprocess.Popen([program, *where, *options], stdout=subprocess.PIPE, text=True, pass_fds=inherits)
        first = self.process.stdout.readline()
        said = re.search(r":(\d+)\b" if not self.entrance else "unix:()", first)
        if not said:
            self.kill()
            raise AssertionError(f"ws_demo said {first!r} in place of where it listens")
        self.port = self.entrance.port if self.entrance else int(said.group(1))
        self.scheme = "https" if self.entrance or "--self-signed" in options else "http"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        status = self.stop()
        assert kind or status == 0, f"ws_demo ended with {status}"

    def read(self, path):
        """What it answers to a GET."""
        with urllib.request.urlopen(f"{self.scheme}://127.0.0.1:{self.port}/{path}", timeout=20,
                                    context=ssl._create_unverified_context()) as answer:  # pylint: disable=protected-access
            return answer.read().decode()

    def stop(self):
        """Asks it to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self.kill()

    def kill(self):
        """Ends it without a word."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.entrance:
            self.entrances.free.append(self.entrance)
            self.entrance = None


class Guest(Page):
    """A page that has joined a room of the server, which may be `below` a path."""

    def __init__(self, demo, name, room="class", lang="en", below="", **window):
        super().__init__(**window)
        try:
            words = urllib.parse.urlencode({"room": room, "name": name, "lang": lang})
            self.goto(f"{demo.scheme}://127.0.0.1:{demo.port}{below}/?{words}")
            self.state("OPEN")
        except BaseException:
            self.close()
            raise

    def state(self, wanted):
        """Waits until the page says that its connection is in this state."""
        self.wait_for(f"#state[data-state={wanted}]")

    def say(self, text):
        """Sends it to the room. (The button beside the field is pressed where a test is about it.)"""
        self.find("#say-text").send_keys(text, Keys.ENTER)

    def texts(self):
        """What the page shows of the room, in order."""
        return self.all("#messages .message[data-seq]", "one.querySelector('.words').textContent")

    def heard(self, text):
        """Waits until the page shows it."""
        self.wait("""return [...document.querySelectorAll('#messages .message[data-seq] .words')]
            .some((one) => one.textContent === arguments[0])""", text)

    def event(self, socket, event, code=None):
        """Waits until the log has it."""
        self.wait_for(f"#log .event[data-socket={socket}][data-event={event}]"
                      + (f'[data-code="{code}"]' if code else ""))

    def events(self, socket):
        """The events of one socket, in order."""
        return self.all(f"#log .event[data-socket={socket}]", "one.dataset.event")
