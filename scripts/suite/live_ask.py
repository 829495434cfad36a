"""live_ask.py - a question to the class: votes, and what then happens."""
import json

import environment
import live_rules
from live_load import CLIENTS, RATE

QUESTIONS = environment.SCRIPTS / "live/questions.json"
VOTERS_MAX = 2000   # LIMIT: keys that are remembered for one question
TEXT_MAX = 300      # LIMIT: characters of an own question, and of each of its choices
CHOICES_MIN, CHOICES_MAX = 2, 5


def ready_questions():
    """The ready ones, by id, in order."""
    with open(QUESTIONS, encoding="utf-8") as file:
        return {question["id"]: question for question in json.load(file)}


def own_question(message):
    """The one that a director has typed; None if it is none."""
    text, choices = message.get("text"), message.get("choices")
    if not is_text(text) or not isinstance(choices, list) or not CHOICES_MIN <= len(choices) <= CHOICES_MAX or \
            not all(map(is_text, choices)):
        return None
    return {"id": None, "en": text.strip(), "zh": text.strip(), "choices": [{"en": each.strip(), "zh": each.strip()} for each in choices]}


def is_text(value):
    """Can it be shown?"""
    return isinstance(value, str) and 0 < len(value.strip()) and len(value) <= TEXT_MAX


class Ask:
    """One question that was asked: the `number`th."""

    def __init__(self, number, question):
        self.number, self.question = number, question
        self.votes, self.is_open, self.shows_bars = {}, True, False
        self.is_running, self.right, self.outcome = False, None, None

    def vote(self, number, key, choice):
        """One answer for each key; a later one replaces it, while the question is open. Why not, or None."""
        if number != self.number or not self.is_open:
            return "closed"
        if type(choice) is not int or not 0 <= choice < len(self.question["choices"]):
            return "wrong"
        if key not in self.votes and len(self.votes) == VOTERS_MAX:
            return "busy"
        self.votes[key] = choice
        return None

    def show_bars(self):
        """Nobody votes any more, and all see the votes."""
        self.is_open, self.shows_bars = False, True

    def conclude(self, value):
        """What was measured: the right choice is the one whose range it is in."""
        self.is_running = False
        self.outcome = {language: self.question["outcome"][language].format(value=shown(value, language)) for language in ("en", "zh")}
        self.right = next((number for number, choice in enumerate(self.question["choices"]) if fits(choice, value)), None)

    def tell(self, choice):
        """An own question: the director says which was right. False: there is no such choice."""
        if self.question["id"] or type(choice) is not int or not 0 <= choice < len(self.question["choices"]):
            return False
        self.right = choice
        self.show_bars()
        return True

    def picture(self):
        """As the page gets it."""
        choices = [{language: choice[language] for language in ("en", "zh")} for choice in self.question["choices"]]
        bars = [sum(vote == number for vote in self.votes.values()) for number in range(len(choices))]
        return {"type": "ask", "id": self.number, "question": {"en": self.question["en"], "zh": self.question["zh"]},
                "choices": choices, "votes": len(self.votes), "open": self.is_open,
                "bars": bars if self.shows_bars else None, "can_run": "run" in self.question, "running": self.is_running,
                "right": self.right, "outcome": self.outcome}


def fits(choice, value):
    """Is the measured value what this choice says?"""
    if "is" in choice:
        return value == choice["is"]
    return isinstance(value, (int, float)) and choice["from"] <= value <= choice["to"]


IN_WORDS = {"sleeps": ("sleeps", "睡眠"), "spins": ("runs without end", "不停地空转"), "ended": ("has ended", "已经结束")}


def shown(value, language):
    """In a sentence."""
    if isinstance(value, float):
        return f"{value:.0%}"
    return IN_WORDS[value][language == "zh"] if value in IN_WORDS else str(value)


# ---------------------------------------------------------------------- what is measured

def answered(lane):
    """How many clients have had an answer."""
    return live_rules.answered(lane["clients"])


def thread_count(lane):
    """How many threads its server has."""
    return live_rules.count(lane["threads"])


def sleeps_in(lane):
    """The system call in which most of its threads sleep; or that one spins; or that it has ended."""
    if lane["state"] == "died":
        return "ended"
    if any(group["spins"] for group in lane["threads"]):
        return "spins"
    asleep = [group for group in lane["threads"] if group["state"] == "asleep"]
    return asleep[0]["in"] if asleep else "spins"


def does(lane):
    """sleeps, spins or ended."""
    found = sleeps_in(lane)
    return found if found in ("spins", "ended") else "sleeps"


def rate_share(lane):
    """Of what its clients ask for."""
    return lane["messages_per_s"] / (CLIENTS * RATE)


MEASURES = {measure.__name__: measure for measure in (answered, thread_count, sleeps_in, does, rate_share)}
