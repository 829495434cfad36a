"""The stage's page, /live: what a class sees on the projector, what a phone shows, what who directs can do. The host is
the test (stage.py)."""
import re

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import accessible  # pylint: disable=wrong-import-position
import chromium  # pylint: disable=wrong-import-position
import contrast  # pylint: disable=wrong-import-position
import stage as made  # pylint: disable=wrong-import-position
from chromium import soon  # pylint: disable=wrong-import-position
from demo import Demo  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

PROJECTOR = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844, "mobile": True}
RULES = [("calm", {}, None), ("threads", {"clients": 20, "threads": 20}, "crowd"),
         ("threads", {"clients": 1, "threads": 1}, None),
         ("starved", {"clients": 4, "workers": 2}, "small_pool"),
         ("starved", {"clients": 1, "workers": 2}, "small_pool"),
         ("refused", {"clients": 3}, "small_pool"), ("refused", {"clients": 1}, None),
         ("spins", {"threads": 1}, "no_descriptors"),
         ("spins", {"threads": 2}, None), ("blocked", {"clients": 20}, "blocking_handler"),
         ("blocked", {"clients": 1}, None),
         ("descriptors", {"limit": 64}, "no_descriptors"), ("slow_reader", {}, "slow_reader"),
         ("slow_reader_holds", {"clients": 5}, "slow_reader"), ("slow_reader_holds", {"clients": 1}, None),
         ("idle", {"clients": 500}, "crowd"), ("idle", {"clients": 1}, None),
         ("idle_threads", {"clients": 500, "threads": 500}, "crowd"),
         ("idle_threads", {"clients": 1, "threads": 1}, None), ("cut", {"back": 7, "away": 13}, "flash"),
         ("died", {"signal": 13, "status": None}, "reset"), ("died", {"signal": None, "status": 1}, None),
         ("waiting", {"clients": 9}, None), ("waiting", {"clients": 1}, None)]

# For each kind of a lane's clients or threads: dots that are seen, what the group says, the number.
DOTS = """
    const seen = (selector, root) => [...root.querySelectorAll(selector)]
        .filter((one) => one.checkVisibility({visibilityProperty: true}));
    return Object.fromEntries(seen(arguments[0], document).map((one) => [one.dataset.kind, [
        seen('.dots .dot', one).length, seen('.group', one).map((group) => group.textContent).join(),
        one.querySelector('.count').textContent]]));
"""


@pytest.fixture
def stage(program):
    """A stage for one test; it must end well."""
    with made.Stage(program) as server:
        yield server


@pytest.fixture
def visit(stage):
    """visit(guest=..., lang=...): a page, which must be without faults at the end."""
    opened = []

    def enter(**options):
        opened.append(made.Visitor(stage, **options))
        return opened[-1]

    try:
        yield enter
        assert [page.faults() for page in opened] == [[] for _ in opened]
    finally:
        for page in opened:
            page.close()


# ---- the wall ----

def test_a_dot_for_each_client_and_thread_and_a_group_beyond_64(stage, visit):
    """In lanes beside one another; and fewer dots when there are fewer."""
    page = visit(**PROJECTOR)
    picture = made.wall(
        made.lane("bio", {"served": 3, "waiting": 64, "unserved": 0, "idle": 65, "refused": 2, "failed": 1, "away": 5,
                          "connecting": 4},
                  threads=[made.threads(500), made.threads(1, call="accept4"), made.threads(2, "runs", None)],
                  bad={"slow_reader": 1}),
        made.lane("nio", {"unserved": 7}, threads=[made.threads(1, "runs", None, True)]))
    stage.keep(picture)
    page.wait_for("[data-lane=nio]")
    assert page.run(DOTS, "[data-lane=bio] .clients .kind") == {
        "served": [3, "", "3"], "waiting": [64, "", "64"], "unserved": [0, "", "0"], "idle": [64, "+ 1", "65"],
        "refused": [2, "", "2"], "failed": [1, "", "1"], "away": [5, "", "5"], "connecting": [4, "", "4"],
        "bad": [1, "", "1"]}
    assert [page.text(f"[data-lane=bio] .{part} .total") for part in ("clients", "threads")] == ["145", "503"]
    assert page.run(DOTS, "[data-lane=nio] .threads .kind") == {"spins": [1, "", "1"]}
    threads = page.all("[data-lane=bio] .threads .kind:not([hidden])",
                       "[one.dataset.kind, one.querySelector('.count').textContent]")
    assert threads == [["runs", "2"], ["asleep", "1"], ["asleep", "500"]]
    assert "recvfrom" in page.text("[data-lane=bio] .threads")
    left, right = page.box("[data-lane=bio]"), page.box("[data-lane=nio]")
    assert left["x"] + left["width"] <= right["x"] and left["y"] == right["y"]
    stage.keep({**made.wall(made.lane("bio", {"served": 1}), made.lane("nio")), "at_s": 13})
    page.wait_for("#wall[data-at='13']")
    counts = page.run(DOTS, "[data-lane=bio] .clients .kind")
    assert counts["served"] == [1, "", "1"] and counts["waiting"] == [0, "", "0"]


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_kind_that_comes_and_goes_does_not_move_what_is_below(stage, visit):
    """For a while; then its place is given away."""
    page = visit(**PROJECTOR)
    places = []
    for number in range(40):
        served = 20 * (number % 2) if number < 10 else 0
        stage.keep({**made.wall(made.lane("bio", {"served": served, "idle": 3})), "at_s": number})
        page.wait_for(f"#wall[data-at='{number}']")
        places.append(page.box("[data-lane=bio] [data-kind=idle]")["y"])
    assert len(set(places[1:11])) == 1 and places[-1] < places[1]


