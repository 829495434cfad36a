"""What build.py puts into the file, and what no longer is in it. No browser."""
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from pages import BUILD, ROOT, SOME_SOURCES, build, fixture, unpacked

sys.path.insert(0, str(ROOT / "scripts/report"))
import bundle  # pylint: disable=wrong-import-position
import chart_svg  # pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The text of the page."""
    return build(tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


def inside(text, name):
    """The JSON of one element."""
    return json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', text, re.S).group(1))


def test_the_data_and_the_sources_are_in_it_as_they_were(made):
    """Each of them, whole; of the sources' lines, what does not follow from the rest."""
    assert unpacked(inside(made, "data")) == fixture()
    sources = unpacked(inside(made, "sources-data"))
    assert sources["models"] == SOME_SOURCES["models"]
    assert sources["rows"][0]["cells"]["bio"][0]["lines"] == [
        {"text": "recv(fd);", "tags": ["WAIT"], "calls": ["recvfrom"]}]


def test_no_sources_and_no_charts_are_no_fault(tmp_path):
    """The page has none, then."""
    bare = build(tmp_path, sources=False, charts=False).read_text(encoding="utf-8")
    assert inside(bare, "sources-data") is None
    assert "<svg" not in bare


def test_every_module_is_in_the_one_script_that_the_policy_names(made):
    """By the hash of the script's text, and the style by that of its own; no other, and nothing inline."""
    script = re.search(r"<script>(.*?)</script>", made, re.S).group(1)
    style = re.search(r"<style>(.*?)</style>", made, re.S).group(1)
    modules = re.findall(r"^modules\.(\w+) = ", script, re.M)
    assert sorted(modules) == sorted(path.stem for path in (ROOT / "scripts/report/js").glob("*.js"))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made).group(1)
    hashes = [base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode() for text in (script, style)]
    assert f"script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}';" in policy


@pytest.mark.parametrize("line", [
    "import './elsewhere.js';", "export default 1;", "export * from 'report/dom';", "const late = import('report/dom');",
    "import { missing } from 'report/missing';", "import { word } from 'report/word';", "const end = '</script>';"])
def test_what_the_bundle_does_not_know_is_no_page(tmp_path, line):
    """A form of import that it would get wrong, a module that is not there, one that imports itself, an end of the script."""
    for name in ("dom.js", "csv.js"):
        shutil.copy(ROOT / "scripts/report/js" / name, tmp_path)
    (tmp_path / "word.js").write_text("export const word = 1;\nimport { main } from 'report/main';\n", encoding="utf-8")
    (tmp_path / "main.js").write_text(f"import {{ make }} from 'report/dom';\n{line}\nexport const main = make;\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"js/\w+\.js"):
        bundle.bundle(tmp_path)


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


def test_a_chart_has_what_draws_and_nothing_else():
    """What gnuplot leaves empty, says twice or never uses is not in it; what stands in it draws as before."""
    drawing = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">
        <defs><circle id="a" r="1.00"/><use xlink:href="#a" id="b"/><circle id="unused" r="2"/></defs>
        <g id="gnuplot_plot_1"><title>gnuplot_plot_1</title><g stroke-linecap="butt" stroke="rgb( 68,  0, 255)">
        </g></g>
        <g fill="none" opacity="1.00"><path d="M132.00,105.10 L1200,0.05 "/></g>
        <g fill="none"><text>  two  <tspan> words </tspan></text></g>
        <g fill="none" transform="scale(2)"><use xlink:href="#b"/></g>
        <g fill="none" transform="scale(2)"><path d="M0,0"/></g></svg>"""
    assert chart_svg.inline("c", drawing) == (
        '<svg data-chart="c" viewBox="0 0 10 10">'
        '<defs><circle id="c-a" r="1"></circle><use href="#c-a" id="c-b"></use></defs>'
        '<g fill="none"><path d="M132,105.1 L1200,0.05"></path><text>  two  <tspan> words </tspan></text></g>'
        '<g fill="none" transform="scale(2)"><use href="#c-b"></use></g>'
        '<g fill="none" transform="scale(2)"><path d="M0,0"></path></g></svg>')
    coloured = '<svg xmlns="http://www.w3.org/2000/svg"><path stroke="rgb( 68,  0, 255)" d="M100,200.00"/></svg>'
    assert 'stroke="#4400ff" d="M100,200"' in chart_svg.inline("c", coloured)


def test_a_hover_text_is_a_title_whatever_is_in_it(made):
    """hover.svg's three."""
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
