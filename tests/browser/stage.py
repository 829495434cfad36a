"""stage.py - ws_demo with a stage whose host is the test; pages of it; and what a host says.

All addresses of this machine's browser are the machine itself, which directs. A guest's page comes through a relay that
connects from another one.
"""
import contextlib
import pathlib
import select
import socket
import sys
import threading

from chromium import Page
from demo import Demo

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from stage_host import FOREIGN, TOKEN, StageHost  # pylint: disable=wrong-import-position

PATIENCE_S = 30
MODELS = [{"id": "bio", "twins": ["thread_per_message"]}, {"id": "pseudo_async", "twins": []},
          {"id": "nio", "twins": ["spinning_selector", "lost_epollout"]}, {"id": "aio", "twins": ["fd_is_identity"]},
          {"id": "aio_future", "twins": ["get_at_once"]}, {"id": "framework", "twins": []}]
ACTS = ["idle_clients", "slow_reader", "blocking_handler", "few_descriptors", "cut"]
CLIENTS = ["connecting", "unserved", "served", "waiting", "idle", "away", "refused", "failed"]


class Relay:
    """Passes bytes on to a port of 127.0.0.1, from FOREIGN."""

    def __init__(self):
        self.goal = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.ending, self.end = socket.socketpair()

    def begin(self, port):
        """From now on."""
        self.goal = ("127.0.0.1", port)
        self.thread.start()

    def run(self):
        """Until close."""
        other = {}
        while True:
            for ready in select.select([self.listener, self.ending, *other], [], [])[0]:
                if ready is self.ending:
                    for one in other:
                        one.close()
                    return
                if ready is self.listener:
                    near = ready.accept()[0]
                    try:
                        far = socket.create_connection(self.goal, source_address=(FOREIGN, 0))
                    except OSError:
                        near.close()
                        continue
                    other[near], other[far] = far, near
                elif ready in other:
                    self.pass_on(ready, other)

    @staticmethod
    def pass_on(ready, other):
        """What one side has sent; the end of one is the end of both."""
        with contextlib.suppress(OSError):
            if data := ready.recv(65536):
                other[ready].sendall(data)
                return
        for one in other.pop(ready), ready:
            other.pop(one, None)
            one.close()

    def close(self):
        """With all connections."""
        self.end.close()
        self.thread.join(PATIENCE_S)
        self.listener.close()
        self.ending.close()


class Stage(Demo):
    """ws_demo; tell() is what the host says, said() what it hears."""

    def __init__(self, program, port=0):
        self.host, self.relay = StageHost(PATIENCE_S), Relay()
        allowed = ["--allow-origin", f"https://127.0.0.1:{self.relay.port}"] if self.entrances else []
        with self.host.theirs as theirs:
            super().__init__(program, "--live", str(theirs.fileno()), *allowed, port=port, inherits=(theirs.fileno(),))
        self.relay.begin(self.port)
        self.tell = self.host.tell
        self.tell(f"token {TOKEN}")

    def stop(self):
        """The host's socket closes last."""
        self.relay.close()
        try:
            return super().stop()
        finally:
            self.host.socket.close()

    def kill(self):
        """Both ends."""
        super().kill()
        self.host.socket.close()

    def keep(self, data):
        """To all, and to whoever comes later."""
        self.tell(f"keep {data['type']}", data)

    def said(self, kind):
        """(id, role, object) of the next word of this type; others are passed over."""
        while True:
            who, role, _, word = self.host.said()
            if word["type"] == kind:
                return who, role, word

    def silent(self):
        """True if nothing but "here" has been said that was not heard."""
        self.host.socket.settimeout(0.3)
        try:
            while True:
                if self.host.said()[3]["type"] != "here":
                    return False
        except TimeoutError:
            return True
        finally:
            self.host.socket.settimeout(PATIENCE_S)


class Visitor(Page):
    """A page of the stage: the director's, or through the relay a guest's. `still`: for who wants no motion."""

    def __init__(self, stage, guest=False, lang="en", scheme="light", still=False, query="", **window):
        super().__init__(**window)
        try:
            self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                               {"name": "prefers-reduced-motion",
                                                                "value": "reduce" if still else "no-preference"}])
            self.goto(f"{stage.scheme}://127.0.0.1:{stage.relay.port if guest else stage.port}/live?lang={lang}{query}")
            self.wait_for("#state[data-state=OPEN]")
            self.wait_for("body[data-directs]")
            stage.said("here")
        except BaseException:
            self.close()
            raise

    def shows(self, selector, text):
        """Waits until an element that is seen has this text."""
        self.wait("""return [...document.querySelectorAll(arguments[0])]
            .some((one) => one.checkVisibility() && one.innerText.replace(/\\s+/g, ' ').includes(arguments[1]))""",
                  selector, text)

    def sees(self, selector):
        """How many such elements are seen."""
        return self.all(selector, "one.checkVisibility()").count(True)