@pytest.mark.full  # a detail, and seconds of a browser
def test_what_a_server_uses(stage, visit):
    """In figures; what is not known is no 0."""
    page = visit(**PROJECTOR)
    stage.keep(made.wall(
        made.lane("bio", descriptors=63, descriptor_limit=64, cpu=0.5, memory_kib=2048, messages_per_s=1234.4),
        made.lane("nio", descriptors=None, cpu=None, memory_kib=None, messages_per_s=None)))
    page.wait_for("[data-lane=nio]")
    figures = "[data-lane={}] [data-figure]"
    assert page.all(figures.format("bio")) == ["1,234", "50%", "63 / 64", "2.0"]
    assert page.all(figures.format("nio")) == ["–"] * 4
    assert page.run("return document.querySelector('[data-lane=bio] .level').style.transform") == "scaleX(0.5)"


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_lane_says_what_it_is(stage, visit):
    """A naive twin, one that starts, one that has ended, with its last words; and what was switched on."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage(on=[{"act": "idle_clients", "lane": "all"}, {"act": "slow_reader", "lane": "bio"}]))
    stage.keep(made.wall(made.lane("spinning_selector", twin_of="nio"), made.lane("bio", state="starting"),
                         made.lane("aio", state="died", said="io_uring: <b>Operation not permitted</b>")))
    page.shows("[data-lane=spinning_selector] .twin", "naive twin of nio")
    page.shows("[data-lane=bio] .state", "starting")
    page.shows("[data-lane=aio] .last-words", "io_uring: <b>Operation not permitted</b>")
    assert page.all("[data-lane=bio] .chip:not([hidden])") == ["500 idle clients", "a slow reader"]
    assert page.all("[data-lane=aio] .chip:not([hidden])") == ["500 idle clients"]


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_rule_is_a_sentence(stage, visit, lang):
    """With its numbers, in the language of the page; its link leads to a heading."""
    page = visit(lang=lang, **PROJECTOR)
    more = "failures-zh" if lang == "zh" else "failures"
    anchors = set(re.findall(r'id="([^"]+)"', stage.read(more)))
    seen = set()
    for at, (rule, values, about) in enumerate(RULES):
        stage.keep({**made.wall(made.lane("bio", sentences=[made.sentence(rule, about, **values)])), "at_s": at})
        page.wait_for(f"#wall[data-at='{at}']")
        words = page.text(".sentence .words")
        assert words not in seen and "{" not in words and "undefined" not in words and "null" not in words
        seen.add(words)
        assert bool(re.search("[\u4e00-\u9fff]", words)) == (lang == "zh")
        assert [str(number) for number in values.values() if number not in (None, 1) and str(number) not in words] == []
        assert page.sees(".more") == (1 if about else 0)
        if about:
            assert page.attribute(".sentence .more", "href") == f"{more}#{about}" and about in anchors


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_rule_that_is_not_known_is_shown_as_it_is(stage, visit):
    """And does no harm."""
    page = visit(**PROJECTOR)
    stage.keep(made.wall(made.lane("bio", sentences=[made.sentence("constructor")])))
    page.shows(".sentence", "constructor")


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_link_shows_the_page_of_the_failure(stage, visit):
    """Its heading is in view."""
    page = visit(**PROJECTOR)
    page.goto(f"{stage.scheme}://127.0.0.1:{stage.port}/failures#small_pool")
    page.wait("""const {top} = document.querySelector('#small_pool').getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2""")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    assert accessible.findings(page) == [] and contrast.faint(page)[1] == []


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_can_be_read_from_the_back_row(stage, visit, lang):
    """At 1920x1080: numbers are 28 px and more, all text 20 and more, and four lanes with 500 idle clients fit."""
    page = visit(lang=lang, **PROJECTOR)
    stage.keep(made.stage(on=[{"act": "idle_clients", "lane": "all"}, {"act": "slow_reader", "lane": "pseudo_async"}]))
    stage.keep(made.busy_wall())
    page.wait_for("[data-lane=aio]")
    assert page.run("return document.documentElement.scrollHeight <= innerHeight")
    sizes = """return [...document.querySelectorAll(arguments[0])]
        .filter((one) => one.checkVisibility() && one.innerText.trim())
        .map((one) => Number.parseFloat(getComputedStyle(one).fontSize)).filter((size) => size < arguments[1])"""
    assert page.run(sizes, ".count, .total, .value, .group, #guests, [data-address]", 28) == []
    assert page.count(".count") > 20
    for view in "wall", "race", "ask":
        stage.keep(made.stage(view=view))
        stage.keep(made.full_race())
        stage.keep(made.outcome())
        page.wait_for(f"body[data-view={view}]")
        page.wait("return document.querySelector('#race .runner') && document.querySelector('#ask .right')")
        assert page.run(sizes, "body *", 20) == [], view
        assert page.run("return document.documentElement.scrollHeight <= innerHeight"), view
    assert page.run(sizes, ".ratio, .interval, #ask-votes, .choice .count, .mark b", 28) == []


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("count", range(2, 7))
def test_lanes_stand_side_by_side(stage, visit, count):
    """Two to six on a projector, and nothing is cut off."""
    page = visit(**PROJECTOR)
    names = ["bio", "thread_per_message", "pseudo_async", "spinning_selector", "aio_future", "rebuilt_selector"][:count]
    stage.keep(made.stage())
    stage.keep(made.wall(*(made.lane(name, {"served": 24, "idle": 500}, [made.sentence("idle", "crowd", clients=500)],
                                     threads=[made.threads(24), made.threads(500, call="io_uring_enter")],
                                     messages_per_s=123456)
                           for name in names)))
    page.wait(f"return document.querySelectorAll('.lane').length === {count}")
    page.shoot(f"live-lanes-{count}")
    assert len(set(page.all(".lane", "one.getBoundingClientRect().top"))) == 1
    assert page.run("""const {scrollWidth, scrollHeight} = document.documentElement;
        return scrollHeight <= innerHeight && scrollWidth <= innerWidth""")
    assert page.run("""return [...document.querySelectorAll('.lane, .lane *')].filter((one) => one.checkVisibility()
        && one.scrollWidth > one.clientWidth + 8 && getComputedStyle(one).display !== 'inline')
        .map((one) => one.outerHTML)""") == []


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_page_does_not_grow(stage, visit):
    """Over 100 pictures: of servers that change, of clients that come and go, of a race and a vote."""
    page = visit(**PROJECTOR)

    def picture(number):
        stage.keep(made.stage(on=[{"act": act, "lane": "all"} for act in made.ACTS[:number % 5]], guests=number))
        wall = made.busy_wall() if number % 3 else made.wall(made.lane("nio"), made.lane("aio"))
        for lane in wall["lanes"]:
            lane["clients"]["served"] = 37 * number % 90
            lane["threads"].append(made.threads(1, call=f"call_{number}"))
            lane["sentences"] = [made.sentence("waiting", None, clients=number)] * (number % 4)
        stage.keep({**wall, "at_s": number})
        stage.keep(made.race(*made.full_race()["lanes"][:number % 7 + 1], rounds=number))
        stage.keep(made.ask(id=number, votes=number, bars=[number, 1, 2] if number % 2 else None))
        if number % 4 == 3:
            page.wait_for(f"#wall[data-at='{number}']")

    count = "return document.getElementsByTagName('*').length"
    for number in range(20):
        picture(number)
    before = page.run(count)
    for number in range(20, 120):
        picture(number)
    assert page.run(count) <= before


@pytest.mark.full  # a detail, and seconds of a browser
def test_only_transform_and_opacity_are_animated(visit):
    """And nothing is, for who wants no motion."""
    page = visit()
    moved = page.run("""
        const found = new Set();
        const look = (rules) => {
            for (const rule of rules) {
                if (rule.style?.transitionProperty && rule.style.transitionDuration !== '0s')
                    found.add(rule.style.transitionProperty);
                if (rule instanceof CSSKeyframesRule && rule.name !== 'not-running')
                    for (const frame of rule.cssRules) for (const name of frame.style) found.add(name);
                if (rule.cssRules && !(rule instanceof CSSKeyframesRule)) look(rule.cssRules);
            }
        };
        look(document.styleSheets[0].cssRules);
        return [...found]""")
    assert set(moved) - {"none"} == {"transform", "opacity"}


@pytest.mark.full  # a detail, and seconds of a browser
def test_who_wants_no_motion_has_none(stage, visit):
    """Also where a thread spins."""
    page = visit(**PROJECTOR)
    stage.keep(made.busy_wall())
    page.wait("return document.getAnimations().length > 0")  # a thread spins
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    page.wait("return document.getAnimations().length === 0")


# ---- who directs ----

def test_a_guest_sees_no_control(stage, visit):
    """Nor has a key any effect; the language is his own."""
    for picture in made.stage(view="race"), made.busy_wall(), made.full_race(), made.questions(), made.outcome():
        stage.keep(picture)
    page = visit(guest=True, **PROJECTOR)
    for view in "race", "wall", "ask":
        stage.keep(made.stage(view=view))
        page.wait_for(f"body[data-view={view}]")
        seen = page.run("""return [...document.querySelectorAll('button, input, select, summary, textarea')]
            .filter((one) => one.checkVisibility() && !one.disabled).map((one) => one.id)""")
        assert seen == ["lang"]
        page.keys("1", "w", "r", "q")
    assert stage.silent()


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_buttons_of_the_wall(stage, visit):
    """For all lanes or one; on, and off again; by mouse and by key."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage())
    page.wait_for("[data-act=cut]")

    def heard(**word):
        who, role, said = stage.said(word["type"])
        assert (role, said) == ("director", word) and who

    page.click("[data-act=idle_clients]")
    heard(type="act", act="idle_clients", lane="all", on=True)
    stage.keep(made.stage(on=[{"act": "idle_clients", "lane": "all"}]))
    page.wait_for("[data-act=idle_clients][aria-pressed=true]")
    page.keys("1")
    heard(type="act", act="idle_clients", lane="all", on=False)
    page.choose("#act-lane", "nio")
    page.click("[data-act=slow_reader]")
    heard(type="act", act="slow_reader", lane="nio", on=True)
    stage.keep(made.stage(on=[{"act": "slow_reader", "lane": "nio"}, {"act": "cut", "lane": "all"}]))
    page.wait_for("[data-act=slow_reader][aria-pressed=true]")
    page.click("[data-act=slow_reader]")
    heard(type="act", act="slow_reader", lane="nio", on=False)
    page.click("[data-act=cut]")
    heard(type="act", act="cut", lane="nio", on=True)
    stage.keep(made.stage(shown=["bio"]))  # what was chosen is not there any more
    page.wait("return document.querySelector('#act-lane').value === 'all'")
    page.focus("[data-act=cut]")
    page.keys("3")
    heard(type="act", act="blocking_handler", lane="all", on=True)


