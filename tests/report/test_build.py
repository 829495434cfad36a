"""What build.py puts into the file, and what no longer is in it. No browser."""
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from pages import BUILD, ROOT, SOME_SOURCES, build, fixture

sys.path.insert(0, str(ROOT / "scripts/report"))
import bundle  # pylint: disable=wrong-import-position


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
