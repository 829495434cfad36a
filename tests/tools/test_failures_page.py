"""docs/failures.md as a page (ws_demo/failures.py): what the wall links to is there, and no text becomes HTML."""
import html.parser
import importlib.util
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("failures_page", ROOT / "ws_demo/failures.py")
failures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(failures)

SCENARIOS = ["crowd", "slow_reader", "stack_overflow", "no_memory", "reset", "small_pool", "blocking_handler",
             "no_descriptors", "comers", "reconnect_storm", "flash", "stuck_together", "large_messages", "garbage",
             "oversize", "slowloris", "half_then_stall", "vanish", "calm", "strangers", "few_buffers", "small_ring"]
VOID = {"meta", "link"}


class Read(html.parser.HTMLParser):
    """What a page has: ids with the heading they stand in, links, text; and whether what is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.text = [], {}, [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if "id" in attrs:
            assert attrs["id"] not in self.ids
            self.ids[attrs["id"]] = tag if tag != "a" else self.open[-1]
        if "href" in attrs and tag == "a":
            self.links.append(attrs["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def body(text):
    """What a piece of Markdown becomes."""
    return failures.Converter(text).convert()[1]


@pytest.mark.parametrize("name, lang, other", [
    ("failures.md", "en", "failures-zh"), ("failures.zh.md", "zh-CN", "failures")])
def test_the_document_is_a_page(name, lang, other):
    """Each scenario has an anchor in a heading, each link within the page leads somewhere, and no text is lost."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    page = Read(failures.page(text, lang))
    assert [one for one in SCENARIOS if page.ids.get(one) != "h2"] == []
    assert [one for one in page.links if one.startswith("#") and one[1:] not in page.ids] == []
    assert other in page.links and not any(one.endswith(".md") for one in page.links)
    words = set(re.findall(r"[a-z_]{5,}|[\u4e00-\u9fff]{2,}", failures.COMMENT.sub("", text)))
    shown = page.text + "".join(page.links)
    assert [one for one in words if one not in shown] == []
    assert page.tags.count("h2") == len(re.findall("^## ", text, re.MULTILINE))
    assert page.tags.count("table") == 1 and "<!--" not in page.text and "**" not in page.text


def test_a_heading_of_one_scenario_has_its_name():
    """Not an earlier one that names several."""
    done = body("## slow_reader with stack_overflow: the stack\n\n## slow_reader: a peer\n")
    first, second = done.splitlines()
    assert 'id="stack_overflow"' in first and 'id="slow_reader"' not in first
    assert '<a id="slow_reader"></a>' in second and 'id="slow_reader-a-peer"' in second


def test_a_heading_without_a_colon_names_none():
    """Only GitHub's id."""
    assert body("## How to read a block") == '<h2 id="how-to-read-a-block">How to read a block</h2>'


@pytest.mark.parametrize("text, made", [
    ("one\ntwo", "<p>one\ntwo</p>"),
    ("一，\n二", "<p>一，二</p>"),
    ("**bold** and *soft* and `a*b*c`", "<p><strong>bold</strong> and <em>soft</em> and <code>a*b*c</code></p>"),
    ("2 * 3 * 4, *.c and **", "<p>2 * 3 * 4, *.c and **</p>"),
    ("**with `code` in it**", "<p><strong>with <code>code</code> in it</strong></p>"),
    ("- one\n  more\n- two", "<ul><li>one\nmore</li>\n<li>two</li>\n</ul>"),
    ("1. one\n2. two", "<ol><li>one</li>\n<li>two</li>\n</ol>"),
    ("    a <b>\n      c", '<pre tabindex="0"><code>a &lt;b&gt;\n  c</code></pre>'),
    ("```\n## no heading\n\n| no table\n```", '<pre tabindex="0"><code>## no heading\n\n| no table</code></pre>'),
    ("[here](#x) [there](failures.zh.md#y)", '<p><a href="#x">here</a> <a href="failures-zh#y">there</a></p>'),
    ("[file](../a.c)", "<p>file (<code>../a.c</code>)</p>"),
    ("[far](https://example.org/?a&b)", '<p><a href="https://example.org/?a&amp;b" rel="noreferrer">far</a></p>'),
    ("[no](javascript:alert(1))", "<p>no (<code>javascript:alert(1</code>))</p>"),
    ("before <!-- a\nb --> after", "<p>before  after</p>"),
    ('<script>alert("1")</script> & <b>', "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;b&gt;</p>"),
])
def test_what_becomes_of_a_piece(text, made):
    """And of nothing else HTML is made."""
    assert body(text) == made


def test_a_table_has_a_head_and_text_in_its_cells():
    """A bar that is escaped is text."""
    done = Read(body("| a | b |\n|---|---|\n| `x` | 1 \\| <2> |\n"))
    assert done.tags == ["div", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]
    assert "1 | <2>" in done.text