def test_the_lanes_are_chosen(stage, visit):
    """A twin beside its server; at most six, at least one; a picture meanwhile does not change the choice."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage(shown=["bio", "nio"]))
    page.wait_for("[data-act]")
    page.click("#chooser summary")
    page.click("#chooser input[value=spinning_selector]")
    stage.keep(made.stage(shown=["bio", "nio"], guests=99))
    page.shows("#guests", "99")
    page.click("#chooser-show")
    assert stage.said("lanes")[2] == {"type": "lanes", "lanes": ["bio", "nio", "spinning_selector"]}
    page.click("#chooser summary")
    for name in "aio", "pseudo_async", "framework":
        page.click(f"#chooser input[value={name}]")
    assert page.run("return document.querySelector('#chooser input[value=aio_future]').disabled")
    for box in page.run("return [...document.querySelectorAll('#chooser input:checked')]"):
        page.click(box)
    assert page.run("return document.querySelector('#chooser-show').disabled")
    page.keys("ESCAPE")
    assert not page.visible("#chooser-show")


def test_the_view_is_switched(stage, visit):
    """By button and key; the page shows what the host says."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage())
    stage.keep(made.full_race())
    page.wait_for("[data-act]")
    page.click("#views [data-view=race]")
    assert stage.said("view")[2] == {"type": "view", "view": "race"}
    assert page.visible("#wall") and not page.visible("#race")
    stage.keep(made.stage(view="race"))
    page.wait_for("#views [data-view=race][aria-pressed=true]")
    assert page.visible("#race") and not page.visible("#wall")
    for key, view in ("q", "ask"), ("w", "wall"), ("r", "race"):
        page.keys(key)
        assert stage.said("view")[2] == {"type": "view", "view": view}


