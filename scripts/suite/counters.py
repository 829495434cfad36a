"""counters.py - what a server counted: of several processes, their --stats files as one."""
import json


def summed(texts):
    """One text of JSON: that of the only process as it is; else all numbers added up, and every other value the first
    one's. A `peak` is then an upper bound, as each process had its own at another time. None where one left no
    counters: the sum of the others would be taken for the whole."""
    if len(texts) == 1:
        return texts[0]
    try:
        first, *others = map(json.loads, texts)
        for other in others:
            first = added(first, other)
    except (TypeError, KeyError, ValueError):
        return None
    return json.dumps(first)


def added(one, other):
    """Two values of the same place. KeyError, TypeError: they differ in kind."""
    if isinstance(one, dict):
        return {key: added(value, other[key]) for key, value in one.items()}
    return one + other if isinstance(one, (int, float)) else one
