"""TCP is a stream: where one segment ends means nothing."""
from clients import BINARY, TEXT, Peer, WebSocket, frame, pattern, reply, upgrade


def test_echo_of_one_byte_per_segment(serve):
    """The smallest messages there are."""
    data = pattern(500)
    with serve("echo") as server, Peer(server) as peer:
        peer.send_by_the_byte(data)
        assert peer.receive(len(data)) == data


def test_handshake_and_messages_of_one_byte_per_segment(serve):
    """Request head, frame header, mask and payload, each split everywhere."""
    messages = [b"", b"a", pattern(125), pattern(126), pattern(300)]
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send_by_the_byte(upgrade())
        peer.expect_upgrade()
        for message in messages:
            peer.send_by_the_byte(frame(BINARY, message))
            assert peer.receive_frame() == (BINARY, message)


def test_a_request_head_byte_by_byte_each_read_by_the_server(serve):
    """The split is real: the next byte leaves when the one before has been taken up."""
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        for half in (upgrade()[:70], upgrade()[70:]):
            peer.send(half)
            with WebSocket(server) as neighbour:  # a whole turn of the loop lies between the halves
                neighbour.roundtrip()
        peer.expect_upgrade()


def test_1000_messages_in_one_segment(serve):
    """Every one is answered, in order."""
    messages = [b"message %d" % number for number in range(1000)]
    with serve("ws") as server, WebSocket(server) as peer:
        peer.send(b"".join(frame(TEXT, message) for message in messages))
        expected = b"".join(reply(TEXT, message) for message in messages)
        assert peer.receive(len(expected)) == expected


def test_messages_in_the_segment_of_the_handshake(serve):
    """Bytes behind the request head are kept."""
    messages = [b"message %d" % number for number in range(10)]
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send(upgrade() + b"".join(frame(TEXT, message) for message in messages))
        peer.expect_upgrade()
        for message in messages:
            assert peer.receive_frame() == (TEXT, message)


def test_echo_of_1000_messages_in_one_segment(serve):
    """To a byte stream it is all the same."""
    data = b"".join(b"message %d\n" % number for number in range(1000))
    with serve("echo") as server, Peer(server) as peer:
        peer.send(data)
        assert peer.receive(len(data)) == data
