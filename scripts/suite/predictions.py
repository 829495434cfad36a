"""predictions.py - what the reader expects, before the run: lines such as `bio throughput low`."""
from terminal import Failure


def read(path):
    """The file's (model, topic, word)s. The word may have blanks in it; # begins a comment. Failure where it cannot be
    read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except UnicodeDecodeError:
        raise Failure(f"--predictions {path}: it is no text in UTF-8") from None
    except OSError as error:
        raise Failure(f"--predictions '{path}' cannot be read: {error.strerror}; name a file") from None
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split(maxsplit=2)
        if words:
            if len(words) < 3:
                raise Failure(f"--predictions {path}, line {number}: '{' '.join(words)}' is not model, topic and word, "
                              "such as `bio throughput low`")
            yield words[0], words[1], " ".join(words[2].split())


def take(db, path):
    """Puts them into the database, in place of what is there. Failure, and the database stays as it was, if one is no
    word of the textbook."""
    taken = list(read(path))
    book = db.execute("select topic, model, word from textbook order by position, model").fetchall()
    models, topics = ordered(row["model"] for row in book), ordered(row["topic"] for row in book)
    for model, topic, word in taken:
        words = ordered(row["word"] for row in book if row["topic"] == topic)
        for what, given, known in (("model", model, models), ("topic", topic, topics),
                                   (f"word for {topic}", word, words)):
            if given not in known:
                raise Failure(f"--predictions {path}: '{given}' is no {what}: give one of {', '.join(known)}")
    db.execute("begin")
    db.execute("delete from prediction")
    db.executemany("insert or replace into prediction (model, topic, word) values (?, ?, ?)", taken)
    db.execute("commit")


def ordered(values):
    """Each once, in the order of the file."""
    return list(dict.fromkeys(values))
