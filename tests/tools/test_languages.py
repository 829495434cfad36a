"""check_languages.py on small documents: it finds a heading, code, a generated place, a row or a link that only one
language has."""
import pathlib
import subprocess

import pytest

CHECK = pathlib.Path(__file__).parents[1] / "check_languages.py"

ENGLISH = """# Title

[中文](a.zh.md), and [below](#two-words).

    make it      # what it does

## Two words

| a | b |
|---|---|
| <!-- measured: x -->1<!-- --> | [c](b.md) |

```
# no heading
```
"""
CHINESE = """# 题目

[English](a.md)，以及[下面](#两个词)。

    make it      # 做什么

## 两个：词

| 甲 | 乙 |
|---|---|
| <!-- measured: x -->1<!-- --> | [丙](b.zh.md) |

```
# no heading
```
"""


def checked(root, chinese, english=ENGLISH):
    """Status and lines of the check."""
    (root / "a.md").write_text(english, encoding="utf-8")
    (root / "docs").mkdir()
    (root / "a.zh.md").write_text(chinese, encoding="utf-8")
    done = subprocess.run([CHECK, root], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_the_same_in_two_languages(tmp_path):
    assert checked(tmp_path, CHINESE) == (0, [])


@pytest.mark.parametrize("here, there, says", [
    ("## 两个：词", "### 两个：词", "headings differ: a.md, line 7: '##'; a.zh.md, line 7: '###'"),
    ("## 两个：词\n", "", "headings differ: a.md, line 7: '##'; a.zh.md: no more"),
    ("make it", "make them", "code differ: a.md, line 5: 'make it'; a.zh.md, line 5: 'make them'"),
    ("# no heading", "# 不是标题", "code differ: a.md, line 14: '# no heading'; a.zh.md, line 14: '# 不是标题'"),
    ("measured: x", "measured: y", "places differ: a.md, line 11: '<!-- measured: x -->'"),
    ("|---|---|\n", "|---|---|\n| a | b |\n", "tables differ: a.md: no more; a.zh.md, line 12"),
    ("(b.zh.md)", "(c.md)", "links differ: a.md, line 11: 'b.md'; a.zh.md, line 11: 'c.md'"),
    ("(a.md)", "(b.md)", "a.zh.md has no link to a.md"),
    ("#两个词", "#两个字", "a.zh.md, line 3: #两个字 has no such heading"),
])
def test_a_difference_is_found(tmp_path, here, there, says):
    assert here in CHINESE
    status, lines = checked(tmp_path, CHINESE.replace(here, there, 1))
    assert status == 1
    assert any(says in line for line in lines), lines


def test_chinese_without_english(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b.zh.md").write_text("# 题目\n", encoding="utf-8")
    done = subprocess.run([CHECK, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "docs/b.zh.md: there is no b.md beside it\n")
