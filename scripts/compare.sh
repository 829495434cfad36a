#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# compare.sh - measures the I/O models, and a framework, against each other on this machine: results/<time>/ gets a
# database of all runs, tables, charts and a page. scripts/suite/compare.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    if in_chinese; then usage_in_chinese; else usage_in_english; fi
}

usage_in_english() {
    cat <<'END'
usage: scripts/compare.sh [options]

Builds everything and measures bio, pseudo_async, nio, aio and aio_future, as echo and as WebSocket servers, with a bare
epoll echo (floor) as the yardstick. Needs nothing but a network for the first run: scripts/setup.sh fetches the rest.

How much (without one of these: about 6 minutes):
  --quick             a first impression in about 2 minutes
  --full              more client counts, 5 repetitions, open loop at 50% and 80% of each model's capacity: half an hour
  --bench             what scripts/bench.sh needs
  --scenario NAME     a question of its own, with its own models, workloads, tables and charts; excludes the three above
                        ladder       the steps of aio/ladder: what each feature of io_uring brings
                        scale        19,000 connections: what each costs, idle and active
                        capacity     the most clients, and the highest rate, that each holds: 10 minutes
                        tls          what TLS costs: the framework with it, against itself without it: 1 minute
                        reliability  bad neighbours, and too little of everything, for the models and their naive
                                     twins: 12 minutes

Of that, only a part, or otherwise:
  --models A,B        of bio,pseudo_async,nio,aio,aio_future,framework, or of the scenario's own
  --protocols A,B     of echo,ws
  --workloads A,B     of the scenario's own, which are named in scripts/sql/workloads.sql
  --clients N,N       client counts, such as 1,10,100
  --repeat N          repetitions of each run, starts of each race
  --duration S        measured seconds of each run (of a race: for each model and start); fractions are fine
  --warmup S          seconds before them
  --processes N       N processes of each server share a port (default 1, at most 64), on N CPUs, but not more than half
                      of the cores: how a model scales; not with --bench, nor the scenarios ladder and reliability
  --load-hosts FILE   load comes from these other hosts, one a line, where this checkout is built at the same path: see
                      docs/many_hosts.md; not with --bench, nor the scenarios ladder, capacity and reliability
  --server-host HOST  with --load-hosts: all this on that host, by ssh; the results are brought here

The results:
  --out DIR           where they go: must be empty or not exist (default results/<time>)
  --against DIR       put the page's figures beside those of DIR/results.db: another machine, kernel, or version
  --predictions FILE  what you expect, for the page's table: lines of model, topic and word, such as
                      `bio throughput low` or `bio 吞吐量 低` (topics and words: scripts/sql/textbook.sql)
  --redraw DIR        measures nothing: makes tables, charts and the page again from DIR/results.db

  --build DIR         build directory (default build; build-release if build is not fit for measuring)
  -h, --help

Ctrl-C ends it early: tables and charts are then made of what there is, and say so.
Exit status: 0 measured; 1 a model has no valid run (the last line says which, and why); 2 could not begin; 130 Ctrl-C.
END
}

# How long each takes is said in one place: README.zh.md.
usage_in_chinese() {
    cat <<'END'
usage: scripts/compare.sh [options]

编译一切，并测量 bio、pseudo_async、nio、aio、aio_future，作为 echo 服务器和 WebSocket 服务器，
以最简的 epoll echo（floor）为标尺。除了第一次运行需要网络，什么都不需要：其余的由 scripts/setup.sh 安装。
各要多久：README.zh.md。

测量多少：
  --quick             得到第一印象
  --full              更多的客户端数，重复 5 次，另加每个模型容量的 50% 和 80% 的开环
  --bench             scripts/bench.sh 需要的
  --scenario NAME     单独的一个问题，有自己的模型、负载、表格和图表；不能与上面三个同用
                        ladder       aio/ladder 的各步：io_uring 的每个特性带来什么
                        scale        19,000 个连接：每个连接空闲时和活跃时各花多少
                        capacity     每个模型最多能保持多少客户端，多高的速率
                        tls          TLS 花多少：框架用 TLS，与它自己不用时比
                        reliability  坏邻居，以及各种资源都太少，对各模型和它们的天真版本

其中只做一部分，或换一种做法：
  --models A,B        从 bio,pseudo_async,nio,aio,aio_future,framework 里选，或从该情形自己的模型里选
  --protocols A,B     从 echo,ws 里选
  --workloads A,B     从该情形自己的负载里选，名字在 scripts/sql/workloads.sql
  --clients N,N       客户端数，例如 1,10,100
  --repeat N          每次运行重复几次，每场比赛启动几次
  --duration S        每次运行测量几秒（比赛：每个模型、每次启动）；可以是小数
  --warmup S          之前预热几秒
  --processes N       每个服务器有 N 个进程共用一个端口（默认 1，最多 64），用 N 个 CPU，但不超过一半的核：
                      模型怎样扩展；不能与 --bench、情形 ladder 和 reliability 同用
  --load-hosts FILE   负载来自这些别的主机，每行一台，那里在同样的路径编译了本项目：见 docs/many_hosts.zh.md；
                      不能与 --bench、情形 ladder、capacity 和 reliability 同用
  --server-host HOST  与 --load-hosts 同用：这一切经 ssh 在那台主机上做，结果取回这里

结果：
  --out DIR           放在哪里：必须是空的或不存在（默认 results/<time>）
  --against DIR       把 DIR/results.db 的数字放在网页的数字旁边：另一台机器、另一个内核或版本
  --predictions FILE  你的预测，放进网页的对比表：每行是模型、项目和评语，例如 `bio 吞吐量 低`
                      （项目和评语：scripts/sql/textbook.sql）
  --redraw DIR        不测量：用 DIR/results.db 重新做表格、图表和网页

  --build DIR         编译目录（默认 build；build 不适合测量时用 build-release）
  -h, --help

Ctrl-C 提前结束：表格和图表用已有的结果来做，并写明这一点。
退出状态：0 测量完毕；1 有的模型没有一次有效的运行（最后一行说明是哪个、为什么）；2 无法开始；130 Ctrl-C。
END
}

enter compare "$@"
