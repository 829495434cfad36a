"""No text of the report is too faint: every text that it can show, in its usual form and for a projector."""
import pathlib
import sys

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position
import contrast  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/report"), str(ROOT / "scripts/report")]
import pages  # pylint: disable=wrong-import-position
import sources  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

# Whatever can be unfolded, is.
UNFOLD = """
    for (const one of document.querySelectorAll('details')) one.open = true;
    for (const one of document.querySelectorAll('.toggle, .src-toggle')) if (one.ariaExpanded !== 'true') one.click();
    document.querySelector('.exm-mark')?.click();
    const tip = document.querySelector('#tip');
    tip.textContent = 'a tip';
    tip.hidden = false;
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of the made-up run, with the servers as they are."""
    return pages.build(tmp_path_factory.mktemp("report"), sources=sources.describe(sources.read_rows(ROOT)))


@pytest.mark.full  # how it looks: the sizes, languages and schemes take a minute of a browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#projector"])
def test_every_text_of_the_report_can_be_read(report, fragment, scheme):
    """Charts, code, and what is folded, too: WCAG AA, 0 findings."""
    with chromium.Page() as page:
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.goto(f"{report.as_uri()}?lang=en{fragment}")
        page.wait("return document.body?.dataset.ready !== undefined")
        for protocol in "echo", "ws":
            page.run("for (const one of document.querySelectorAll(`.tab[data-protocol=${arguments[0]}]`)) one.click();"
                     + UNFOLD, protocol)
            looked, faint = contrast.faint(page)
            assert looked > 4000 and faint == []
        page.click(page.find_with(".src-button", "all servers"))
        looked, faint = contrast.faint(page)
        assert looked > 8000 and faint == []


@pytest.fixture(name="page", scope="module")
def fixture_page():
    """One window for all the small pages."""
    with chromium.Page() as page:
        yield page


@pytest.mark.full  # the looker itself, whose looks are in --full only
@pytest.mark.parametrize("body, ratio", [
    ('<p style="color: #777">faint</p>', 4.48),
    ('<p style="color: #767676">readable</p>', None),
    ('<p style="color: #949494; font-size: 24px">faint for its size, but large</p>', None),
    ('<p style="color: #000; opacity: 0.3">faded</p>', 2.11),
    ('<div style="background: #000"><p style="background: #fff8"><b style="color: #000">mixed</b></p></div>', None),
    ('<div style="background: #333"><p style="color: #000">dark on dark</p></div>', 1.66),
    ('<details open><summary>here</summary><i style="color: #999">unfolded</i></details>', 2.85),
    ('<details><summary>here</summary><i style="color: #999">folded</i></details>', None),
    ('<svg viewBox="0 0 9 9"><text y="5" fill="#aaa">drawn</text></svg>', 2.32),
    ('<svg viewBox="0 0 99 99"><rect width="99" height="99" fill="#222"/><text y="50">on it</text></svg>', 1.32),
    ('<svg viewBox="0 0 99 99"><text y="50">below</text><rect width="99" height="99" fill="#222"/></svg>', None),
    ('<button disabled style="color: #ccc">cannot be used</button>', None),
])
def test_what_is_faint_is_found(tmp_path, page, body, ratio):
    """Backgrounds of any depth, transparency, drawings."""
    (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{body}", encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    _, faint = contrast.faint(page)
    if ratio is None:
        assert faint == []
    else:
        assert len(faint) == 1 and f", {ratio:.2f}: " in faint[0]
