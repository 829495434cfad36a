"""suite_words.py - what break.sh and compare.sh say, in English or Chinese (language.py).

WORDS are sentences of the tools themselves: text() fills them in. What the database says is English there, as it is in
tables.md: told() has its Chinese, by the whole text (CHINESE) or by its form, where figures and names are in it (FORMS).
"""
import re

from language import is_chinese

WORDS = {
    # break.sh
    "which scenario": ("which scenario? try --help", "哪一种情形？请看 --help"),
    "no scenario": ("there is no scenario '{name}': try --help", "没有“{name}”这种情形：请看 --help"),
    "by hand": ("By hand, in two terminals (from the repository):", "手工运行，用两个终端（在仓库的目录里）："),
    "heading": ("{name}: {title}", "{name}：{title}"),

    # How a comparison goes, and how it ends early.
    "ended": ("ended: {words}", "已结束：{words}"),
    "nothing measured": ("nothing was measured", "什么也没有测量"),
    "measured so far": ("'{out}' has what was measured so far", "已测量的都在“{out}”里"),
    "none kept": ("no result is kept", "没有保留任何结果"),
    "redraw": ("{command} makes what is missing of tables, charts and page", "{command} 可以补上缺少的表格、图表和网页"),
    "redraw again": ("{command} begins again", "{command} 可以重新开始"),
    "ended early": ("ended early: tables and charts are made of what there is", "提前结束：表格和图表用已有的结果来做"),
    "no valid run": ("not measured, no valid run: {models}", "没有测到，没有一次有效的运行：{models}"),
    "why": ("{what} ({why})", "{what}（{why}）"),
    "writing": ("writing tables and charts", "正在写表格和图表"),
    "no tables": ("the tables cannot be written", "表格写不了"),
    "no charts": ("the charts cannot be drawn", "图表画不了"),
    "no look": ("the servers cannot be looked at", "无法查看各服务器"),
    "no page": ("the page cannot be made", "网页做不了"),
    "attempt": ("{what}: {why}", "{what}：{why}"),
    "note": ("Note: {text}", "注意：{text}"),

    # live.sh
    "live here": ("open {address} on this machine", "在本机打开 {address}"),
    "live there": ("phones: {address}", "手机：{address}"),
    "live direct": ("to push the buttons from another machine: {address}", "在另一台机器上按按钮：{address}"),
    "live only here": ("for phones in the room: --address 0.0.0.0", "让教室里的手机参加：--address 0.0.0.0"),
    "live no qr": ("(no QR code of it: scripts/setup.sh --live installs qrencode)",
                   "（没有它的二维码：scripts/setup.sh --live 会安装 qrencode）"),

    # Building, and looking at the servers.
    "ignored": ("ignored from your environment: {names}: the suite builds and runs with an environment of its own",
                "不理会你环境里的 {names}：本套件编译和运行都用自己的环境"),
    "being built": ("another script is building {directory}: waiting for it", "另一个脚本正在编译 {directory}：等它"),
    "configuring": ("configuring {directory}", "正在配置 {directory}"),
    "building": ("building {directory}: {step} of {steps}", "正在编译 {directory}：{step}/{steps}"),
    "build steps": ("building {directory}: {steps} steps", "正在编译 {directory}：{steps} 步"),
    "unfit": ("build/ is not fit for measuring: {why}; using build-release/",
              "build/ 不适合测量：{why}；改用 build-release/"),
    "looking": ("looking at the servers, {step}", "正在查看各服务器，{step}"),
    "1 of 3": ("1 of 3: their sources", "1/3：源代码"),
    "2 of 3": ("2 of 3: what gdb sees of a client", "2/3：gdb 看到的客户端"),
    "3 of 3": ("3 of 3: one conversation each", "3/3：各一次对话"),
    "no sources": ("the sources cannot be looked at", "无法查看源代码"),
    "no exam": ("the backtrace exam cannot be held", "调用栈考试做不了"),
    "no trace": ("no conversation can be traced", "无法跟踪对话"),
    "no reading": ("no conversation can be read", "无法读出对话"),
    "page without sources": ("the page shows no sources", "网页上没有源代码"),

    # The first figures.
    "against floor": ("messages/s against the echo floor, 95% interval (~: none)",
                      "每秒消息数与 echo floor 之比，95% 区间（~：没有区间）"),
    "part of floor": ("as a part of the floor's messages/s", "占 floor 每秒消息数的比例"),
    "messages/s": ("messages/s", "每秒消息数"),
    "first repetition": (" (first repetition, more follow)", "（第一次重复，后面还有）"),
    "first figures": ("\n{protocol} {workload}, {what}:", "\n{protocol} {workload}，{what}："),
    "clients": ("clients", "客户端数"),
    "floor": ("floor msg/s", "floor 条/秒"),
    "so many clients": ("{clients} clients", "{clients} 个客户端"),
    "and the floor": (", floor {floor}", "，floor {floor}"),
    "race standing": ("  start {start}, {rounds} rounds, {standing}", "  第 {start} 次启动，{rounds} 轮，{standing}"),
    "race ready": ("  start {start}, {runner} connected", "  第 {start} 次启动，{runner} 已连接"),
    "no interval yet": ("no interval yet", "还没有区间"),
    "widest": ("widest +-{percent}% ({lane})", "最宽 ±{percent}%（{lane}）"),

    # The end of a comparison.
    "Echo": ("Echo", "echo"), "WebSocket echo": ("WebSocket echo", "WebSocket echo"),
    "not all": ("This is not all that was planned, {state}.", "这不是计划的全部，{state}。"),
    "comparison": ("{title}: 95% interval of messages/s against the echo floor at so many clients, one message in flight "
                   "each; of the floor, messages/s. ~: no interval.",
                   "{title}：在各客户端数下，每秒消息数与 echo floor 之比的 95% 区间，每个客户端一条消息在途；"
                   "floor 一行是每秒消息数。~：没有区间。"),
    "costs": ("Each message, and each connection. CPU and memory: echo, at the number of clients nearest to 1,000. Open loop: "
              "the same rate for all. Calls: from a pass under strace.",
              "每条消息和每个连接的代价。CPU 和内存：echo，取最接近 1,000 的客户端数。开环：大家速率相同。系统调用：来自 strace 下的一次运行。"),
    "served only": (" (served {count})", "（服务 {count}）"),
    "ladder": ("The io_uring ladder: messages/s of each step against the one before.",
               "io_uring 阶梯：每一步的每秒消息数与前一步之比。"),
    "most clients": ("The most clients that each model holds:", "每个模型最多能保持的客户端数："),
    "highest rate": ("The highest rate that each model holds, messages/s:", "每个模型能保持的最高速率，每秒消息数："),
    "good clients feel": ("What the good clients feel: p99 against calm, or messages/s, or how many were served.",
                          "正常客户端的感受：p99 与 calm 之比，或每秒消息数，或多少得到服务。"),
    "twins": ("The naive twins, each beside what it is a twin of:", "天真版本，各与它所对应的服务器并列："),
    "among idle": ("190 active clients, alone and among 18,810 idle ones; the bar: p99 at most twice that of alone.",
                   "190 个活跃客户端，单独时和在 18,810 个空闲客户端之中；标准：p99 最多是单独时的两倍。"),
    "one connection": ("What one connection costs:", "一个连接的代价："),
    "tls costs": ("The same server without TLS, and with it:", "同一个服务器，不用 TLS 和用 TLS："),
    "of points": ("Of {count} points (tables.md has each with its labels):", "{count} 个点之中（每个点及其标签见 tables.md）："),
    "failed points": ("  failed {count}: runs could not be made, and are left out", "  failed {count}：有的运行没有做成，不计入"),
    "label": ("  {label} {count}: {why}", "  {label} {count}：{why}"),
    "page": ("page:     {path}", "网页：  {path}"),
    "open with": ("          {command}", "        {command}"),
    "in a browser": ("open it in a browser", "用浏览器打开"),
    "tables": ("tables:   {path}", "表格：  {path}"),
    "charts": ("charts:   {path}", "图表：  {path}"),
    "database": ("database: {path}", "数据库：{path}"),

    # What was found.
    "and": (" and ", " 和 "), "comma": (", ", "、"), "semicolon": ("; ", "；"), "stop": (".", "。"),
    "all served": ("{models} served every one", "{models} 服务了全部"),
    "none served all": ("no model served every one", "没有一个模型服务了全部"),
    "served": ("{model} served {count}", "{model} 服务了 {count} 个"),
    "who served": ("Echo, {clients} client{s}: {what}.", "echo，{clients} 个客户端：{what}。"),
    "no run": ("No run was valid: there is nothing to compare.", "没有一次运行有效：没有什么可比较的。"),
    "not raced": ("Nothing was raced: which model is faster cannot be told.", "没有同场比赛：无法判断哪个模型更快。"),
    "leaders": ("At {clients}, no model is told to be faster than {models}",
                "{clients} 个客户端时，没有哪个模型判定为比 {models} 更快"),
    "all leaders": ("At {clients}, it cannot be told which of {models} is fastest",
                    "{clients} 个客户端时，无法判断 {models} 中哪个最快"),
    "slower": ("; slower: {models}", "；更慢的：{models}"),
    "slower than each": ("; slower than each of them: {models}", "；比它们都慢的：{models}"),
    "open": ("; cannot be told: {models}", "；无法判断的：{models}"),
    "brake": (" The load generator was the brake of {models}: compare CPU us/msg.",
              "{models} 的瓶颈在负载生成器：请比较每条消息的 CPU 时间。"),
    "steps": ("Echo, {clients} clients, messages/s against the step before: {what}.",
              "echo，{clients} 个客户端，每秒消息数与前一步之比：{what}。"),
    "step": ("{model} {change}", "{model} {change}"),
    "same steps": ("{count} of {all} steps are the same as before", "{all} 步中有 {count} 步与前一步相同"),
    "open steps": ("of {count} of {all} steps it cannot be told", "{all} 步中有 {count} 步无法判断"),
    "times": ("Echo, p99 of 190 active clients among 18,810 idle ones, against alone: {what}.",
              "echo，190 个活跃客户端在 18,810 个空闲客户端之中的 p99，与单独时之比：{what}。"),
    "held clients": ("The most echo clients held: {what}.", "保持的 echo 客户端最多：{what}。"),
    "held rate": ("The highest echo rate held, messages/s: {what}.", "保持的 echo 速率最高，每秒消息数：{what}。"),
    "tls messages": ("WebSocket, server CPU per message with TLS against without: {what}.",
                     "WebSocket，用 TLS 与不用时每条消息的服务器 CPU 时间之比：{what}。"),
    "tls message": ("{workload} {ratio}", "{workload} {ratio}"),
    "tls handshake": ("A connection with TLS takes {more} us more of the server's CPU.", "一个用 TLS 的连接多用服务器 {more} us 的 CPU 时间。"),
    "harmed": ("{model} in {count} of {all} trials", "{model} 在 {all} 次试验中 {count} 次"),
    "harm": ("What must not be, happened to {what}.", "不该发生的事，发生的次数：{what}。"),

    # --predictions
    "no UTF-8": ("it is no text in UTF-8", "它不是 UTF-8 的文本"),
    "no file": ("--predictions '{path}' cannot be read: {why}; name a file", "--predictions “{path}”无法读取：{why}；请给出一个文件"),
    "no prediction": ("line {number}: '{words}' is not model, topic and word, such as `bio throughput low`",
                      "第 {number} 行：“{words}”不是模型、项目和评语，例如 `bio 吞吐量 低`"),
    "no model": ("'{given}' is no model", "“{given}”不是模型"),
    "no topic": ("'{given}' is no topic", "“{given}”不是项目"),
    "no word": ("'{given}' is no word for {topic}", "“{given}”不是{topic}的评语"),
    "give one": (": give one of {known}", "：请给出其中之一：{known}"),
    "either": ("{en}", "{zh}"),
}

