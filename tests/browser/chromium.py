"""chromium.py - pages in Debian's Chromium, driven by its chromedriver through python3-selenium. Nothing is fetched.

Each page that is open has a Chromium of its own, as each student has: nothing is shared but the server. A Chromium
whose page was closed is given to the next one, emptied: starting one, or opening a tab, costs more than most tests do.
"""
import atexit
import base64
import collections
import json
import os
import pathlib
import re
import time

from selenium import webdriver
from selenium.common.exceptions import JavascriptException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.remote_connection import RemoteConnection

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build-logs/screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMEDRIVER = os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver")

# --no-sandbox: root has no sandbox, nor has an ordinary user in many containers; all pages are our own.
# Without --disable-software-rasterizer, a GPU is computed.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--no-proxy-server", "--lang=en-US")

PATIENCE_S = 30  # for what happens at once on an idle machine
ANSWER_S = 3 * PATIENCE_S  # LIMIT: for any answer of chromedriver, which else would be waited for for ever
RemoteConnection.set_timeout(ANSWER_S)

# What a page complains of by itself: exceptions, promises that nobody caught, refusals by its policy.
WATCH = """
    window.itsFaults = [];
    addEventListener('error', (event) => window.itsFaults.push(String(event.message ?? event.target.outerHTML)), true);
    addEventListener('unhandledrejection', (event) => window.itsFaults.push(String(event.reason)));
    addEventListener('securitypolicyviolation', (event) =>
        window.itsFaults.push(`refused by ${event.violatedDirective}: ${event.blockedURI}`));
"""

# A link that is clicked, a field that is filled: where the user sees it. What is then asked of it is an expression.
FIND = """
    const found = typeof arguments[0] === 'string' ? document.querySelector(arguments[0]) : arguments[0];
    found?.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}});
    return found && {};
"""

# Looks in the page itself until the body of a function returns what is true: each question from outside costs as much
# as a hundred of these looks.
LOOK = """
    const [given, patienceMs, done] = arguments;
    const look = function () {{ {} }};
    const end = performance.now() + patienceMs;
    const again = () => {{
        try {{
            const found = look(...given);
            if (found) done({{found}});
            else if (performance.now() > end) done({{}});
            else setTimeout(again, 20);
        }} catch (error) {{
            done({{error: String(error)}});
        }}
    }};
    again();
"""


def missing():
    """Why there can be no browser, or None."""
    for name, path in ("CHROMIUM", CHROMIUM), ("CHROMEDRIVER", CHROMEDRIVER):
        if not os.access(path, os.X_OK):
            return f"no {path}: scripts/setup.sh --browser installs it, or give its path in {name}"
    return None


def started(network):
    """A chromedriver with a Chromium. `network`: it keeps what the network does, each frame of a WebSocket, too."""
    options = Options()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.accept_insecure_certs = True  # a server of a test may have made its own
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", **({"performance": "ALL"} if network else {})})
    options.ignore_local_proxy_environment_variables()
    driver = webdriver.Chrome(service=Service(CHROMEDRIVER), options=options)
    driver.set_page_load_timeout(PATIENCE_S)
    driver.set_script_timeout(2 * PATIENCE_S)
    return driver


FORGET = "if (location.href !== 'about:blank') { localStorage.clear(); sessionStorage.clear(); }"

# What takes back a command that was given to a tab, by what the command answered. The size is set for each page.
UNDO = {
    "Emulation.setTouchEmulationEnabled": lambda _: ("Emulation.setTouchEmulationEnabled", {"enabled": False}),
    "Emulation.setEmulatedMedia": lambda _: ("Emulation.setEmulatedMedia", {"media": "", "features": []}),
    "Browser.setDownloadBehavior": lambda _: ("Browser.setDownloadBehavior", {"behavior": "default"}),
    "Input.dispatchMouseEvent": lambda _: ("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": -1, "y": -1}),
    "Page.addScriptToEvaluateOnNewDocument":
        lambda answer: ("Page.removeScriptToEvaluateOnNewDocument", answer),
}

# Chromiums without a page, by `network`.
_free = collections.defaultdict(list)


def lend(network):
    """A Chromium with an empty tab: a free one, or a new one."""
    return _free[network].pop() if _free[network] else started(network)


def give_back(driver, network, undone):
    """Empties it: what the page has stored goes, and the commands in `undone` take back what was set for its tab. One
    that does not answer is ended instead."""
    try:
        driver.execute_script(FORGET)
        driver.get("about:blank")
        driver.execute(Command.W3C_CLEAR_ACTIONS)
        for command, parameters in undone:
            driver.execute_cdp_cmd(command, parameters)
        for kind in ("browser", "performance") if network else ("browser",):
            driver.get_log(kind)
    except WebDriverException:
        driver.quit()
    else:
        _free[network].append(driver)


@atexit.register
def end_all():
    """Ends those that nobody has."""
    for drivers in _free.values():
        while drivers:
            drivers.pop().quit()


