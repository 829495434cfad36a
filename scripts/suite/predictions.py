"""predictions.py - what the reader expects, before the run: lines such as `bio throughput low`, or `bio 吞吐量 低`."""
import unicodedata

from suite_words import text
from terminal import Failure

# In Chinese, besides the words of scripts/sql/textbook.sql: as people write them, and last as the notes have them.
MODELS = {"伪异步": "pseudo_async", "伪异步io": "pseudo_async"}
TOPICS = {"客户端数": "clients", "客户端个数": "clients", "类型": "io_type", "io类型": "io_type", "使用难度": "api",
          "api使用难度": "api", "调试": "debugging", "调试难度": "debugging", "可靠性": "reliability", "吞吐量": "throughput"}
WORDS = {"同步阻塞": "blocking", "堵塞": "blocking", "同步非阻塞": "non-blocking", "非堵塞": "non-blocking",
         "异步非阻塞": "asynchronous", "异步非堵塞": "asynchronous", "容易": "simple", "难": "complex",
         "很复杂": "very complex", "很难": "very complex", "很差": "very poor", "中等": "medium"}


def read(path):
    """The file's (model, topic, word)s. The word may have blanks in it; # begins a comment. Failure where it cannot be
    read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except UnicodeDecodeError:
        raise Failure(f"--predictions {path}: " + text("no UTF-8")) from None
    except OSError as error:
        raise Failure(text("no file", path=path, why=error.strerror)) from None
    for number, line in enumerate(lines, 1):
        words = plain(line).partition("#")[0].split(maxsplit=2)
        if words:
            if len(words) < 3:
                raise Failure(f"--predictions {path}, " + text("no prediction", number=number, words=" ".join(words)))
            yield words[0], words[1], " ".join(words[2].split())


def plain(line):
    """With letters, digits, colons and blanks of the usual width: a Chinese keyboard has wide ones, too."""
    return unicodedata.normalize("NFKC", line)


def take(db, path):
    """Puts them into the database, in place of what is there. Failure, and the database stays as it was, if one is no
    word of the textbook."""
    book = db.execute("select topic, model, word from textbook order by position, model").fetchall()
    models, topics = ordered(row["model"] for row in book), ordered(row["topic"] for row in book)
    chinese = {**WORDS, **{row["zh"]: row["word"] for row in db.execute("select word, zh from word")}}
    taken = []
    for line in read(path):
        model, topic = (meant(path, *asked) for asked in (("model", line[0], models, MODELS),
                                                          ("topic", line[1], topics, TOPICS)))
        words = ordered(row["word"] for row in book if row["topic"] == topic)
        taken.append((model, topic, meant(path, "word", line[2], words, chinese, line[1])))
    db.execute("begin")
    db.execute("delete from prediction")
    db.executemany("insert or replace into prediction (model, topic, word) values (?, ?, ?)", taken)
    db.execute("commit")


def meant(path, what, given, known, chinese, topic=""):
    """The one of `known` that was given: itself in any case of letters, or in Chinese. Failure if it is none."""
    found = {name.lower(): name for name in known}
    found |= {name.lower(): word for name, word in chinese.items() if word in known}
    if given.lower() not in found:
        said = text(f"no {what}", given=given, topic=topic)
        raise Failure(f"--predictions {path}: {said}" + text("give one", known=", ".join(named(known, chinese))))
    return found[given.lower()]


def named(known, chinese):
    """As they are told: in Chinese where the terminal speaks it, and there is a word. The last one is the textbook's."""
    last = {word: name for name, word in chinese.items()}
    return [text("either", en=word, zh=last.get(word, word)) for word in known]


def ordered(values):
    """Each once, in the order of the file."""
    return list(dict.fromkeys(values))
