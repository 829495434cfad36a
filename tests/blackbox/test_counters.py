"""--stats says what moving the bytes took: waits, events, submissions, sends that did not go at once."""
from clients import BINARY, frame, pattern, reply
from test_slow_reader import MIB, check_slow_reader

CLIENTS = 20


def load(server, loadgen):
    """Some thousand messages of 64 bytes; returns their number and the server's counters."""
    result = loadgen(server, clients=CLIENTS, duration=0.3)
    assert result.status == 0, result.report["failures"]
    return result.report["totals"]["messages"], server.stop()


def test_blocking_calls_wait_twice_a_message(server_of, loadgen):
    """bio: a recv and a send for each; nothing is ready or complete in bulk."""
    with server_of("bio", "echo") as server:
        messages, stats = load(server, loadgen)
    assert 2 * messages <= stats["waits"] < 2 * messages + 20 * CLIENTS
    assert stats["events"] == stats["submissions"] == stats["no_buffers"] == 0


def test_a_selector_tells_of_many_at_once(server_of, loadgen):
    """nio: an event for each message, and a wait for each few."""
    with server_of("nio", "echo") as server:
        messages, stats = load(server, loadgen)
    assert messages <= stats["events"] < messages + 200
    assert 0 < stats["waits"] <= stats["events"]
    assert stats["submissions"] == stats["no_buffers"] == stats["short_sends"] == 0


def test_completions_and_submissions(server_of, loadgen):
    """aio: a receive and a send complete for each message, and only the send is submitted; aio_future: both are."""
    for model, submitted in ("aio", 1), ("aio_future", 2):
        with server_of(model, "echo") as server:
            messages, stats = load(server, loadgen)
        assert 2 * messages <= stats["events"] < 2 * messages + 200, model
        assert submitted * messages <= stats["submissions"] < submitted * messages + 20 * CLIENTS, model
        assert 0 < stats["waits"] <= stats["events"], model


def test_a_slow_reader_shows_in_the_counters(server_of):
    """nio sends what there is room for and is told "not ready"; to aio the kernel says how much went, in the end."""
    data = pattern(8 * MIB)
    for model in "nio", "aio":
        with server_of(model, "ws", "--message-max", 16 * MIB) as server:
            check_slow_reader(server, frame(BINARY, data), reply(BINARY, data))
            stats = server.stop()
        assert stats["short_sends"] > 0, model