def soon(condition, what):
    """What condition() returns as soon as that is true."""
    end, pause = time.monotonic() + PATIENCE_S, 0.02
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        time.sleep(pause)
        pause = min(1.5 * pause, 0.2)  # each look costs the browser a hundredth of a second
    return found


class Page:
    """One page, in a window of `width` x `height` CSS pixels.

    `mobile`: a phone, with a touch screen. `network`: requests() is wanted, and the page has no flood of messages."""

    def __init__(self, width=1280, height=900, mobile=False, network=False):
        self.network, self.driver, self.undone = network, lend(network), {}
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        if mobile:
            self.cdp("Emulation.setTouchEmulationEnabled", enabled=True)
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Gives the browser back."""
        give_back(self.driver, self.network, self.undone.values())

    def cdp(self, command, **parameters):
        """A command of the DevTools protocol."""
        answer = self.driver.execute_cdp_cmd(command, parameters)
        if command in UNDO:
            self.undone[command] = UNDO[command](answer)
        return answer

    def goto(self, url):
        """Loads it, up to the event `load`."""
        self.driver.get(url)

    def run(self, script, *arguments):
        """What `script`, the body of a function, returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, *arguments):
        """What `script` returns as soon as that is true. It may be another page by then."""
        def look():
            left_ms = 1000 * max(0, end - time.monotonic())
            try:
                return self.driver.execute_async_script(LOOK.format(script), arguments, left_ms)
            except JavascriptException as error:
                if not re.search("unloaded|navigation", error.msg):
                    raise
                return None  # the page was left meanwhile

        end = time.monotonic() + PATIENCE_S
        seen = soon(look, f"{script} {arguments}")
        assert "error" not in seen, seen["error"]
        assert "found" in seen, f"not within {PATIENCE_S} s: {script} {arguments}"
        return seen["found"]

    def wait_for(self, selector):
        """Waits until there is such an element, seen or not."""
        self.wait("return document.querySelector(arguments[0]) !== null", selector)

    def find(self, selector):
        """The first such element, brought into view. Where a selector is wanted, an element will do."""
        return self.of(selector, "found")

    def of(self, selector, asked, *arguments):
        """What an expression says of `found`, the first such element, brought into view."""
        said = self.run(FIND.format(f"[{asked}]"), selector, *arguments)
        assert said, f"there is no {selector}"
        return said[0]

    def find_with(self, selector, text):
        """The first such element that has this text in it."""
        return self.run("""return [...document.querySelectorAll(arguments[0])]
            .find((one) => one.textContent.includes(arguments[1]))""", selector, text)

    def all(self, selector, mapped="one.innerText"):
        """For each such element `one`, the value of an expression."""
        return self.run(f"return [...document.querySelectorAll(arguments[0])].map((one) => {mapped})", selector)

    def count(self, selector):
        """How many there are."""
        return len(self.all(selector, "1"))

    def text(self, selector):
        """What the first one shows."""
        return self.of(selector, "found.innerText")

    def attribute(self, selector, name):
        """Of the first one."""
        return self.of(selector, "found.getAttribute(arguments[1])", name)

    def visible(self, selector):
        """Is the first one shown?"""
        return self.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)

    def box(self, selector):
        """Where the first one is in the window: x, y, width, height."""
        return self.of(selector, "found.getBoundingClientRect().toJSON()")

    def click(self, selector):
        """With the mouse, where it is seen."""
        self.find(selector).click()

    def fill(self, selector, text):
        """Takes out what is in a field, and types."""
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def focus(self, selector):
        """By script, as the Tab key would."""
        self.of(selector, "found.focus()")

    def keys(self, *keys):
        """Typed, wherever the focus is: text, and names such as ENTER."""
        typed = (getattr(Keys, key) if key.isupper() and hasattr(Keys, key) else key for key in keys)
        ActionChains(self.driver).send_keys(*typed).perform()

    def choose(self, selector, value):
        """An option of a list, by its value."""
        self.click(f'{selector} option[value="{value}"]')

    def point(self, x, y):
        """Moves the mouse there."""
        self.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def point_at(self, selector):
        """Moves the mouse to the middle of the first one."""
        box = self.box(selector)
        self.point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def tap(self, x, y):
        """With a finger."""
        self.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def requests(self):
        """The URLs asked for since the last call."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def console(self):
        """What was logged since the last call, by the page and by the browser."""
        return [f'{entry["level"]}: {entry["message"]}' for entry in self.driver.get_log("browser")]

    def faults(self):
        """What went wrong in this page: exceptions, refusals by its policy, requests that failed."""
        wrong = re.compile("Content Security Policy|Refused to|Failed to load resource")
        return self.run("return window.itsFaults") + [line for line in self.console() if wrong.search(line)]

    def shoot(self, name):
        """A picture of the whole page, beside the logs: with PICTURES=1 in the environment, as it takes some seconds and
        no test looks at it."""
        if not os.environ.get("PICTURES"):
            return
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, clip={**size, "scale": 1})
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))
