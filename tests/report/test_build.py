"""What build.py puts into the file, and what no longer is in it. No browser."""
import base64
import json
import re
import subprocess
import sys

import pytest

from pages import BUILD, ROOT, SOME_SOURCES, build, fixture


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The text of the page."""
    return build(tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


def inside(text, name):
    """The JSON of one element."""
    return json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', text, re.S).group(1))


def test_the_data_and_the_sources_are_in_it_as_they_were(made):
    """Each of them, whole."""
    assert inside(made, "data") == fixture()
    assert inside(made, "sources-data") == SOME_SOURCES


def test_no_sources_and_no_charts_are_no_fault(tmp_path):
    """The page has none, then."""
    bare = build(tmp_path, sources=False, charts=False).read_text(encoding="utf-8")
    assert inside(bare, "sources-data") is None
    assert "<svg" not in bare


def test_every_module_can_be_imported_by_its_name(made):
    """From the page itself, as it is in its file."""
    imports = json.loads(re.search(r'id="modules">(.*?)</script>', made, re.S).group(1))["imports"]
    begin = "data:text/javascript;charset=utf-8;base64,"
    assert all(url.startswith(begin) for url in imports.values())
    assert {name: base64.b64decode(url[len(begin):]) for name, url in imports.items()} == {
        f"report/{path.stem}": path.read_bytes() for path in (ROOT / "scripts/report/js").glob("*.js")}


def test_nothing_is_loaded_from_anywhere(made):
    """No address in it, and a policy that would refuse one."""
    page = re.sub(r'<script type="application/json".*?</script>', "", made, flags=re.S)
    assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:|//|\./|/)""", page, re.I)
    assert len(made) < 3e6
    assert "default-src 'none'" in page


def test_charts_have_no_script_no_prolog_and_ids_of_their_own(made):
    """Many drawings in one page."""
    drawings = re.search(r'<template id="drawings">(.*?)</template>', made, re.S).group(1)
    assert drawings.count('<svg data-chart="') == len(fixture()["charts"])
    assert not re.search(r"<script|<\?xml|<!DOCTYPE|\son\w+=|gnuplot_svg", drawings, re.I)
    ids = re.findall(r"""\sid=["']([^"']+)["']""", drawings)
    assert ids and len(set(ids)) == len(ids)
    assert set(re.findall(r"""(?:href=["']#|url\(["']?#)([^"')]+)""", drawings)) <= set(ids)


def test_a_hover_text_is_a_title_whatever_is_in_it(made):
    """hover.svg's three; the other charts have their own."""
    drawing = re.search(r'<svg data-chart="memory".*?</svg>', made, re.S).group(0)
    texts = re.findall(r'<g class="hover" tabindex="0"><title>([^<]*)</title>', drawing)
    expected = ["bio, 1 client: it&#x27;s &lt;2&gt; &amp; &quot;more&quot;",
                "aio, 10 clients:\n3 messages/s，每秒 3 条", "nio, 100 clients: 4 messages/s"]
    assert [text for text in texts if text in expected] == expected


def test_what_cannot_be_read_is_said_in_one_line(tmp_path):
    """Which file."""
    done = subprocess.run([sys.executable, BUILD, tmp_path / "never.html", "/no/such.json"], capture_output=True,
                          text=True, check=False)
    assert done.returncode
    assert re.fullmatch(r"build\.py: .*no/such\.json.*\n", done.stderr)
