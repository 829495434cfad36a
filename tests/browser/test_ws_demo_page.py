"""ws_demo's page: what a class will do with it."""
import contextlib
import re

import pytest

from prefix import PREFIX, Below

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position
from demo import Demo  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


def test_two_pages_chat_in_real_time(guest):
    """What one says the other hears; both have it in one order, and see who is here."""
    ada, bob = guest("Ada"), guest("Bob")
    ada.say("good morning")
    bob.heard("good morning")
    bob.say("早上好")
    ada.heard("早上好")
    assert ada.texts() == bob.texts() == ["good morning", "早上好"]
    ada.wait("return /Ada[^]*Bob/.test(document.querySelector('#here').textContent)")
    ada.shoot("room-desktop")


@pytest.mark.not_behind_nginx("it speaks TLS itself")
def test_two_pages_chat_over_tls(program, join):
    """The page comes by https and chooses wss by itself: a browser would refuse ws. The feed and a cut work as ever."""
    with Demo(program, "--self-signed") as demo:
        ada, bob = join(demo, "Ada", network=True), join(demo, "Bob")
        assert ada.run("return [location.protocol, isSecureContext]") == ["https:", True]
        ada.say("good morning")
        bob.heard("good morning")
        ada.wait_for("#accept-check[data-ok=true]")
        bob.click("#cut")
        bob.event("room", "close", 1006)
        bob.wait("return document.querySelectorAll('#log .event[data-socket=room][data-event=open]').length === 2")
        bob.say("back again")
        ada.heard("back again")
        assert all(url.startswith("https:") for url in ada.requests())
        assert ada.faults() == bob.faults() == []


def test_what_is_sent_as_html_stays_text(guest):
    """In a message and in a name."""
    ada, bob = guest("Ada"), guest("<b>Bob</b>")
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    bob.say(evil)
    ada.heard(evil)
    assert ada.count("#messages img, #messages script, #messages b, #here b") == 0
    assert not re.fullmatch("[12]", ada.driver.title)


def test_the_log_shows_open_message_error_and_close_and_the_page_comes_back(guest):
    """The life cycle, and a connection that was cut."""
    page = guest("Ada")
    page.say("before")
    page.heard("before")
    page.click("#cut")
    page.event("room", "close", 1006)
    page.wait("return document.querySelectorAll('#log .event[data-socket=room][data-event=open]').length === 2")
    page.state("OPEN")
    page.say("after")
    page.heard("after")
    assert page.texts() == ["before", "after"]
    page.fill("#raw-hex", "f1 02 68 69")  # a browser fires error when it is itself that fails the connection
    page.click("#raw-send")
    page.wait_for("#log .event[data-event=error]")
    assert set(page.all("#log .event", "one.dataset.event")) == {"close", "error", "message", "open"}
    page.shoot("life-cycle")


def test_a_frame_that_breaks_the_rules_ends_only_its_own_socket(guest):
    """The room's stays open."""
    page = guest("Ada")
    page.fill("#raw-hex", "f1 02 68 69")
    page.click("#raw-send")
    page.event("raw", "close", 1006)
    assert "error" in page.events("raw")
    assert "close" not in page.events("room")


@pytest.mark.full  # tests/blackbox has the server's side
def test_a_close_frame_typed_by_hand_is_a_close(guest):
    """Without an error."""
    page = guest("Ada")
    page.fill("#raw-hex", "88 05 03 e8 62 79 65")
    page.click("#raw-send")
    page.event("raw", "close", 1000)
    assert "error" not in page.events("raw")


def test_a_server_that_is_killed_and_started_again_loses_and_doubles_nothing(program, join, tmp_path):
    """Three times, with messages under way, and one said while it is gone."""
    options = "--history", tmp_path / "history.db"
    with contextlib.ExitStack() as last:
        demo = Demo(program, *options)
        last.callback(lambda: demo.kill())  # pylint: disable=unnecessary-lambda
        guests = join(demo, "Ada"), join(demo, "Bob")
        expected = []
        for turn in range(3):
            for number in range(5):
                expected.append(f"{turn}.{number}")
                guests[number % 2].say(expected[-1])  # the last ones may be under way when it is killed
            demo.kill()
            expected.append(f"while it is gone {turn}")
            guests[0].say(expected[-1])
            demo = Demo(program, *options, port=demo.port)
            for page in guests:
                page.state("OPEN")
        expected.append("the end")
        guests[1].say("the end")
        for page in guests:
            for text in expected:
                page.heard(text)
            assert sorted(page.texts()) == sorted(expected)
        assert guests[0].texts() == guests[1].texts()
        assert demo.stop() == 0


