"""ws_demo's page: what a careful visitor looks for, and must find."""
import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position
from demo import Demo  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


def test_slow_motion_lets_waiting_and_its_countdown_be_seen(guest):
    """At least 2 s at first: the state is shown, and the countdown falls."""
    page = guest("Ada")
    assert "8 times as long" in page.text("#slow-motion-what")
    page.click("#slow-motion")
    page.click("#cut")
    page.state("WAITING")
    assert "2 to 4 s" in page.text("#state-hint")
    seconds = "return Number.parseFloat(document.querySelector('[data-node=WAITING].lit [data-countdown]').textContent)"
    first = page.run(seconds)
    assert page.wait(seconds + " < arguments[0]", first)
    page.state("OPEN")
    page.click("#slow-motion")
    page.click("#offline")
    page.state("OFFLINE")


def test_no_message_pushes_open_error_or_close_out_of_the_log(guest):
    """Messages of one kind share a line, also where kinds take turns; those without a kind give way to no other event."""
    page = guest("Ada")
    page.run("""return import('/js/log.js').then(({ addClose, logOf }) => {
        const [feed, clock, raw] = ['feed', 'clock', 'raw'].map(logOf);
        feed('open', '/feed');
        for (let i = 0; i < 300; i++) {
            feed('message', 'event', { kind: 'event' });
            clock('message', 'clock', { kind: 'clock' });
            raw('message', String(i));
        }
        addClose(feed, { code: 1001, reason: '', wasClean: true });
    })""")
    assert page.events("feed") == ["close", "message", "open"]
    assert page.attribute("#log [data-socket=feed][data-event=message]", "data-count") == "300"
    assert "× 300" in page.text("#log [data-socket=feed][data-event=message]")
    assert page.events("room").count("open") == 1
    assert page.count("#log [data-socket=raw]") == 200


def test_attempts_that_fail_alike_share_their_lines(program, join):
    """A server that is gone leaves one error and one close, with their number."""
    demo = Demo(program)
    with join(demo, "Ada") as page:
        demo.kill()
        page.wait("return Number(document.querySelector('#log [data-event=error]')?.dataset.count) >= 2")
        assert [event for event in page.events("room") if event != "message"] == ["close", "error", "close", "open"]
