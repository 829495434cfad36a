"""tests/check_notes.py finds what it is for: in a copy of the documents, one of them is made wrong."""
import pathlib
import subprocess
import sys

import pytest

from checkout import REPOSITORY

CHECK = REPOSITORY / "tests/check_notes.py"

# What is replaced in docs/notes.md by what, and what is said of it.
WRONG = {
    "an entry is missing": ("> 3.实时交互\n", "", "quotes '3.实时交互' 0 times"),
    "an entry is there twice": ("> 2.html-客户端\n", "> 2.html-客户端\n> 2.html-客户端\n", "2 times"),
    "another word": ("> 1.api简单", "> 1.api很简单", "which the notes do not claim"),
    "another order": ("> --1.打开事件", "> --2.消息事件", "quotes '--1.打开事件' 0 times"),
    "no verdict": ("*The event open.* **Shown.**", "*The event open.*", "has no rendering in English with a verdict"),
    "another verdict": ("**可见。** 只有一次，最先发生。", "**更正。** 只有一次，最先发生。", "something else in Chinese"),
    "no Chinese": ("**可见。** 只有一次，最先发生。\n", "", "1 paragraphs"),
    "nothing shows it": ("See 见: `ws_demo/echo.c`", "Voir: `ws_demo/echo.c`", "names nothing that shows it"),
    "a file": ("`ws_demo/feed.c`\n", "`ws_demo/fed.c`\n", "there is no ws_demo/fed.c"),
    "a script": ("`scripts/soak.sh` ·", "`scripts/soaked.sh` ·", "there is no scripts/soaked.sh"),
    "a program": ("`build/loadgen/loadgen --reconnect`", "`build/loadgen/loader --reconnect`", "nothing builds build/loadgen/loader"),
    "a program in a block": ("    build/bio/bio_server --port", "    build/bio/bio_serve --port", "nothing builds build/bio/bio_serve"),
    "a scenario": ("`scripts/break.sh calm`", "`scripts/break.sh storm`", "there is no scenario storm"),
    "a model": ("`scripts/break.sh blocking_handler framework`", "`scripts/break.sh blocking_handler netty`", "no netty"),
    "a lab": ("`ws_demo/framework.h` · lab 10\n", "`ws_demo/framework.h` · lab 11\n", "there is no lab 11"),
    "a section": ("page *Break it* (故障实验) · lab 10", "page *Mend it* (故障实验) · lab 10", "no section 'Mend it'"),
    "a section in Chinese": ("page *Break it* (故障实验) · lab 10", "page *Break it* (实验) · lab 10", "no section 'Break it' (实验)"),
    "a heading": ("(failures.md#index)", "(failures.md#contents)", "no heading #contents"),
    "a function": ("`server_accept` in `bio/bio_server.c`", "`server_greet` in `bio/bio_server.c`", "there is no server_greet"),
}


@pytest.fixture
def root(tmp_path):
    """The repository, with documents of its own."""
    for path in REPOSITORY.iterdir():
        if path.name != "docs":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "docs").mkdir()
    for path in (REPOSITORY / "docs").iterdir():
        if path.suffix in (".md", ".txt"):
            (tmp_path / "docs" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def check(root):
    """Status and output."""
    done = subprocess.run([sys.executable, "-B", CHECK, root], capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def replace(path, old, new):
    """Once, where it stands first."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    assert old in text, old
    pathlib.Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_documents_are_in_order(root):
    """As they are."""
    assert check(root) == (0, "")


@pytest.mark.parametrize("old, new, said", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(root, old, new, said):
    """Each in a line, and status 1."""
    replace(root / "docs/notes.md", old, new)
    status, output = check(root)
    assert status == 1 and said in output, output


def test_a_new_claim_of_the_notes_needs_an_entry(root):
    """It is a claim until somebody says that it is none."""
    replace(root / "docs/lecture-notes.txt", "\t1.java基础\n", "\t1.java基础\n\t2.epoll最快\n")
    assert check(root) == (1, "docs/notes.md: quotes '2.epoll最快' 0 times; the notes have it 1 times\n")


def test_a_lab_of_another_name_is_found(root):
    """One that is missing is not: it may be written later."""
    (root / "labs").unlink()
    assert check(root) == (0, "")
    (root / "labs/09_sockets").mkdir(parents=True)
    status, output = check(root)
    assert status == 1 and "lab 9 is 09_sockets, not 09_whose_completion" in output


@pytest.mark.parametrize("old, new, said", [
    ("## 为什么公开答案\n", "", "other headings, table rows or code"),
    ("`scripts/break.sh crowd`，或", "`scripts/break.sh few`，或", "names `scripts/break.sh few` in Chinese only"),
    ("<!-- 中文 -->", "", "has no Chinese half")])
def test_the_halves_of_a_document_are_compared(root, old, new, said):
    """docs/teaching.md."""
    replace(root / "docs/teaching.md", old, new)
    status, output = check(root)
    assert status == 1 and said in output, output
