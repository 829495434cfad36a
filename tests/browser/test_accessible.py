"""Nothing on ws_demo's page keeps people from using it; and the checker finds what does."""
import os
import pathlib

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import accessible  # pylint: disable=wrong-import-position
import chromium  # pylint: disable=wrong-import-position
import contrast  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

AXE = os.environ.get("AXE_CORE")  # axe.min.js, where somebody has it: Debian does not


UNTRANSLATED = """
    return [...document.querySelectorAll('html[lang=zh-CN] [data-text]')].map((one) => one.textContent)
        .filter((text) => /[A-Za-z]{3}/.test(text) && !/[\u4e00-\u9fff]/.test(text));
"""


def look(page, texts):
    """Findings in both colour schemes; at least so many texts must be there to be looked at. All have their Chinese."""
    assert page.run(UNTRANSLATED) == []
    page.wait("return document.querySelector('#diagram').getAnimations({ subtree: true }).length === 0")
    for scheme in "light", "dark":
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        looked, faint = contrast.faint(page)
        assert looked >= texts and faint == [], scheme
        assert accessible.findings(page) == []
        if AXE:
            page.run(pathlib.Path(AXE).read_text(encoding="utf-8"))
            found = page.run("return axe.run()")
            assert len(found["passes"]) > 20
            assert [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]] == []


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("width", [390, 1920])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_can_be_used_by_everybody(demo, join, lang, width):
    """Before joining; with messages, a refused one, the feed and a broken frame; and while it waits after a cut."""
    window = {"width": width, "height": 900, "mobile": width < 500}
    with chromium.Page(**window) as page:
        page.goto(f"{demo.scheme}://127.0.0.1:{demo.port}/?lang={lang}")
        page.wait("return !document.querySelector('#not-running')")
        if page.visible("#menu"):
            page.click("#menu")
        look(page, 100)
    page = join(demo, "Ada", lang=lang, **window)
    page.say("good morning")
    page.heard("good morning")
    page.run("""const field = document.querySelector('#say-text');
        field.value = 'x'.repeat(5000);
        field.dispatchEvent(new Event('input'));""")
    look(page, 200)  # while it is too long
    page.click("#say")
    page.click("#poll-start")
    page.click("#raw-send")
    page.event("raw", "close", 1006)
    page.wait("return Number(document.querySelector('#meter-ws').dataset.events) >= 1")
    look(page, 200)
    page.click("#slow-motion")
    page.click("#offline")
    page.state("OFFLINE")
    page.say("waits")
    look(page, 200)


@pytest.fixture(name="page", scope="module")
def fixture_page():
    """One window for all the small pages."""
    with chromium.Page() as page:
        yield page


GOOD = """<!doctype html><html lang=en><meta name=viewport content="width=device-width"><title>t</title>
<style>button, input { min-width: 30px; min-height: 30px }</style>
<body><header><h1>h</h1></header><main>%s</main>"""


@pytest.mark.full  # the looker itself, whose looks are in --full only
@pytest.mark.parametrize("body, rule", [
    ("<h2>a</h2><h3>b</h3><h2>c</h2><p>text", None),
    ("<h3>a</h3>", "a level of headings is left out before"),
    ("<h1>another</h1>", "not one h1"),
    ("<p lang=x_y>a", "lang is no language"),
    ("<p id=a>a<p id=a>b", "id twice"),
    ("<label for=gone>a</label>", "for leads nowhere"),
    ("<p>a <a href='#gone'>b</a>", "href leads nowhere"),
    ("<p role=buton>a", "unknown role"),
    ("<button aria-expanded=open>a</button>", "aria attribute"),
    ("<p aria-lable=a>a", "aria attribute"),
    ("<label>a <input></label><button>b</button>", None),
    ("<input placeholder=a>", "no name"),
    ("<button><span aria-hidden=true>x</span></button>", "no name"),
    ("<svg role=img></svg>", "no alternative text"),
    ("</main><p>outside", "text outside the landmarks"),
    ("<button aria-label=English>EN</button>", "a name without the text that is seen"),
    ("<ol role=log aria-label=a><li>b</ol>", "an item of no list"),
    ("<ol><p>a</ol>", "a list of no items"),
    ("<dl><div><dt>a</dt><dd>b</dd></div></dl>", None),
    ("<dl><div><dt>a</dt><div>b</div></div></dl>", "terms in disorder"),
    ("<p tabindex=2>a", "an order of its own"),
    ("<div aria-hidden=true><button>a</button></div>", "hidden, but has the focus"),
    ("<div style='height: 9px; overflow: auto'><p>a<p>b</div>", "scrolls, but not by the keyboard"),
    ("<div style='height: 9px; overflow: auto' tabindex=0><p>a<p>b</div>", None),
    ("<button style='min-height: 0; height: 20px'>a</button>", "a small target"),
    ("<p>in a <a href='https://a.example/'>sentence</a>", None),
])
def test_what_keeps_people_out_is_found(tmp_path, page, body, rule):
    """Each rule by a page that breaks it alone."""
    (tmp_path / "page.html").write_text(GOOD % body, encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    found = accessible.findings(page)
    if rule is None:
        assert found == []
    else:
        assert len(found) == 1 and found[0].startswith(rule)
