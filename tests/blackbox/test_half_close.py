"""A client that has said its last word still gets its replies, then FIN."""
import pytest

from clients import BINARY, Peer, WebSocket, client, frame, pattern, reply

pytestmark = pytest.mark.dealt("to the server both protocols are bytes", "protocol")


def test_half_close_after_1_mib_of_echo(serve):
    """Everything sent before the half-close comes back."""
    data = pattern(1024 * 1024)
    with serve("echo") as server:
        with Peer(server, receive_buffer=16384) as peer:
            assert peer.exchange(data, len(data), half_close=True) == data
            assert peer.receive_to_end() == b""
        assert server.stop()["closed"]["peer"] == 1


def test_half_close_after_messages(serve):
    """The same for 16 WebSocket messages of 64 KiB."""
    messages = [pattern(65536, seed) for seed in range(16)]
    expected = b"".join(reply(BINARY, message) for message in messages)
    with serve("ws") as server:
        with WebSocket(server, receive_buffer=16384) as peer:
            sent = b"".join(frame(BINARY, message) for message in messages)
            assert peer.exchange(sent, len(expected), half_close=True) == expected
            assert peer.receive_to_end() == b""
        assert server.stop()["closed"]["peer"] == 1


def test_half_close_in_the_segment_of_the_data(serve, protocol):
    """Data and FIN may come together."""
    with serve(protocol) as server, client(server) as peer:
        peer.send(b"bye" if protocol == "echo" else frame(BINARY, b"bye"))
        peer.half_close()
        assert peer.receive_to_end() == (b"bye" if protocol == "echo" else reply(BINARY, b"bye"))


def test_half_close_without_a_word(serve, protocol):
    """A connection closed before it said anything is closed by the server too."""
    with serve(protocol) as server:
        with Peer(server) as peer:
            peer.half_close()
            assert peer.receive_to_end() == b""
        assert server.stop()["accepted"] == 1