def test_what_was_not_done_is_said(stage, visit):
    """To the one who wanted it."""
    page = visit(**PROJECTOR)
    stage.tell("all", {"type": "no", "why": "busy"})
    page.shows("#note", "Not possible here, or not now.")


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_token_makes_a_director_and_leaves_the_address(stage, visit):
    """Also after a reload; a wrong one does not."""
    page = visit(guest=True, query=f"&token={made.TOKEN}")
    assert page.visible("#views")
    assert page.run("return location.search") == "?lang=en"
    page.driver.refresh()
    page.wait_for("body[data-directs=true]")
    assert not visit(guest=True, query="&token=wrong").visible("#views")


# ---- the race ----

@pytest.mark.full  # a detail, and seconds of a browser
def test_the_words_of_a_race_look_different(stage, visit):
    """In text, sign, and shape; the control is marked; an interval lies where it belongs."""
    page = visit(still=True, **PROJECTOR)
    stage.keep(made.stage(view="race"))
    stage.keep(made.full_race())
    page.wait_for("[data-name=aio_future]")
    words = dict(page.all(".runner", "[one.dataset.name, one.querySelector('.word').innerText]"))
    assert words == {"bio": "▼ slower", "nio": "= the same, within 2%", "aio": "▲ faster",
                     "pseudo_async": "? cannot be told yet",
                     "control": "= the same, within 3%", "aio_future": "… no figure yet",
                     "framework": "? cannot be told yet"}
    shapes = page.run("""const style = (one, part) => getComputedStyle(one.querySelector(part));
        return Object.fromEntries([...document.querySelectorAll('.runner')].map((one) => [one.dataset.name, [
            style(one, '.word').borderTopStyle, style(one, '.word').fontStyle,
            style(one, '.fill').backgroundImage === 'none' ? 'full' : 'striped']]))""")
    assert shapes["bio"] == shapes["aio"] == ["solid", "normal", "full"]
    assert shapes["nio"] == ["double", "normal", "full"] and shapes["pseudo_async"] == ["dashed", "italic", "striped"]
    assert page.all(".runner.control", "one.dataset.name") == ["control"] and page.sees(".control-sign") == 1
    page.shows("[data-name=pseudo_async] .needed", "round 12 of about 45")
    assert not page.visible("[data-name=framework] .needed"), "an estimate that is over is none"
    one = page.box(".runner .one")["x"] + 2
    bio, nio, aio = ([page.box(f"[data-name={name}] {edge}")["x"] + 2 for edge in (".edge", ".edge ~ .edge")]
                     for name in ("bio", "nio", "aio"))
    assert bio[0] < bio[1] < one < aio[0] < aio[1] and nio[0] < one < nio[1]
    assert page.sees("[data-name=aio_future] .fill, [data-name=aio_future] .median") == 0
    for text in "× 0.61", "0.58 … 0.64":
        page.shows("[data-name=bio]", text)


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("word, said", [
    ("same", "against nio: the same, within 3%"), ("open", "against nio: cannot be told yet"),
    ("more", "it differs from nio, which it is: something disturbs this race"),
    ("less", "it differs from nio, which it is: something disturbs this race")])
