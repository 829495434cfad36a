"""The page of a hostile directory in a real browser, from disk: everything is shown, nothing is run."""
import json
import pathlib

import hostile_results
import pytest
import redraw

webdriver = pytest.importorskip("selenium.webdriver", reason="python3-selenium is not installed: scripts/setup.sh")
PROGRAMS = {"browser": pathlib.Path("/usr/bin/chromium"), "driver": pathlib.Path("/usr/bin/chromedriver")}
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
STARTED_BY_HAND = """
    const script = document.createElement('script');
    script.textContent = 'document.body.dataset.harmed = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<b id=x onclick="document.body.dataset.harmed = 1">x</b>');
    document.getElementById('x').click();
    return document.body.dataset.harmed ?? 'nothing';"""


@pytest.fixture(name="browser", scope="module")
def fixture_browser():
    """Debian's Chromium."""
    for path in PROGRAMS.values():
        if not path.exists():
            pytest.skip(f"{path} is not installed: scripts/setup.sh")
    options = webdriver.ChromeOptions()
    options.binary_location = str(PROGRAMS["browser"])
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=webdriver.chrome.service.Service(str(PROGRAMS["driver"])), options=options)
    yield driver
    driver.quit()


@pytest.fixture(name="hostile", scope="module")
def fixture_hostile(tmp_path_factory):
    """The page, without its charts, which test_redraw.py has."""
    directory = hostile_results.with_harm(tmp_path_factory.mktemp("hostile"))
    (directory / "sources.json").write_text(json.dumps(hostile_results.hostile_sources()), encoding="utf-8")
    redraw.page.make(redraw.results(directory / "results.db"), directory)
    return directory / "report.html"


@pytest.mark.full  # the report's own tests are in the short form
@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_results_are_shown_as_text(browser, hostile, language):
    """Each section is there, and none of it is an element that the data made."""
    browser.get(f"{hostile.as_uri()}?lang={language}")
    browser.set_script_timeout(20)
    ready = browser.execute_async_script("""
        const done = arguments[0];
        const look = () => ('ready' in document.body.dataset ? done(true) : setTimeout(look, 20));
        look();""")
    assert ready
    assert browser.execute_script("return document.querySelectorAll('img, iframe, object').length") == 0
    browser.execute_script("document.querySelector('.src-toggle').click()")
    assert browser.execute_script("return document.getElementById('sources').innerText").count("onerror=harm()") >= 1
    assert browser.execute_script("return document.getElementById('head').textContent").count("onerror=harm()") >= 1
    left_out = browser.execute_script("return [...document.querySelectorAll('section.left-out')].map((one) => one.id)")
    assert {"against"} <= set(left_out) <= {"races", "concerns", "against"}  # what an older reference has not
    assert [entry["message"] for entry in browser.get_log("browser")] == []


@pytest.mark.full  # the report's own tests are in the short form
def test_the_browser_runs_nothing_but_the_pages_own_script(browser, hostile):
    """Neither a script nor a handler that somebody gets into it."""
    browser.get(hostile.as_uri())
    assert browser.execute_script(STARTED_BY_HAND) == "nothing"
    refused = [entry["message"] for entry in browser.get_log("browser")]
    assert len(refused) == 2 and all("Content Security Policy" in message for message in refused), refused
