"""ws_demo's page on several nodes: what it shows when its node dies, and when the store that they share is away."""
import contextlib
import pathlib
import sys

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position
from demo import Demo  # pylint: disable=wrong-import-position

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from redis_server import Proxy, Redis  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

NOTES = "return [...document.querySelectorAll('#messages .note')].some((note) => note.textContent.includes(arguments[0]))"
AWAY = "return document.querySelector('#store-away').checkVisibility() === arguments[0]"


@pytest.fixture
def node(program):
    """node(redis, name): a server of the cluster, to be started by `with`."""
    if b"without libhiredis" in pathlib.Path(program).read_bytes():
        pytest.skip("ws_demo is built without libhiredis: scripts/setup.sh --nodes")
    return lambda redis, name: Demo(program, "--redis", redis.place, "--node", name)


def test_the_store_is_away(node, join):
    """The page says so, in both languages; what is said waits, and goes when it is back."""
    with Redis() as redis, node(redis, "A") as server:
        ada, bob = join(server, "Ada"), join(server, "Bob", lang="zh")
        ada.say("before")
        bob.heard("before")
        redis.kill()
        for page, words, note in (ada, "read only", "the room can be read"), (bob, "只能阅读", "房间仍可阅读"):
            page.wait(AWAY, True)
            page.wait("return document.querySelector('#store-away').textContent.includes(arguments[0])", words)
            page.wait(NOTES, note)
        bob.say("meanwhile")
        bob.wait("return document.querySelector('.pending .meta')?.textContent === '… 等待存储恢复'")
        redis.start()
        for page in ada, bob:
            page.heard("meanwhile")
            page.wait(AWAY, False)
            assert page.texts() == ["before", "meanwhile"]
            assert page.faults() == []


@pytest.mark.not_behind_nginx("it has a balancer of its own")
@pytest.mark.full  # another five seconds of two pages
def test_a_page_that_loses_its_node(node, join):
    """It comes back on another one, and has missed nothing."""
    with Redis() as redis, contextlib.ExitStack() as last, node(redis, "B") as other:
        one = node(redis, "A")
        last.callback(one.kill)
        balancer = last.enter_context(Proxy(one.port))
        balancer.scheme = one.scheme
        page, stays = join(balancer, "Ada"), join(other, "Bob")
        page.wait(NOTES, "One of several servers: A")
        page.say("before")
        stays.heard("before")
        balancer.behind = other.port
        one.kill()
        stays.say("meanwhile")
        page.say("from here, too")
        for each in page, stays:
            each.heard("meanwhile")
            each.heard("from here, too")
        page.wait(NOTES, "You were on server A, and are now on server B")
        assert page.texts() == stays.texts()
