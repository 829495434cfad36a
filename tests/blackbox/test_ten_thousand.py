"""10,000 connections at once, every byte verified, no failure."""
import resource

import pytest

CLIENTS = 10000


def check_ten_thousand(server, loadgen):
    """A message from each, and then one after the other; the load generator counts what fails: nothing may. One client
    is idle after its first answer: so all first answers are waited for, however busy the machine is."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < CLIENTS + 100:
        pytest.skip(f"{CLIENTS} clients need {CLIENTS + 100} descriptors per process: raise `ulimit -Hn`")
    result = loadgen(server, clients=CLIENTS, active=CLIENTS - 1, duration=0.5, ramp=1, timeout=60, plain=120)
    assert result.report["failures_total"] == 0, result.report["failures"]
    assert result.report["clients"]["served"] == CLIENTS
    stats = server.stop(30)
    assert stats["accepted"] == stats["peak"] == CLIENTS


@pytest.mark.dealt("ten seconds each", "model")
@pytest.mark.heavy("10,000 connections, threads in bio, at a tenth of the speed")
@pytest.mark.parametrize("model", ["bio", "nio", "aio", "aio_future"], indirect=True)
def test_10000_echo_connections_at_once(serve, loadgen):
    """All but the bounded pool, which would have to queue them."""
    with serve("echo") as server:
        check_ten_thousand(server, loadgen)


@pytest.mark.dealt("ten seconds each", "model")
@pytest.mark.heavy("10,000 connections at a tenth of the speed")
@pytest.mark.parametrize("model", ["nio", "aio"], indirect=True)
def test_10000_websocket_connections_at_once(serve, loadgen):
    """The models that are made for it."""
    with serve("ws") as server:
        check_ten_thousand(server, loadgen)
