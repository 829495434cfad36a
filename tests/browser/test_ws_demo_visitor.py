"""ws_demo's page: what a careful visitor looks for, and must find."""
import socket

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position
from demo import Demo  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.mark.full  # a detail, and seconds of a browser
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


@pytest.mark.full  # a detail, and seconds of a browser
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


@pytest.mark.full  # a detail, and seconds of a browser
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


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.full)])  # how it looks
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


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_bytes_of_the_handshake_are_in_no_event(guest):
    """An event over the WebSocket costs what its frame took, by the server's word in the next one. Uncompressed it would
    be 2 bytes of header, and the text without that word."""
    page = guest("Ada")
    page.run("""
        const Real = window.WebSocket;
        window.itsFrames = [];
        window.WebSocket = class extends Real {
            constructor(url) {
                super(url);
                if (url.endsWith('/feed')) this.addEventListener('message', ({ data }) => window.itsFrames.push(
                    [data.replace(/,"wire":\\d+/, '').length, JSON.parse(data).wire ?? null]));
            }
        };""")
    start_feed(page, 3)
    found, frames = page.run("return [{...document.querySelector('#meter-ws').dataset}, window.itsFrames]")
    (hello, _), events, (itself, *told) = frames[0], [text for text, _ in frames[1:]], [wire for _, wire in frames[1:]]
    assert float(found["perPlain"]) == pytest.approx(2 + sum(events) / len(events))
    assert float(found["perEvent"]) == pytest.approx(sum(told) / len(told))
    assert int(found["bytes"]) == int(found["beginBytes"]) + sum(told)
    assert int(found["beginBytes"]) > 300 + itself and itself < hello + 2 + 8  # two heads, and the message that tells of them
    for way in "poll", "long", "ws":
        assert page.text(f"#meter-{way} [data-figure=beginBytes] .number") not in ("–", "0 B")


@pytest.mark.full  # a detail, and seconds of a browser
def test_moving_bars_lay_nothing_out(guest):
    """They move by transform alone: with a width, the page would be laid out for each picture of a transition."""
    page = guest("Ada")
    moved = page.run("""return import('/js/meters.js').then(({ showMeters }) => {
        const tally = (bytes) => ({ requests: 3, bytes, beginBytes: 10, plainBytes: bytes, counted: 2, events: 2,
            delays: [bytes], worst: bytes });
        showMeters({ poll: tally(4000), long: tally(2000), ws: tally(500) });
        return [...document.querySelectorAll('.bar')].flatMap((bar) => bar.getAnimations())
            .map((transition) => transition.transitionProperty);
    })""")
    assert moved == ["transform"] * 9
    page.wait("return document.getAnimations().length === 0")
    shares = page.all(".bar", "one.getBoundingClientRect().width / one.parentElement.getBoundingClientRect().width")
    assert shares == pytest.approx([1, 1, 1, 1990 / 3990, 0.5, 0.5, 490 / 3990, 0.125, 0.125], abs=0.01)


def test_what_is_written_without_a_connection_waits_for_one(guest):
    """It is not "sending"; it is sent when the connection is there."""
    page = guest("Ada")
    page.click("#offline")
    page.state("OFFLINE")
    page.say("written offline")
    assert page.text("#messages .pending .meta") == "… waiting for a connection"
    page.click("#offline")
    page.heard("written offline")
    assert page.count("#messages .pending") == 0


@pytest.mark.full  # a detail, and seconds of a browser
def test_that_nothing_was_missed_is_said_once(guest):
    """Also when what was written meanwhile stands at the end of the room."""
    page = guest("Ada")
    for turn in range(3):
        page.click("#offline")
        page.state("OFFLINE")
        page.say(f"turn {turn}")
        page.click("#offline")
        page.heard(f"turn {turn}")
        assert page.all("#messages .note").count("Back. You have missed nothing.") == 1
    assert page.run("return document.querySelector('#messages .note + .message .words').textContent") == "turn 2"


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("lang, word", [("en", "join a room"), ("zh", "加入一个房间")])
def test_empty_boxes_say_what_will_fill_them(demo, join, lang, word):
    """Until there is something in them."""
    with chromium.Page() as page:
        page.goto(f"{demo.scheme}://127.0.0.1:{demo.port}/?lang={lang}")
        page.wait("return !document.querySelector('#not-running')")
        for box in "#log", "#handshake-request", "#accept-check", "#frames":
            assert not page.visible(box) and page.visible(f"{box} + .empty")
            assert word in page.text(f"{box} + .empty").lower()
        assert page.visible("#handshake-response + .empty") and page.visible("#feed-empty")
    page = join(demo, "Ada", lang=lang)
    page.wait_for("#accept-check[data-ok=true]")
    page.wait_for("#frames .frame")
    page.click("#poll-start")
    assert [one for one in page.all(".empty", "one.checkVisibility() && one.textContent") if one] == []


