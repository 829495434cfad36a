#!/usr/bin/env python3
"""docs/failures.md and docs/failures.zh.md: every scenario and every naive twin has its page, and every failure that the
lecture notes name.

    tests/check_failures.py [REPOSITORY]

Prints each finding and ends with status 1; silence and status 0 mean that all is well.
"""
import pathlib
import re
import sqlite3
import sys

DOCUMENTS = ["docs/failures.md", "docs/failures.zh.md"]

# As the notes have them, in their order.
NOTES = ["性能急剧下降", "堆栈溢出", "创建线程失败", "进程宕机", "缺乏弹性伸缩能力", "线程池阻塞", "不限定最大客户端连接", "future", "回调",
         "断连重连", "网络闪断", "半包读写", "失败缓存", "网络拥塞", "异常码流", "空轮询"]


def findings(root, document):
    """What is missing in it."""
    text = (root / document).read_text(encoding="utf-8")
    words = sqlite3.connect(":memory:")
    for name in "schema", "workloads":
        words.executescript((root / f"scripts/sql/{name}.sql").read_text(encoding="utf-8"))
    for (workload,) in words.execute("select workload from profile_workload where profile = 'reliability'"):
        if not re.search(rf"^<!-- \$ scripts/break\.sh {workload}\b", text, re.MULTILINE):
            yield f"no page runs scripts/break.sh {workload}"
    for (twin,) in words.execute("select name from model where twin_of is not null"):
        if twin not in text:
            yield f"no page names the twin {twin}"
    for term in NOTES:
        if term not in text:
            yield f"the notes' {term} has no page"
    if re.search(r"^<!-- \$ .* -->\n```\n```", text, re.MULTILINE):
        yield "a block is empty: scripts/failures.sh"


def main():
    """Status 1 if something is missing."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
    missing = [f"{document}: {line}" for document in DOCUMENTS for line in findings(root, document)]
    for line in missing:
        print(line)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