def test_a_server_that_has_forgotten_says_so(program, join):
    """The page keeps what it has, and says that the server is a new one."""
    with contextlib.ExitStack() as last:
        old = Demo(program)
        last.callback(old.kill)
        page = join(old, "Ada")
        page.say("old")
        page.heard("old")
        old.kill()
        last.enter_context(Demo(program, port=old.port))
        page.wait("""return [...document.querySelectorAll('#messages .note')]
            .some((note) => note.textContent.startsWith('The server is a new one'))""")
        page.say("new")
        page.heard("new")
        assert page.texts() == ["old", "new"]


def test_offline_and_back_what_was_missed_comes(guest):
    """In order, and not before."""
    ada, bob = guest("Ada"), guest("Bob")
    ada.click("#offline")
    ada.state("OFFLINE")
    for text in "one", "two", "three":
        bob.say(text)
    bob.heard("three")
    assert ada.texts() == []
    ada.click("#offline")
    ada.heard("three")
    assert ada.texts() == ["one", "two", "three"]


def test_the_handshake_is_computed_and_found_right(guest):
    """Request, response, and frames in both directions."""
    page = guest("Ada")
    page.wait_for("#accept-check[data-ok=true]")
    assert page.all("#handshake-request", "one.textContent")[0].startswith("GET /room?")
    assert page.all("#handshake-response", "one.textContent")[0].startswith("HTTP/1.1 101 ")
    page.say("a frame")
    page.heard("a frame")
    for direction in "in", "out":
        page.wait_for(f"#frames .frame[data-direction={direction}]")


WIRE = """return [...document.querySelectorAll('#frames .frame[data-wire]')].map((frame) => ({
    direction: frame.dataset.direction, wire: Number(frame.dataset.wire), title: frame.querySelector('.title').textContent,
    rsv: frame.querySelector('[data-field=rsv] .value').textContent, text: frame.textContent}))"""


def told(page, count):
    """The newest frames of the page's own message, there and back, when the server has told of `count` what they took."""
    kinds = {"out": '"type":"say"', "in": '"type":"message"'}
    page.wait(f"const told = (() => {{ {WIRE} }})();"
              "return arguments[0].every((kind) => told.filter((one) => one.text.includes(kind)).length >= arguments[1])",
              list(kinds.values()), count)
    frames = page.run(WIRE)
    return {way: next(one for one in frames if kind in one["text"]) for way, kind in kinds.items()}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_compressed_frame_is_shown_with_rsv1_and_both_sizes(guest, lang):
    """The second message repeats the first: it is smaller on the wire, and as large without compression."""
    page, text = guest("Ada", lang=lang), "the same words again, and again the same words"
    assert "permessage-deflate" in page.text("#handshake-response")
    sizes = []
    for count in 1, 2:
        page.say(text)
        frames = told(page, count)
        assert [frames[way]["direction"] for way in ("in", "out")] == ["in", "out"]
        assert [frames[way]["rsv"] for way in ("in", "out")] == ["100", "100"]
        for one in frames.values():
            shown, plain = (int(word) for word in re.findall(r"\d+", one["title"].partition(":")[0])[:2])
            assert one["wire"] == shown < plain
        sizes.append(frames["in"]["wire"])
    assert sizes[1] < 0.8 * sizes[0], "its window was taken over"
    page.shoot(f"deflate-{lang}")


