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
    try:
        page = join(demo, "Ada")
    finally:
        demo.kill()
    page.wait("return Number(document.querySelector('#log [data-event=error]')?.dataset.count) >= 2")
    assert [event for event in page.events("room") if event != "message"] == ["close", "error", "close", "open"]


def start_feed(page, events):
    """Starts the three ways, and waits until each has heard of so many events."""
    page.choose("#poll-interval", "500")
    page.click("#poll-start")
    page.wait("""return ['poll', 'long', 'ws'].every((way) =>
        Number(document.querySelector(`#meter-${way}`).dataset.events) >= arguments[0])""", events)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_three_ways_stand_side_by_side_on_one_screen(guest, lang):
    """Of 1920 x 1080, below the bar on top, with the button that starts them."""
    page = guest("Ada", width=1920, height=1080, lang=lang)
    start_feed(page, 1)
    page.run("document.querySelector('a[href=\"#feed\"]').click()")
    top = page.run("return document.querySelector('.top').getBoundingClientRect().bottom")
    button, *ways = page.run("""return ['#poll-start', '#meter-poll', '#meter-long', '#meter-ws'].map((one) =>
        document.querySelector(one).getBoundingClientRect().toJSON())""")
    assert button["top"] >= top
    assert len({way["top"] for way in ways}) == 1 and len({way["height"] for way in ways}) == 1
    assert ways[0]["right"] < ways[1]["left"] < ways[1]["right"] < ways[2]["left"]
    assert max(way["bottom"] for way in ways) <= 1080


def test_the_bytes_of_the_handshake_are_in_no_event(guest):
    """An event over the WebSocket costs what its frame has: 2 bytes of header, and its text."""
    page = guest("Ada")
    page.run("""
        const Real = window.WebSocket;
        window.itsFrames = [];
        window.WebSocket = class extends Real {
            constructor(url) {
                super(url);
                if (url.endsWith('/feed')) this.addEventListener('message', ({ data }) => window.itsFrames.push(data.length));
            }
        };""")
    start_feed(page, 3)
    found, frames = page.run("return [{...document.querySelector('#meter-ws').dataset}, window.itsFrames]")
    hello, events = frames[0], frames[1:]
    assert float(found["perEvent"]) == pytest.approx(2 + sum(events) / len(events))
    assert int(found["bytes"]) == int(found["beginBytes"]) + sum(events) + 2 * len(events)
    assert int(found["beginBytes"]) > 300 + hello + 2  # two heads
    for way in "poll", "long", "ws":
        assert page.text(f"#meter-{way} [data-figure=beginBytes] .number") not in ("–", "0 B")


def test_moving_bars_lay_nothing_out(guest):
    """They move by transform alone: with a width, the page would be laid out for each picture of a transition."""
    page = guest("Ada")
    moved = page.run("""return import('/js/meters.js').then(({ showMeters }) => {
        const tally = (bytes) => ({ requests: 3, bytes, beginBytes: 10, events: 2, delays: [bytes], worst: bytes });
        showMeters({ poll: tally(4000), long: tally(2000), ws: tally(500) });
        return [...document.querySelectorAll('.bar')].flatMap((bar) => bar.getAnimations())
            .map((transition) => transition.transitionProperty);
    })""")
    assert moved == ["transform"] * 6
    page.wait("return document.getAnimations().length === 0")
    shares = page.all(".bar", "one.getBoundingClientRect().width / one.parentElement.getBoundingClientRect().width")
    assert shares == pytest.approx([1, 1, 1990 / 3990, 0.5, 490 / 3990, 0.125], abs=0.01)