# As the page has them (scripts/report/js/words.js), where it has them.
CHINESE = {
    # The titles of scenarios: scripts/sql/workloads.sql.
    "nobody else, open loop": "无人打扰，开环",
    "20 more send a byte per segment": "另有 20 个每段只发 1 字节",
    "20 more send 64 messages in a segment": "另有 20 个每段发 64 条消息",
    "20 more send half a message, and stall": "另有 20 个发半条消息后停住",
    "20 more reset in mid-message": "另有 20 个在消息中途复位",
    "20 more connect, and are never heard of again": "另有 20 个连接后再无音讯",
    "20 more send all they can, and read nothing": "另有 20 个拼命发送、从不读取",
    "20 more send random bytes": "另有 20 个发送随机字节",
    "20 more connect and are gone, all the time": "另有 20 个不断连接又离开",
    "1,000 more send a byte every half second": "另有 1,000 个每半秒发 1 字节",
    "20 more announce 2^40 bytes": "另有 20 个声称要发 2^40 字节",
    "all are cut at once, and come back": "所有客户端同时断线又回来",
    "20 clients, as fast as they can": "20 个客户端，尽快收发",
    "2,000 clients, as fast as they can": "2,000 个客户端，尽快收发",
    "20 clients, a handler that blocks for 10 ms": "20 个客户端，处理函数阻塞 10 ms",
    "50 clients, messages of 1 MiB": "50 个客户端，每条消息 1 MiB",
    "20 clients, 16 messages in each segment": "20 个客户端，每段 16 条消息",
    "100 clients, 64 descriptors": "100 个客户端，64 个描述符",
    "1,000 clients, 64 MiB of address space": "1,000 个客户端，64 MiB 地址空间",
    "20 clients, 10 workers, 5 places to wait in": "20 个客户端，10 个工作线程，5 个排队位置",
    "500 clients, 16 receive buffers": "500 个客户端，16 个接收缓冲区",
    "4,000 clients, 64 buffers, 2,048 completions": "4,000 个客户端，64 个缓冲区，2,048 个完成项",
    "20 come and go, beside 20 that are slow": "20 个来来去去，旁边 20 个很慢",
    "20 clients at 10/s each, 2 more come and go": "20 个客户端每秒各 10 条，另有 2 个来来去去",

    # Heads of tables.
    "server": "服务器", "outcome": "结果", "clients that failed": "失败的客户端", "msg/s": "条/秒",
    "files / threads": "文件 / 线程", "back as before": "恢复原状", "what the server counted": "服务器的计数",
    "protocol": "协议", "model": "模型", "clients": "客户端数", "workload": "负载", "against it": "与前一步比",
    "CPU us/msg": "CPU us/条", "calls/msg": "调用/条", "open loop p99 us: echo": "开环 p99 us：echo",
    "calls/msg: echo": "调用/条：echo", "bytes/connection": "字节/连接", "held": "保持", "not held": "未能保持",
    "server CPU": "服务器 CPU", "loadgen CPU": "负载生成器 CPU", "twin": "天真版本", "does": "它的表现",
    "twin of": "对应的服务器", "which does": "服务器的表现", "alone p99 us": "单独 p99 us", "among p99 us": "其中 p99 us",
    "p99, times": "p99 倍数", "bar": "标准", "served": "得到服务", "failed": "失败", "own bytes": "自己的字节",
    "kernel's bytes": "内核的字节", "set-ups/s": "建立/秒", "server CPU us each": "每次服务器 CPU us", "of floor": "与 floor 之比",
    "msg/s without": "条/秒，不用 TLS", "with": "用 TLS", "with ": "用 TLS ", "with/without": "之比", "with/without ": "之比 ",
    "CPU us without": "CPU us，不用 TLS",

    # Cells.
    "naive": "天真", "none": "无", "the server": "服务器", "wrong bytes": "字节错误", "does not start": "无法启动",
    "not measured": "没有测到", "spins": "空转", "nothing answered": "没有应答", "nothing": "没有应答", "not back": "没有恢复",
    "no new client": "不再接受新客户端", "void": "作废", "met": "达到", "MISSED": "未达到", "the yardstick": "标尺",
    "cannot be told": "无法判断", "n/a: the search failed": "n/a：搜索失败", "n/a: see the labels": "n/a：见标签",

    # Labels: views.sql.
    "wrong bytes came back: no figure of this point is a result": "收到了错误的字节：这个点的任何数字都不是结果",
    "the load generator ran out of descriptors or ports": "负载生成器的描述符或端口用完了",
    "the load generator was the brake: throughput is a floor, read the CPU per message":
        "瓶颈在负载生成器：吞吐量只是下限，请看每条消息的 CPU 时间",
    "no message was answered in the window: see Failures and Warnings": "测量时间内没有任何应答",
    "open loop: less than 95% of the rate was answered": "开环：应答的消息不到应发速率的 95%",
    "something else had the CPU: for more than half of its slices in a race, or for a tenth of a run":
        "别的程序在比赛中占用了一半以上的时间片，或在其他运行中用了十分之一以上的 CPU",
    "clients in flight and throughput x mean latency differ by more than 5%, and than the borders of the windows explain":
        "在途客户端数与吞吐量乘以平均延迟相差超过 5%，且不能由窗口边界处的在途消息解释",
    "the server did not stop in time after the run": "运行结束后服务器没有及时停止",
    "server and load generator had to share one CPU": "服务器和负载生成器只能共用一个 CPU",
    "one process, where other servers are several": "只有一个进程，而其他服务器有几个",

    # Why a run failed, or a model is missing.
    "wrong bytes came back": "收到了错误的字节", "no message was answered": "没有任何应答", "not built": "没有编译",
    "the server did not stop in time and was killed": "服务器没有及时停止，被杀死了",
    "no rate: no capacity was measured for this point": "没有速率：没有测量过这个点的容量",
    "not built: liburing 2.3 or later was not found when the build was configured":
        "没有编译：配置时没有找到 liburing 2.3 或更新的版本",
    "it has no --share-port, so that several processes cannot serve one port": "它没有 --share-port，几个进程不能共用一个端口",
    "strace is missing": "没有 strace",

    # Notes.
    "Server and load generator share one CPU: they slow each other down, and no figure here is a capacity.":
        "服务器和负载生成器共用一个 CPU：它们互相拖慢，这里没有一个数字是容量。",
}

