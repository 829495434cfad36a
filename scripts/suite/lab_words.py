"""lab_words.py - what lab.sh says, in English or Chinese, in colours where the terminal has them."""
import os
import re

import terminal
import text_table
from language import language
from terminal import say

WIDE, LABEL = 80, 11     # columns of a line, and of the label at its left

WORDS = {
    "started":
    ("Lab {number}: {title}\n"
     "  your file:  {file}\n"
     "  the text:   {text}\n"
     "Read the text; then: scripts/lab.sh predict {number}",
     "实验 {number}：{title}\n"
     "  你的文件：{file}\n"
     "  说明：    {text}\n"
     "先读说明，然后：scripts/lab.sh predict {number}"),
    "there_already":
    ("Lab {number} is started already: {file}. `reset {number}` begins anew, and keeps your file.",
     "实验 {number} 已经开始：{file}。`reset {number}` 重新开始，并保留你的文件。"),
    "not_started":
    ("lab {number} is not started: scripts/lab.sh start {number}",
     "实验 {number} 还没有开始：scripts/lab.sh start {number}"),
    "no_lab":
    ("there is no lab '{number}': give a number from 1 to {last}",
     "没有实验“{number}”：请给出 1 到 {last} 的数字"),
    "no_file":
    ("'{file}' is gone: scripts/lab.sh reset {number} brings a new one",
     "“{file}”不见了：scripts/lab.sh reset {number} 会放回一个新的"),
    "predict_first":
    ("predict first: scripts/lab.sh predict {number} asks three questions",
     "先预测：scripts/lab.sh predict {number} 会问三个问题"),
    "built":
    ("To run it by hand: {program}; a server takes --port N.",
     "手工运行：{program}；服务器可带 --port N。"),
    "predict": ("Before you run anything: what do you expect?", "在运行之前：你预计会怎样？"),
    "a_number": ("a number, please", "请输入数字"),
    "a_choice": ("one of {choices}, please", "请输入其中之一：{choices}"),
    "predicted":
    ("Kept. Now write, then: scripts/lab.sh check {number}",
     "已保存。现在写代码，然后：scripts/lab.sh check {number}"),
    "ok": ("OK  ", "通过"),
    "failed": ("FAIL", "失败"),
    "came": ("what came:", "结果："),
    "said": ("printed:", "打印："),
    "should": ("expected:", "应该："),
    "hint": ("a hint:", "提示："),
    "passed": ("Lab {number} passed.", "实验 {number} 通过。"),
    "foretold": ("What you said, and what came, with your file as it is:", "你的预测，以及以你现在的文件得到的结果："),
    "row": ("you said {expected}; came {came}  {mark}", "预测 {expected}，结果 {came}  {mark}"),
    "right": ("(as you said)", "（如你所料）"),
    "wrong": ("(why?)", "（为什么？）"),
    "seen_later": ("(when check gets there)", "（检查到那一步才知道）"),
    "because": ("Because, in one sentence: {text}", "因为——用一句话：{text}"),
    "because_kept": ("Kept. In the full server, read: {text}", "已保存。在完整的服务器里请读：{text}"),
    "hint_step": ("hint {step} of {steps}:", "提示 {step}/{steps}："),
    "no_more_hints":
    ("There is no further hint. Ask a neighbour to explain your code to you.",
     "没有更多提示了。请同桌把你的代码讲给你听。"),
    "reset": ("Your file is kept as {kept}; {file} is as at the start.", "你的文件保存为 {kept}；{file} 恢复到开始的样子。"),
    "status": ("{number:>2}  {mark}  {title}", "{number:>2}  {mark}  {title}"),
    "failed_at": ("last failed where {step}", "上次失败在：{step}"),
    "state_passed": ("passed   ", "已通过"),
    "state_failed": ("tried    ", "尝试过"),
    "state_predicted": ("predicted", "已预测"),
    "state_started": ("started  ", "已开始"),
    "state_none": ("-        ", "-     "),
    "minutes": ("{minutes} minutes", "{minutes} 分钟"),
    "broken_state":
    ("'{file}' cannot be read: {error}. Move it away; predictions are then asked anew.",
     "“{file}”无法读取：{error}。把它移走，预测会重新询问。"),
    "ended_input": ("the answers ended before the questions did; nothing is kept", "回答在问题之前结束了；什么也没有保存"),
}


def text(key, **values):
    """A line of ours."""
    return WORDS[key][language() == "zh"].format(**values)


def of(words, **values):
    """A text of a lab: {"en": ..., "zh": ...}; its blanks {name} filled in. What is filled in is only text."""
    return re.sub(r"{(\w+)}", lambda blank: str(values.get(blank[1], blank[0])), words[language()])


def coloured(words, colour):
    """Green (32), red (31) or bold (1), in a terminal that shows it, and that nobody has told NO_COLOR."""
    if terminal.is_terminal() and not os.environ.get("NO_COLOR"):
        return f"\033[{colour}m{words}\033[0m"
    return words


def tell(key, **values):
    """Prints it."""
    say(text(key, **values))


def labelled(key, words, colour=0, indent=LABEL):
    """A label of ours (or what stands in its place) in a colour, and the words beside it, in lines of at most 80 columns."""
    label = text(key) if key in WORDS else key
    lines = [line for paragraph in words.split("\n") for line in text_table.lines_of(paragraph, WIDE - indent)]
    blanks = " " * (indent - terminal.width(label))
    first = (coloured(label, colour) if colour else label) + blanks + lines[0]
    return ("\n" + " " * indent).join([first, *lines[1:]])