def test_the_field_counts_bytes_against_the_limit(guest):
    """Bytes of UTF-8, not characters; what is too long is marked before it is sent, and folded when it was refused."""
    page = guest("Ada")
    assert page.text("#say-bytes") == "0 of 4,096 bytes"
    page.fill("#say-text", "早上好")
    assert page.text("#say-bytes") == "9 of 4,096 bytes"
    assert page.attribute("#say-text", "aria-invalid") == "false"
    page.run("""const field = document.querySelector('#say-text');
        field.value = '早'.repeat(1366);
        field.dispatchEvent(new Event('input'));""")
    assert page.text("#say-bytes") == "✗ 4,098 of 4,096 bytes: too long"
    assert page.attribute("#say-text", "aria-invalid") == "true"
    page.click("#say")
    assert page.text("#say-bytes") == "0 of 4,096 bytes"
    page.wait_for("#messages .refused")
    assert page.text("#messages .refused .meta") == "✗ not sent: 4,098 bytes, at most 4,096 are allowed"
    assert not page.visible("#messages .refused .words") and page.box("#messages .refused")["height"] < 300
    page.click("#messages .refused summary")
    assert page.visible("#messages .refused .words")
    assert page.run("return document.querySelector('#messages .refused .words').textContent.length") == 1366


def test_what_the_server_counts_as_connections_is_called_so(guest):
    """A page that fetches and two that have joined are no three clients."""
    page = guest("Ada")
    page.wait("return Number(document.querySelector('#stat-connections').textContent) >= 1")
    assert "connections" in page.text("#statistics")
    assert "clients" not in page.text("#statistics")


def sequences(page):
    """(state before, events that ended the socket), of each way there is to end one."""
    return page.run("""
        const base = location.origin.replace('http', 'ws');
        const ended = (socket, act) => new Promise((resolve) => {
            const events = [];
            let before = 'CONNECTING';
            const called = () => { before = 'CLOSING'; };
            socket.addEventListener('open', () => { before = 'OPEN'; act.opened?.(socket, called); });
            socket.addEventListener('error', () => events.push('error'));
            socket.addEventListener('close', () => { events.push('close'); resolve([before, events.join(' ')]); });
            act.made?.(socket, called);
        });
        const room = () => new WebSocket(`${base}/room?room=class&key=0123456789abcdef0123456789abcdef`);
        const raw = () => new WebSocket(`${base}/raw`);
        const say = (words) => (socket) => socket.send(JSON.stringify(words));
        const invalid = (socket) => socket.send(Uint8Array.of(0xf1, 2, 0x68, 0x69));
        const close = (socket, called) => { called(); socket.close(); };
        return Promise.all([
            ended(new WebSocket(`${base}/nothing`), {}),
            ended(room(), { made: close }),
            ended(room(), { opened: close }),
            ended(room(), { opened: say({ type: 'cut' }) }),
            ended(room(), { opened: say({ type: 'bye', code: 1001 }) }),
            ended(raw(), { opened: invalid }),
            ended(raw(), { opened: (socket, called) => { invalid(socket); close(socket, called); } }),
        ]);""")


def test_the_diagram_shows_the_events_that_a_browser_fires(demo, join):
    """For each way to end a WebSocket, an arrow from its state to CLOSED; error is in brackets where it may be absent."""
    page = join(demo, "Ada")  # a request that is refused is a fault of a page
    seen = {}
    for state, events in sequences(page):
        seen.setdefault(state, set()).add(events)
    assert seen == {"CONNECTING": {"error close"}, "OPEN": {"close", "error close"}, "CLOSING": {"close", "error close"}}
    labels = dict(page.all("#diagram [data-edge]", "[one.dataset.edge, one.textContent]"))
    for state, events in seen.items():
        assert labels[f"{state} CLOSED"] == ("(error,) close" if len(events) == 2 else "error, close")
    assert labels["CONNECTING CLOSING"] == labels["OPEN CLOSING"] == "close()"


@pytest.mark.not_behind_nginx("it reads TCP itself")
def test_the_server_ends_tcp_first_as_the_diagram_says(demo):
    """After the closing handshake its FIN comes, while our half is still open (RFC 6455, 7.1.1)."""
    with socket.create_connection(("127.0.0.1", demo.port), 20) as client:
        client.sendall(b"GET /raw HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" % demo.port)
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(4096)
        client.sendall(bytes.fromhex("88 82 00 00 00 00 03 e8"))
        received = received.partition(b"\r\n\r\n")[2]
        while more := client.recv(4096):
            received += more
    assert received == bytes.fromhex("88 02 03 e8")


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.full)])  # how it looks
def test_a_phone_reaches_every_section_by_the_menu(guest, lang):
    """Links large enough for a finger; the menu closes behind the visitor; nothing overflows, open or closed."""
    page = guest("Ada", width=390, height=844, mobile=True, lang=lang)
    assert not page.visible("#sections a") and page.text("#menu") != ""
    links = page.all("#sections a", "one.getAttribute('href')")
    assert len(links) == 6
    for link in links:
        page.click("#menu")
        box = page.box(f"#sections a[href='{link}']")
        assert box["height"] >= 40 and box["left"] >= 0 and box["right"] <= 390
        assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
        page.click(f"#sections a[href='{link}']")
        assert not page.visible("#sections a") and page.attribute("#menu", "aria-expanded") == "false"
        top, bar = page.run("""return [document.querySelector(arguments[0]).getBoundingClientRect().top,
            document.querySelector('.top').getBoundingClientRect().bottom]""", link)
        assert 0 <= top < 844 and top >= bar - 1
    page.click("#menu")
    page.keys("ESCAPE")
    assert not page.visible("#sections a")
    inside = page.run("""return [...document.querySelectorAll('.top > *')].filter((one) => one.checkVisibility())
        .every((one) => one.getBoundingClientRect().right <= 390)""")
    assert inside