def test_the_control_is_held_against_its_model(stage, visit, word, said):
    """And not against the yardstick, from which it may differ as its model does."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage(view="race"))
    stage.keep(made.race(made.runner("nio", 0.8, 0.79, 0.81, "less"),
                         made.runner("control", 0.8, 0.79, 0.81, "less", control=True),
                         control={**made.runner("control", 1.0, 0.98, 1.03, word, within=0.03), "of": "nio"}))
    page.shows("[data-name=control] .control-sign", "control: nio once more")
    page.shows("[data-name=control] .needed", said)
    assert page.sees("[data-name=nio] .needed") == 0


@pytest.mark.full  # a detail, and seconds of a browser
def test_an_interval_that_narrows_is_seen_to(stage, visit):
    """The axis grows with what is far away, and does not shrink with it; a new race begins with its own."""
    page = visit(still=True, **PROJECTOR)
    stage.keep(made.stage(view="race"))

    def width(low, high, state="running"):
        stage.keep(made.race(made.runner("bio", (low * high) ** 0.5, low, high, "open"), state=state))
        page.shows("[data-name=bio] .interval", f"{low:.2f} … {high:.2f}")
        return page.box("[data-name=bio] .fill")["width"]

    wide, narrow = width(0.3, 1.2), width(0.6, 0.7)
    assert wide > 3 * narrow
    assert page.all(".mark") == ["× 0.25", "× 0.5", "× 1", "× 2", "× 4"]
    assert width(0.6, 0.7, "starting") > 1.5 * narrow


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("state, why, said, text", [
    ("starting", None, None, "the servers start"), ("running", None, None, "it runs: round 12, 9 s"),
    ("over", "narrow", None, "all intervals are narrow"), ("over", "time", None, "its time is up"),
    ("over", "stopped", None, "it was stopped"),
    ("over", "failed", "the port <i>8001</i> is taken", "the port <i>8001</i> is taken")])
def test_what_a_race_does(stage, visit, state, why, said, text):
    """And why it has ended."""
    page = visit(guest=True, **PROJECTOR)
    stage.keep(made.stage(view="race"))
    stage.keep(made.race(state=state, why=why, said=said))
    page.shows("#race .now", text)


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("disturbed, text", [(0, None), (9, None), (60, "other work disturbed 60% of the slices")])
def test_who_disturbs_a_race_is_named(stage, visit, disturbed, text):
    """Not every slice that somebody else's work fell into is worth a word."""
    page = visit(guest=True, **PROJECTOR)
    stage.keep(made.stage(view="race"))
    stage.keep(made.race(slices=100, disturbed=disturbed))
    page.shows("#race .now", "it runs")
    if text:
        page.shows("#race .now", text)
    else:
        page.wait("return document.querySelector('#race-disturbed').hidden")