FORMS = [(re.compile(form, re.DOTALL), chinese) for form, chinese in (
    (r"twin: (.*)", "天真版本：{}"),
    (r"only (.*)", "只有 {}"),

    (r"dies, status (\d+)", "死亡，状态 {}"),
    (r"([\d.e+]+) of (\d+) fail", "{1} 个中 {0} 个失败"),
    (r"([\d.e+]+) of (\d+), (\d+)% CPU", "{1} 个中 {0} 个，CPU {2}%"),
    (r"(\d+)% CPU", "CPU {}%"),
    (r"(\d+) of (\d+)/s", "{1}/s 中的 {0}/s"),
    (r"back in (\d+) ms", "{} ms 恢复"),
    (r"(x[\d.]+): cannot be told (\(.*\))", "{} {}：无法判断"),
    (r"at least ([\d,]+)", "至少 {}"),
    (r"n/a: (\S+) was not measured", "n/a：没有测量 {}"),
    (r"([\d.]+), no interval", "{}，没有区间"),
    (r"([\d.]+(?: \([\d.-]+\))?|n/a) faster", "{} 更快"),
    (r"([\d.]+(?: \([\d.-]+\))?|n/a) slower", "{} 更慢"),
    (r"([\d.]+(?: \([\d.-]+\))?|n/a) cannot be told", "{} 无法判断"),
    (r"([\d.]+(?: \([\d.-]+\))?|n/a) the same within ([\d.]+)%", "{} 相差不超过 {}%"),

    (r"partial: (\d+) of (\d+) runs", "只做了一部分：{1} 次运行中的 {0} 次"),
    (r"the server ended by itself with status (-?\d+)", "服务器自己结束了，状态 {}"),
    (r"the server ended by itself with status (-?\d+): (.*)", "服务器自己结束了，状态 {}：{}"),
    (r"the server did not start: (.*)", "服务器没有启动：{}"),
    (r"the load generator ended with status (-?\d+): (.*)", "负载生成器结束了，状态 {}：{}"),
    (r"the load generator left no result: (.*)", "负载生成器没有留下结果：{}"),
    (r"io_uring is refused here: (.*)", "这里拒绝 io_uring：{}"),
    (r"its --probe did not end within (\d+) s", "它的 --probe 没有在 {} 秒之内结束"),
    (r"strace does not work here \((.*)\)", "strace 在这里不能用（{}）"),
    (r"the hard descriptor limit, ulimit -Hn, is (\d+), of which (\d+) are kept back",
     "描述符的硬上限 ulimit -Hn 是 {}，其中保留 {} 个"),

    (r"(\S+) is not measured: (.*)", "没有测量 {}：{}"),
    (r"Dropped: (\d+) clients\. The limit here is (\d+) \((.*)\)\.", "去掉 {} 个客户端：这里的上限是 {}（{}）。"),
    (r"Load came from (\d+) other hosts? over the network \((.*)\): these figures are not those of loopback\.",
     "负载经网络来自另外 {} 台主机（{}）：这些数字不是 loopback 的数字。"),
    (r"Load came from hosts on the machine of the servers \((.*)\): they share its CPUs, and no figure here is of two machines\.",
     "负载来自服务器所在机器上的主机（{}）：它们共用这台机器的 CPU，这里没有一个数字是两台机器之间的。"),
    (r"(\d+) processes of each server share a port\. A yardstick is one process \(label one-process\), and so is a server "
     r"under strace\.", "每个服务器有 {} 个进程共用一个端口。标尺只有一个进程（标签 one-process），strace 下的服务器也是。"),
    (r"These (\d+) processes have (\d+) CPUs?, as the load generator needs the others: the figures do not show how a model "
     r"scales\.", "这 {} 个进程只有 {} 个 CPU，其余的要留给负载生成器：这些数字不能说明一个模型怎样扩展。"),
    (r"(.*): system calls per message are not counted\.", "{}：不统计每条消息的系统调用。"),
    (r"The machine was busy before the first run \(load average (.*)\): expect noise\.",
     "第一次运行之前机器就很忙（平均负载 {}）：数字会有波动。"),
    (r"net\.core\.somaxconn is (\d+): the servers' backlog of 4096 is cut to that\.",
     "net.core.somaxconn 是 {}：服务器的 backlog 4096 被截到这么多。"),
    (r"(\d+) of (\d+) controls are off \(a server against itself: 1 is outside the interval\): (.*)\. About 1 in 20 is chance; "
     r"if it is more, do not trust the intervals\.",
     "{1} 个对照中有 {0} 个偏离（服务器与自身之比：1 在区间之外）：{2}。大约二十分之一是偶然；若更多，请不要相信这些区间。"),
    (r"(\d+) runs: (.*); clients (.*); (\d+) repetitions of (\S+) s after (\S+) s of warm-up, or starts of a race\. "
     r"About (\d+) minutes\.",
     "{} 次运行：{}；客户端数 {}；重复 {} 次，每次 {} 秒，先预热 {} 秒（比赛则是启动的次数）。大约 {} 分钟。"),
    (r"(\[ *\d+/\d+\] \S+ +\S+ +)(\d+|all) clients  (.*?) +rep (\d+)  (\d+)m(\d+)s left",
     "{}{} 个客户端  {}  第 {} 次  还剩 {}m{}s"),
    (r"(\S+ \S+), ([\d,]+) clients?:", "{}，{} 个客户端："),
)]


def text(key, **values):
    """A sentence of ours."""
    return WORDS[key][is_chinese()].format(**values)


def told(words):
    """A text of the database, in the terminal's language; as it is, where there is no Chinese for it."""
    if not is_chinese():
        return words
    if words in CHINESE:
        return CHINESE[words]
    for form, chinese in FORMS:
        if found := form.fullmatch(str(words)):
            return chinese.format(*map(told, found.groups()))
    return words


def listed(words):
    """a, b and c."""
    words = list(words)
    return text("and").join(filter(None, (text("comma").join(words[:-1]), words[-1] if words else "")))
