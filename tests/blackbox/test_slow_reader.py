"""8 MiB to a client that reads slowly: short sends, back-pressure, and nobody else waits for it."""
from clients import BINARY, client, frame, pattern, reply

MIB = 1024 * 1024
RECEIVE_BUFFER = 8 * 1024
READ_SIZE = 16 * 1024


def check_slow_reader(server, sent, expected):
    """Reads nothing until all stands still, then slowly; a neighbour is answered all the while.

    The slow reader reads nothing until the neighbour has its answer: a server that served the one after the other would
    never answer. How long an answer takes is not judged; the machine may be busy."""
    with client(server, receive_buffer=RECEIVE_BUFFER) as slow, client(server) as neighbour:
        answers = []

        def neighbour_is_served():
            neighbour.roundtrip(b"%d" % len(answers), plain=30)
            answers.append(len(answers))

        rest = slow.stall(sent)
        neighbour_is_served()
        assert slow.exchange(rest, len(expected), READ_SIZE, between=neighbour_is_served, plain=120) == expected
        assert len(answers) > len(expected) // (256 * 1024)
        slow.roundtrip()


def test_8_mib_of_echo_come_back_unchanged_through_a_slow_reader(serve):
    """A byte stream of 8 MiB."""
    data = pattern(8 * MIB)
    with serve("echo") as server:
        check_slow_reader(server, data, data)


def test_an_8_mib_message_comes_back_unchanged_through_a_slow_reader(serve):
    """One WebSocket message of 8 MiB."""
    data = pattern(8 * MIB)
    with serve("ws", "--message-max", 16 * MIB) as server:
        check_slow_reader(server, frame(BINARY, data), reply(BINARY, data))


def test_128_messages_of_64_kib_come_back_unchanged_through_a_slow_reader(serve):
    """The default --message-max is 64 KiB: messages of exactly that size pass."""
    messages = [pattern(65536, seed) for seed in range(128)]
    with serve("ws") as server:
        check_slow_reader(server, b"".join(frame(BINARY, message) for message in messages),
                          b"".join(reply(BINARY, message) for message in messages))