def test_a_race_is_started_and_stopped(stage, visit):
    """With what the sliders say, moved by keys."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage(view="race"))
    page.wait("return document.querySelector('#race').checkVisibility()")
    page.focus("#race-clients")
    page.keys("END")
    page.focus("#race-pipeline")
    page.keys("ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT")
    page.focus("#race-size")
    page.keys("HOME")
    page.click("#race-protocol-ws")
    assert [page.text(f"#race-{name}-value") for name in ("clients", "pipeline", "size")] == ["1,000", "16", "1"]
    page.click("#race-go")
    assert stage.said("race")[2] == {"type": "race", "clients": 1000, "pipeline": 16, "size": 1, "protocol": "ws"}
    stage.keep(made.full_race())
    page.shows("#race-go", "stop the race")
    page.click("#race-go")
    assert stage.said("stop")[2] == {"type": "stop"}
    stage.keep(made.race(state="over", why="stopped"))
    page.shows("#race-go", "start the race")
    assert page.text("#race-clients-value") == "1,000"


# ---- the question ----

def tap(page, selector):
    """With a finger, in the middle."""
    box = page.box(selector)
    page.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def choice(letter):
    """The selector of a choice, by its place."""
    return f"#ask-choices li:nth-child({'ABCDE'.index(letter) + 1}) .choice"


def test_a_phone_votes_by_one_touch_and_a_reload_keeps_it(stage, visit):
    """The host knows the phone again; the answer may change while the vote is open."""
    for picture in made.stage(), made.busy_wall(), made.ask():
        stage.keep(picture)
    page = visit(guest=True, **PHONE)
    page.shows("#ask-text", made.QUESTION["en"])
    assert page.run("return document.querySelector('#ask-question').getBoundingClientRect().bottom"
                    " <= document.querySelector('#wall').getBoundingClientRect().top")
    assert min(page.all("#ask-choices li:not([hidden]) .choice", "one.getBoundingClientRect().height")) >= 48
    tap(page, choice("B"))
    who, role, digest, word = stage.host.said()
    assert (role, word) == ("guest", {"type": "vote", "id": 3, "choice": 1})
    page.shows(choice("B"), "on its way")
    stage.tell(f"one {who}", {"type": "mine", "id": 3, "choice": 1})
    page.shows(choice("B"), "✓ your answer")
    page.driver.refresh()
    again, _, same, word = stage.host.said()
    assert (same, word) == (digest, {"type": "here"}) and again != who
    stage.tell(f"one {again}", {"type": "mine", "id": 3, "choice": 1})
    page.shows(choice("B"), "✓ your answer")
    tap(page, choice("C"))
    assert stage.said("vote")[2]["choice"] == 2
    stage.tell(f"one {again}", {"type": "mine", "id": 3, "choice": 2})
    page.shows(choice("C"), "✓ your answer")
    assert page.all("#ask-choices .choice[aria-pressed=true]", "1") == [1]
    stage.keep(made.ask(id=4))
    page.wait("return document.querySelectorAll('#ask-choices .choice[aria-pressed=true]').length === 0")


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_vote_that_was_refused_is_said_again(stage, visit):
    """By itself, until the host has it, and no longer."""
    stage.keep(made.ask())
    page = visit(guest=True, **PHONE)
    page.shows("#ask-text", made.QUESTION["en"])
    tap(page, choice("A"))
    for _ in range(2):
        who, _, word = stage.said("vote")
        assert word["choice"] == 0
        stage.tell(f"one {who}", {"type": "refused", "why": "busy"})
    who, _, word = stage.said("vote")
    assert word["choice"] == 0
    stage.tell(f"one {who}", {"type": "mine", "id": 3, "choice": 0})
    page.shows(choice("A"), "✓ your answer")
    stage.tell(f"one {who}", {"type": "refused", "why": "busy"})
    page.run("return new Promise((done) => setTimeout(done, 1700))")
    assert stage.silent()


def test_a_vote_that_came_too_late_is_not_shown_as_given(stage, visit):
    """The page says so."""
    stage.keep(made.ask())
    page = visit(guest=True, **PHONE)
    page.shows("#ask-text", made.QUESTION["en"])
    tap(page, choice("A"))
    who = stage.said("vote")[0]
    stage.tell(f"one {who}", {"type": "no", "why": "closed"})
    page.shows("#note", "Too late: the vote is closed.")
    assert page.sees(".choice[aria-pressed=true]") == 0


@pytest.mark.full  # a detail, and seconds of a browser
def test_bars_are_seen_when_they_are_told(stage, visit):
    """Not before; then as long as the votes; after the run the right one is marked, beside the outcome."""
    stage.keep(made.stage(view="ask"))
    stage.keep(made.ask())
    page = visit(**PROJECTOR)
    page.shows("#ask-votes", "17")
    page.shows("#ask-votes-of", "votes, of 12 pages")
    assert page.sees("#ask .track, #ask .choice .count, #ask-outcome") == 0
    stage.keep(made.ask(open=False, bars=[3, 0, 12]))
    page.shows(choice("C"), "12 · 80%")
    bars = page.all("#ask-choices li:not([hidden]) .level", "one.style.transform")
    assert bars == ["scaleX(0.25)", "scaleX(0)", "scaleX(1)"]
    assert page.sees("#ask .right, #ask-outcome") == 0
    stage.keep(made.outcome())
    page.shows(".right .choice", "✓ so it was")
    page.shows("#ask-outcome", "10 were served")
    page.shows("#ask-score", "9 of 17 votes had it right")
    assert page.all("#ask-choices li.right .words") == [made.CHOICES[2]["en"]]
    page.click("#lang")
    page.shows("#ask-text", made.QUESTION["zh"])
    page.shows("#ask-outcome", "10 个得到服务")


def test_a_run_is_seen_beside_its_question(stage, visit):
    """On the projector, without the buttons that must wait."""
    page = visit(**PROJECTOR)
    stage.keep(made.stage(view="ask"))
    stage.keep(made.ask(open=False, running=True))
    stage.keep(made.wall(made.busy_wall()["lanes"][1]))
    page.wait_for("body[data-running=true] .lane")
    page.shows("#ask-hint", "It runs now.")
    question, lane = page.box("#ask-question"), page.box(".lane")
    assert question["x"] + question["width"] <= lane["x"] and page.sees("#acts, #teacher") == 0
    assert page.run("return document.documentElement.scrollHeight <= innerHeight")
    page.shoot("live-run")
    stage.keep(made.outcome())
    page.shows("#ask-outcome", "10 were served")
    assert not page.visible(".lane") and page.visible("#teacher")


@pytest.mark.full  # a detail, and seconds of a browser
def test_no_votes_are_no_bars(stage, visit):
    """Nothing is divided by 0."""
    stage.keep(made.stage(view="ask"))
    stage.keep(made.ask(open=False, bars=[0, 0, 0], votes=0))
    page = visit(**PROJECTOR)
    page.shows(choice("A"), "0")
    assert page.all("#ask-choices li:not([hidden]) .level", "one.style.transform") == ["scaleX(0)"] * 3


def test_the_teacher_asks_and_leads_through(stage, visit):
    """A ready question: ask, close, run, clear; nothing that makes no sense is offered."""
    stage.keep(made.stage(view="ask"))
    stage.keep(made.questions())
    page = visit(**PROJECTOR)
    page.wait_for("[data-question=question_10]")
    assert page.sees("#ready-list button") == 10 and page.sees("#ask-bars, #ask-run, #ask-clear") == 0
    page.click("[data-question=question_7]")
    assert stage.said("ask")[2] == {"type": "ask", "question": "question_7"}
    stage.keep(made.ask())
    page.wait("return document.querySelector('#ask-bars').checkVisibility()")
    assert page.sees("#ready-list button") == 0
    closed = made.ask(open=False, bars=[1, 2, 3])
    for button, word, then in ("#ask-bars", "bars", closed), ("#ask-run", "run", made.outcome()):
        page.click(button)
        assert stage.said(word)[2] == {"type": word}
        stage.keep(then)
        page.wait("return !document.querySelector(arguments[0]).checkVisibility()", button)
    page.click("#ask-clear")
    assert stage.said("clear")[2] == {"type": "clear"}
    stage.keep({"type": "ask", "id": None, "question": None})
    page.shows("#ask-empty", "No question now.")
    page.shows("#ask-empty", "192.168.1.5:8080/live")


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_question_of_ones_own(stage, visit):
    """Text and 2 to 5 choices; the teacher says which was right; keys are letters while he types."""
    stage.keep(made.stage(view="ask"))
    page = visit(**PROJECTOR)
    page.shows("#ask-empty", "No question now.")
    page.click("#own summary")
    page.fill("#own-text", "Will w1 work?")
    page.fill("#own-choices label:nth-child(1) input", "yes")
    page.keys("ENTER")
    page.fill("#own-choices label:nth-child(2) input", "no")
    page.keys("ENTER")
    assert stage.host.said()[3] == {"type": "ask", "text": "Will w1 work?", "choices": ["yes", "no"]}
    both = [{"en": word, "zh": word} for word in ("yes", "no")]
    own = {"id": 9, "question": {"en": "Will w1 work?", "zh": "Will w1 work?"}, "choices": both, "can_run": False}
    stage.keep(made.ask(**own))
    page.shows("#ask-text", "Will w1 work?")
    assert page.sees(".judge") == 0
    stage.keep(made.ask(**own, open=False, bars=[4, 1]))
    page.wait("return document.querySelector('.judge').checkVisibility()")
    assert page.sees("#ask-run") == 0 and page.sees(".judge") == 2
    page.click("#ask-choices li:nth-child(2) .judge")
    assert stage.said("outcome")[2] == {"type": "outcome", "choice": 1}
    stage.keep(made.ask(**own, open=False, bars=[4, 1], right=1))
    page.shows("#ask-score", "1 of 5 votes had it right")
    assert page.sees(".judge") == 0


def test_what_somebody_typed_stays_text(stage, visit):
    """In a question, its choices, a name, last words."""
    evil = "<img src=x onerror=\"document.title='1'\"><script>document.title='2'</script> \"'{clients} `code`"
    page = visit(**PROJECTOR)
    stage.keep(made.stage(view="ask", address=f"http://{evil}", models=[{"id": evil, "twins": [evil]}], shown=[evil],
                          acts=[evil]))
    stage.keep(made.wall(made.lane(evil, twin_of=evil, said=evil, sentences=[made.sentence(evil)],
                                   threads=[made.threads(1, call=evil)],
                                   bad={evil: 1})))
    stage.keep(made.race(made.runner(evil), said=evil, against=evil))
    stage.keep({"type": "questions", "questions": [{"id": evil, "en": evil, "zh": evil}]})
    stage.keep(made.ask(question={"en": evil, "zh": evil}, choices=[{"en": evil, "zh": evil}] * 2, bars=[1, 2],
                        right=1, open=False,
                        outcome={"en": evil, "zh": evil}))
    page.shows("#ask-text", evil)
    page.shows(choice("B") + " .words", evil)
    page.shows("#ask-outcome-words", evil)
    page.click("#ready summary")
    page.shows(".ready", evil)
    stage.keep(made.stage(view="wall"))
    page.wait_for("body[data-view=wall]")
    page.shows(".lane .name", evil)
    assert page.count("main img, main script") == 0
    assert page.run("return document.title") == "I/O models, live"


# ---- all of it ----

def everything(stage):
    """What can be shown."""
    for picture in (made.stage(on=[{"act": "idle_clients", "lane": "all"}], busy="race"), made.busy_wall(),
                    made.full_race(),
                    made.questions(), made.outcome()):
        stage.keep(picture)


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("guest", [True, False])
def test_nothing_overflows_on_a_phone(stage, visit, lang, guest):
    """Nor with long words."""
    everything(stage)
    page = visit(guest=guest, lang=lang, **PHONE)
    page.shows("#ask-text", made.QUESTION[lang])
    stage.keep(made.ask(question={"en": "x" * 200, "zh": "x" * 200}, choices=[{"en": "y" * 80, "zh": "y" * 80}] * 5,
                        bars=[100] * 5))
    page.shows("#ask-text", "x" * 200)
    assert page.sees("#wall .lane") == 4 and page.sees("#race .runner") == 7
    assert accessible.findings(page) == []
    for details in page.run("return [...document.querySelectorAll('summary')].filter((one) => one.checkVisibility())"):
        page.click(details)
    assert page.run("return document.documentElement.scrollWidth") <= 390
    page.shoot(f"live-phone-{lang}-{'guest' if guest else 'director'}")


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("guest", [True, False])
def test_everybody_can_read_and_use_it(stage, visit, scheme, guest):
    """WCAG AA, in each view, and for notices."""
    everything(stage)
    page = visit(guest=guest, scheme=scheme, still=True, **PROJECTOR)
    for view, some in ("wall", 80), ("race", 30), ("ask", 10):
        stage.keep(made.stage(view=view, busy="starting", on=[{"act": "cut", "lane": "all"}]))
        page.wait_for(f"body[data-view={view}]")
        stage.tell("all", {"type": "no", "why": "wrong"})
        page.shows("#note", "That cannot be done.")
        looked, faint = contrast.faint(page)
        assert looked >= some and faint == []
        assert accessible.findings(page) == []
        page.shoot(f"live-{view}-{scheme}-{'guest' if guest else 'director'}")


def test_each_text_is_there_in_chinese(stage, visit):
    """Of all that can be shown: nothing English is left but names and code."""
    everything(stage)
    page = visit(lang="zh", **PROJECTOR)
    left = set()
    for rule, values, about in RULES:
        stage.keep({**made.wall(made.lane("bio", sentences=[made.sentence(rule, about, **values)])), "at_s": len(left)})
    for why in "closed", "not_director", "busy", "wrong":
        stage.tell("all", {"type": "no", "why": why})
        soon(lambda: page.run("return /[\u4e00-\u9fff]/.test(document.querySelector('#note').textContent)"), "a note")
    for why in "narrow", "time", "stopped", "failed":
        for word in "more", "same", "open", None:
            stage.keep(made.race(*made.full_race()["lanes"], state="over", why=why,
                                 control=word and {**made.runner("control", word=word), "of": "nio"}))
    for view in "wall", "race", "ask":
        stage.keep(made.stage(view=view, busy={"wall": "starting", "race": "race", "ask": "starting"}[view]))
        page.wait_for(f"body[data-view={view}]")
        left.update(page.run("""return [...document.querySelectorAll('[data-text]')].map((one) => {
            const copy = one.cloneNode(true);
            copy.querySelectorAll('code').forEach((code) => code.remove());
            return copy.textContent;
        }).filter((text) => /[A-Za-z]{2}/.test(text) && !/[\u4e00-\u9fff]/.test(text))"""))
    assert left <= {"CPU"}
    assert page.run("return document.documentElement.lang") == "zh-CN"


def test_a_server_that_goes_and_comes_back(program):
    """The page says so, comes back by itself, and says its vote again that had no answer."""
    old = made.Stage(program)
    try:
        old.keep(made.ask())
        with made.Visitor(old, **PROJECTOR) as page:
            page.wait_for("#ask[data-asked=true]")
            port = old.port
            old.kill()
            old.relay.close()
            page.wait_for("#state[data-state=WAITING]")
            page.shows("#reconnect", "What you see is old.")
            with made.Stage(program, port=port) as new:
                new.keep(made.stage(guests=7))
                new.said("here")
                page.shows("#guests", "7")
                page.shows("#state", "connected")
                assert not page.visible("#reconnect") and not page.visible("#refused")
    finally:
        old.kill()


def test_without_a_stage_the_page_says_how_to_begin_one(program):
    """404."""
    with Demo(program) as server, chromium.Page() as page:
        page.goto(f"{server.scheme}://127.0.0.1:{server.port}/live?lang=en")
        page.wait("return document.querySelector('#refused').checkVisibility()")
        assert "There is no stage here: scripts/live.sh begins one." in page.text("#refused")