def stage(**other):
    """What is on."""
    return {"type": "stage", "view": "wall", "busy": None, "address": "http://192.168.1.5:8080/live", "guests": 12,
            "models": MODELS, "shown": ["bio", "pseudo_async", "nio", "aio"], "acts": ACTS, "on": [], **other}


def sentence(rule, about=None, **values):
    """One of a lane."""
    return {"rule": rule, "values": values, "about": about}


def threads(count, state="asleep", call="recvfrom", spins=False):
    """A group of a lane."""
    return {"state": state, "in": call, "count": count, "spins": spins}


def lane(name, clients=None, sentences=(), **other):
    """One of the wall."""
    return {"id": name, "twin_of": None, "state": "up", "said": None,
            "clients": {**dict.fromkeys(CLIENTS, 0), **(clients or {})},
            "bad": {}, "threads": [threads(1, call="epoll_wait")], "descriptors": 14, "descriptor_limit": None,
            "cpu": 0.02,
            "memory_kib": 1700, "messages_per_s": 32.0, "sentences": list(sentences), **other}


def wall(*lanes):
    """A picture."""
    return {"type": "wall", "at_s": 12.25, "client_rate": 2, "lanes": list(lanes)}


def busy_wall():
    """Four lanes with 500 idle clients, and each kind of dot."""
    return wall(
        lane("bio", {"served": 18, "waiting": 2, "idle": 500},
             [sentence("idle_threads", None, clients=500, threads=500)],
             threads=[threads(520), threads(1, call="accept4")], descriptors=526, memory_kib=18432, messages_per_s=40),
        lane("pseudo_async", {"served": 2, "unserved": 500, "waiting": 0, "refused": 18},
             [sentence("starved", "small_pool", clients=500, workers=2), sentence("refused", "small_pool", clients=18)],
             threads=[threads(2), threads(1, call="accept4")], bad={"slow_reader": 1}, descriptors=64,
             descriptor_limit=64),
        lane("spinning_selector", {"served": 9, "waiting": 7, "away": 3, "failed": 1, "idle": 500, "connecting": 2},
             [sentence("spins", "no_descriptors", threads=1)], twin_of="nio", cpu=1.0,
             threads=[threads(1, "runs", None, True)], descriptors=512),
        lane("aio", {"served": 20, "idle": 500}, [sentence("idle", None, clients=500), sentence("calm")],
             threads=[threads(1, call="io_uring_enter"), threads(1, "runs", None)], descriptors=524, memory_kib=11264,
             messages_per_s=40))


def runner(name, median=None, low=None, high=None, word=None, **other):
    """One of a race."""
    return {"name": name, "control": False, "median": median, "low": low, "high": high, "rounds": 12, "word": word,
            "within": None, "rounds_needed": None, **other}


def race(*lanes, **other):
    """A picture of it."""
    return {"type": "race", "state": "running", "why": None, "said": None,
            "settings": {"clients": 100, "pipeline": 1, "size": 64, "protocol": "echo"}, "against": "floor",
            "rounds": 12,
            "elapsed_s": 9.3, "lanes": list(lanes), **other}


def full_race():
    """Each word; as many as there are models, with the control."""
    return race(runner("framework", 0.95, 0.89, 1.01, "open", rounds_needed=11),
                runner("bio", 0.61, 0.58, 0.64, "less"), runner("nio", 1.01, 0.99, 1.02, "same", within=0.02),
                runner("aio", 1.12, 1.06, 1.19, "more"),
                runner("pseudo_async", 0.93, 0.78, 1.13, "open", rounds_needed=45),
                runner("control", 1.00, 0.98, 1.03, "same", within=0.03, control=True), runner("aio_future"))


QUESTION = {"en": "20 clients come to 10 workers with 5 places in the queue. How many are served?",
            "zh": "20 个客户端，10 个工作线程，5 个排队位置。多少个得到服务？"}
CHOICES = [{"en": "all 20", "zh": "全部 20 个"}, {"en": "15: workers and queue", "zh": "15 个：工作线程加队列"},
           {"en": "10, the others wait or are refused", "zh": "10 个，其余的等待或被拒绝"}]


def ask(**other):
    """A question that is open."""
    return {"type": "ask", "id": 3, "question": QUESTION, "choices": CHOICES, "votes": 17, "open": True, "bars": None,
            "can_run": True, "running": False, "right": None, "outcome": None, **other}


def questions():
    """Ten ready ones."""
    return {"type": "questions", "questions": [
        {"id": f"question_{at}", **{lang: f"{at}. {words}" for lang, words in QUESTION.items()}} for at in range(1,
                                                                                                                 11)]}


def outcome():
    """After the run."""
    return ask(open=False, bars=[3, 5, 9], right=2, outcome={
        "en": "10 were served, 5 waited and were never answered, 5 were refused.", "zh": "10 个得到服务，5 个一直等待，5 个被拒绝。"})