@pytest.mark.full  # tests/blackbox has the server's side
def test_without_compression_the_frames_are_as_they_were(program, join):
    """--no-deflate: no extension, no RSV1, one size; and the feed costs what it would uncompressed."""
    with Demo(program, "--no-deflate") as demo:
        page = join(demo, "Ada")
        page.say("plain")
        page.heard("plain")
        assert "Extensions" not in page.text("#handshake-response")
        page.wait_for("#frames .frame[data-direction=in]")
        assert {value[0] for value in page.all("#frames [data-field=rsv] .value", "one.textContent")} == {"0"}
        page.click("#poll-start")
        page.wait("return Number(document.querySelector('#meter-ws').dataset.events) >= 2")
        socket = page.run("return {...document.querySelector('#meter-ws').dataset}")
        assert socket["perEvent"] == socket["perPlain"]
        assert page.faults() == []


def test_polling_long_polling_websocket_the_same_feed_and_what_it_costs(guest):
    """The WebSocket costs the fewest bytes, and is not late."""
    page = guest("Ada")
    page.choose("#poll-interval", "500")
    page.click("#poll-start")
    page.wait("""return ['poll', 'long', 'ws'].every((way) =>
        Number(document.querySelector(`#meter-${way}`).dataset.events) >= 6)""")
    poll, long, socket = ({name: float(value) for name, value in found.items()} for found in page.run(
        "return ['poll', 'long', 'ws'].map((way) => ({...document.querySelector(`#meter-${way}`).dataset}))"))
    assert socket["bytes"] < long["bytes"] < poll["bytes"]
    assert socket["perEvent"] < 0.8 * socket["perPlain"], "the browser offers compression, and an event is like the last"
    assert [way["perEvent"] for way in (poll, long)] == [way["perPlain"] for way in (poll, long)]
    assert socket["requests"] == 1 and long["requests"] >= long["events"] and poll["requests"] > poll["events"]
    assert socket["delay"] < poll["delay"]
    page.shoot("polling")


@pytest.mark.full  # fifteen seconds; tests/blackbox has what the server does
def test_a_reader_that_stops_reading_is_cut_off_one_that_reads_is_not(guest):
    """And the room does not notice. On a machine that is busy a fast reader may be a slow one: it has three trials."""
    page = guest("Ada")
    page.click("#slow-start")
    page.event("flood", "close", 1006)
    closes = "#log .event[data-socket=flood][data-event=close]"
    for trial in range(2, 5):
        page.click("#fast-start")
        codes = page.wait("""const all = [...document.querySelectorAll(arguments[0])];
            return all.length === arguments[1] && all.map((one) => one.dataset.code)""", closes, trial)
        if "1000" in codes:
            break
    assert "1000" in codes
    assert "close" not in page.events("room")
    assert "48 MiB in all" in page.find_with("#lab article", "A slow reader").text
    assert "48.0 MiB" in page.text("#fast-result")  # the same unit, and the same number


@pytest.mark.not_behind_nginx("it has a proxy of its own")
@pytest.mark.full  # tests/blackbox has the server's side
def test_below_a_prefix(demo, join):
    """A proxy has put the page below a path of its own: all that the page asks for is there, too, in its worker as well."""
    with Below(demo.port) as proxy:
        page = join(proxy, "Ada", below=PREFIX.decode())
        page.say("hello")
        page.heard("hello")
        page.click("#poll-start")
        page.wait("""return ['poll', 'long', 'ws'].every((way) =>
            Number(document.querySelector(`#meter-${way}`).dataset.events) >= 1)""")
        page.click("#raw-send")
        page.event("raw", "open")
        page.click("#fast-start")
        page.event("flood", "open")
        assert proxy.strangers == [] and page.faults() == []
        page.goto(f"http://127.0.0.1:{proxy.port}{PREFIX.decode()}/failures")
        page.click("header a")
        page.wait_for("#wall, #state")
        assert proxy.strangers == []
        proxy.shutdown()


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("width, lang", [(390, "en"), (390, "zh"), (1280, "zh"), (1920, "en")])
def test_nothing_overflows(guest, width, lang):
    """In either language, on a phone and on a projector."""
    page = guest("Ada", width=width, lang=lang)
    page.say("a long word: " + "x" * 300)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert page.run("return document.documentElement.lang").startswith(lang)
    page.shoot(f"page-{width}-{lang}")


def test_two_messages_by_the_keyboard_alone(guest):
    """The focus stays where one types."""
    page = guest("Ada")
    page.focus("#say-text")
    for text in "hello", "again":
        page.keys(text, "ENTER")
        page.heard(text)
