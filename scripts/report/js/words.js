// What the page says, in two languages. The data brings some words of its own, in both, or is English: see `notes`.

export const texts = {
  en: {
    'page.title': 'I/O models, measured',
    'page.lead':
      'The same server, five times: only how it waits for the network differs. Each was measured on one machine, '
      + 'by one load generator that checks every byte.',
    'page.skip': 'To the answer',
    'page.sections': 'sections',
    'page.print': 'Print',
    'page.projector': 'Projector',
    'page.set-up': 'Set-up',
    'page.note-count': 'notes to read with it: {count}',
    'page.notes': 'Read with this in mind',
    'state.complete': 'complete',
    'state.partial': 'not complete: {what}',

    'na': 'n/a',
    'na.why': 'not measured in this run',
    'na.clients': 'not measured at {clients} clients',
    'na.threads': 'threads were not counted in this run',
    'na.answers': 'nothing was answered',
    'yes': '✓',
    'table.model': 'model',
    'table.clients': 'clients',
    'table.protocol': 'protocol',
    'table.figure': 'figure',
    'table.spread': '{least} to {greatest} in the repetitions',
    'table.interval': '95% interval: {least} to {greatest}',
    'protocol.echo': 'echo',
    'protocol.ws': 'WebSocket',

    'model.bio': 'a thread per client',
    'model.pseudo_async': 'a pool of threads',
    'model.nio': 'a selector: epoll',
    'model.aio': 'io_uring, callbacks',
    'model.aio_future': 'io_uring, futures',
    'model.framework': 'an event loop: libev',
    'model.floor': 'a bare epoll echo, the yardstick',

    'preface.State': 'State',
    'preface.Measured': 'Measured',
    'preface.Profile': 'Profile',
    'preface.Machine': 'Machine',
    'preface.CPUs': 'CPUs',
    'preface.Kernel': 'Kernel',
    'preface.Mitigations': 'Mitigations',
    'preface.Compiler': 'Compiler',
    'preface.Protocol code': 'Protocol code',
    'preface.liburing': 'liburing',
    'preface.Commit': 'Commit',

    'glance.nav': 'Answer',
    'glance.title': 'The answer at a glance: {clients} clients at once',
    'glance.none': 'The answer at a glance is not here: this run counted no clients up (profile {profile}).',
    'glance.all': 'All {count} models held and served all {clients} clients.',
    'glance.some': '{count} of {of} models held and served all {clients} clients: {models}.',
    'glance.nobody': 'No model served all {clients} clients.',
    'glance.not': 'Not so {model}: {connected} connected, {served} served.',
    'glance.threads': 'threads',
    'glance.place': 'place',
    'glance.place.why': 'among the models that served all; 1-2: no other is faster, and one may be as fast',
    'glance.place.none': 'not all were served, or nothing was raced',
    'glance.rate': 'messages/s, times the floor',
    'glance.per-second': '{rate}/s',
    'glance.p99': 'p99 latency',
    'glance.memory': 'memory per conn.',
    'glance.held': 'connected',
    'glance.served': 'served',
    'glance.fairness': 'Jain’s index, msgs per client',
    'glance.jain': 'Jain’s index of the messages per client: 1 when all have the same number, 1/n when one of n has all',
    'glance.each': '{least} / {median} / {most}',
    'glance.labels': 'labels',
    'glance.chart': 'Messages/s against the floor at {clients} clients: median and 95% interval',
    'label.void': 'wrong bytes came back: no figure of this point is a result',
    'label.failed': 'runs that could not be made; they are left out of the medians',
    'label.client-limit': 'the load generator ran out of descriptors or ports',
    'label.client-bound': 'the load generator was the brake: throughput is a floor, read the CPU per message',
    'label.no-messages': 'no message was answered in the window',
    'label.rate-missed': 'open loop: less than 95% of the rate was answered',
    'label.disturbed':
      'something else had the CPU for more than half of the slices of a race, or for a tenth of another run',
    'label.littles-law': 'clients in flight and throughput x mean latency differ by more than 5%, and than the borders of the windows explain',
    'label.killed': 'the server did not stop in time after the run',
    'label.shared-cpu': 'server and load generator had to share one CPU',
    'label.one-process': 'one process, where other servers are several',
    'glance.missing': '{count} not',
    'glance.only': 'over the {served} clients that were served',
    'glance.footnote': '† only over the clients that were served: not to be compared with the others.',
    'glance.reading':
      'Echo, one message of 64 bytes under way per client; medians. 99% of the messages were answered within '
      + 'p99. Memory is what the server process grows by; the kernel’s socket is not in it.',

    'ratio.rate.more': 'faster',
    'ratio.rate.less': 'slower',
    'ratio.cpu.more': 'needs more CPU',
    'ratio.cpu.less': 'needs less CPU',
    'ratio.same': 'the same within {percent}%',
    'ratio.open': 'cannot be told',
    'ratio.none': 'no interval',
    'ratio.none.why': 'a ratio of medians of runs that were made one after another',
    'ratio.interval': 'median of the ratio within the rounds of a race, and its 95% interval',
    'ratio.needed': 'about {rounds} rounds would tell',
    'ratio.few': 'too few rounds to tell',
    'control.ratio': 'Calibration: {model} against itself {text} ({protocol}, {workload}, {clients} clients).',
    'control.on': '{count} such controls, none of them off.',
    'control.off': '{off} of {count} such controls are off; if more than 1 in 20 is, do not trust the intervals.',
    'control.none': 'No control has an interval: the races had too few rounds to calibrate them.',

    'races.nav': 'Races',
    'races.title': 'Each against each',
    'races.none': 'Nothing was raced in this run: no ratio has an interval, and small differences may be chance.',
    'races.lead':
      'The row’s model against the column’s. All were up at the same time and loaded in turn; compared is what happened '
      + 'within a round, so that what disturbs one disturbs all. In brackets: the 95% interval of the median.',
    'races.against': 'row ÷ column',
    'races.protocol': 'protocol',
    'races.workload': 'workload',
    'races.clients': 'clients',
    'races.figure': 'figure',
    'races.figure.rate': 'messages/s',
    'races.figure.cpu': 'CPU per message',
    'races.went': 'This race: {starts} starts, {rounds} rounds in {seconds} s.',
    'races.narrow': 'It ended because all intervals were narrow.',
    'races.time': 'It ended because its time was over.',
    'races.interrupted': 'It was interrupted.',
    'races.widest': 'The widest interval against the floor: ±{percent}% ({model}).',
    'races.unknown': 'There were too few rounds for some interval.',
    'races.cost': ' To get all to ±{percent}% would take about {rounds} rounds, {minutes} minutes.',
    'races.disturbed': '{disturbed} of {slices} slices were disturbed and do not count.',
    'races.control': 'Control: {model} against itself {text}.',
    'races.control.off': 'Control: {model} against itself {text}, which is off.',
    'workload.ping-pong': 'ping-pong',
    'workload.pipelined': '16 messages under way',
    'workload.open-loop': 'open loop',

    'comparison.nav': 'The table',
    'comparison.title': 'The lecture notes’ table, and what was measured',
    'comparison.lead':
      'Six rows that the notes put up for comparison. What the textbook says is held against what this run '
      + 'measured. The textbook is the table that Chinese courses and books commonly print; the notes have only the '
      + 'names of its rows.',
    'comparison.lead.predicted':
      'Six rows that the notes put up for comparison. What the textbook says, and what you predicted before the '
      + 'run, is held against what it measured. The textbook is the table that Chinese courses and books commonly '
      + 'print; the notes have only the names of its rows.',
    'comparison.none':
      'The lecture notes’ table is not here: nothing of it was measured in this run (profile {profile}).',
    'comparison.score': 'The textbook agrees with {agree} of {of} measured cells.',
    'comparison.score.you': 'Your predictions agree with {agree} of {of}.',
    'comparison.topic': 'topic',
    'comparison.textbook': 'textbook',
    'comparison.you': 'you',
    'comparison.measured': 'measured',
    'comparison.agrees': 'agrees with the measurement',
    'comparison.differs': 'differs from the measurement',
    'comparison.open': 'not measured',
    'comparison.evidence': 'evidence: {what}',
    'comparison.rules': 'How a measured word comes about',
    'topic.clients': 'number of clients',
    'topic.io_type': 'I/O type',
    'topic.api': 'difficulty of the API',
    'topic.debugging': 'difficulty of debugging',
    'topic.reliability': 'reliability',
    'topic.throughput': 'throughput',
    'topic.none.api': 'the servers’ sources were not counted in this run',
    'topic.none.debugging': 'the backtrace exam was not held in this run: it needs gdb',

    'charts.nav': 'Charts',
    'charts.title': 'Charts, and why they look like that',
    'charts.none': 'There are no charts: this run has no points to draw.',
    'charts.why': 'Why',
    'charts.csv': 'CSV',
    'charts.csv.long': 'download these figures: {chart}',
    'charts.table': 'table',
    'charts.large': 'large',
    'charts.empty': 'This chart has no figures of its own.',
    'charts.undrawn':
      'This chart was not drawn: compare.sh said why when it ended. Its figures are below.',
    'charts.hint': 'Point at a mark, touch it, or go along the marks with the arrow keys, to read its figures.',
    'chart.throughput': 'Throughput',
    'chart.failures': 'Clients that failed',
    'chart.latency-closed': 'Latency, closed loop',
    'chart.latency-open': 'Latency, open loop',
    'chart.cpu': 'CPU time per message',
    'chart.memory': 'Memory per connection',
    'chart.syscalls': 'System calls per message',
    'chart.pipelined': '16 messages under way',
    'chart.reliability': 'Reliability',
    'chart.ladder': 'The io_uring ladder',
    'chart.capacity-clients': 'The most clients',
    'chart.capacity-rate': 'The highest rate',
    'chart.scale-memory': 'Memory of 19,000 connections',
    'chart.scale-set-up': 'Connections set up per second',

    'api.nav': 'API',
    'api.title': 'How difficult is the API?',
    'api.lead': 'Counted in each server’s source, without what they share. Point at a figure to see what was counted. '
      + 'The row with a dot makes up the word in the table above; the others are shown and not weighed.',
    'api.none':
      'The API’s difficulty is not here: the servers’ sources were not counted in this run '
      + '(scripts/report/metrics.py).',
    'api.metric': 'in the source',
    'concerns.nav': 'Reliability in lines',
    'concerns.title': 'Features are easy to write, reliability is hard',
    'concerns.lead': 'Lines of code of each model, by what they are for: its first reading, a correct echo on one page, '
      + 'against its full server. What the full server adds to the model is what it owes peers that are slow, silent, too '
      + 'many, or about to leave.',
    'concerns.none': 'What the lines are for is not shown: the run counted no first readings (scripts/report/concerns.py).',
    'concerns.na': 'n/a: it was not counted',
    'concerns.first': 'first reading',
    'concerns.full': 'full server',
    'concerns.model': 'model',
    'concerns.pressure': 'pressure',
    'concerns.liveness': 'liveness',
    'concerns.draining': 'draining',
    'concerns.goodbye': 'goodbye',
    'concerns.counters': 'counters',
    'concerns.set-up': 'set-up',
    'concerns.all': 'all',
    'concerns.bar': 'against the first reading',
    'metric.lines': 'lines of code',
    'metric.io_lines': 'lines that do I/O',
    'metric.shared_lines': 'lines in the model’s other files',
    'metric.calls': 'distinct calls',
    'metric.flags': 'distinct flags',
    'metric.state_bytes': 'bytes of state per connection',
    'metric.cyclomatic': 'cyclomatic complexity',
    'metric.cognitive': 'cognitive complexity',

    'exam.nav': 'Debugging',
    'exam.title': 'How difficult is debugging? The backtrace exam',
    'exam.none':
      'The backtrace exam is not here: it was not held in this run. It needs gdb, and leave to attach to a '
      + 'process.',
    'journey.nav': 'Journey',
    'journey.title': 'One request’s journey',
    'journey.none': 'The journey of a request is not here: no conversation was traced in this run. It needs strace.',
    'sources.nav': 'Sources',
    'sources.title': 'The five servers, side by side',
    'sources.none': 'The servers’ sources are not here: the page was built without them (build.py --sources).',
    'section.broken': '{name}: not here, for it cannot be shown: {why}',

    'reliability.nav': 'Reliability',
    'reliability.title': 'Reliability: what the good clients feel',
    'reliability.lead':
      'Good clients, beside others that do what they should not, or with too little of everything. A multiple '
      + '(x2.0) is the p99 of the good ones against that of nobody disturbing them, where that was measured. Point at a figure to see what '
      + 'is left afterwards: how long after the last connection descriptors and threads were back, and how much '
      + 'memory is kept. Marked is what must not be.',
    'reliability.none':
      'Reliability under bad neighbours is not here: it has a run of its own, scripts/compare.sh --scenario '
      + 'reliability.',
    'reliability.under': 'under',
    'reliability.harm': 'harm',
    'reliability.after': 'afterwards: {what}',
    'reliability.na': 'this model is not put to this',
    'reliability.twins': 'The naive twins',
    'reliability.twins.lead':
      'Servers with one mistake each, under what that mistake is about, beside the server that each is a twin of.',
    'reliability.twin': 'naive twin',
    'reliability.twin.does': 'what it does',
    'reliability.twin.of': 'its server',
    'reliability.twin.of.does': 'which does',
    'reliability.twins.none': 'None of those that were measured speaks this protocol.',
    'cell.us': '{0} µs',
    'cell.dies': 'dies, status {0}',
    'cell.fail': '{0} of {1} fail',
    'cell.back': 'back in {0} ms',
    'cell.served': '{0} of {1}, {2}% CPU',
    'cell.spins': 'spins',
    'cell.wrong bytes': 'wrong bytes',
    'cell.does not start': 'does not start',
    'cell.not measured': 'not measured',
    'cell.not back': 'not back',
    'cell.no new client': 'no new client',
    'cell.nothing': 'nothing',

    'against.nav': 'Other run',
    'against.title': 'Compared with another run: {label}',
    'against.none': 'No other run was given to compare with (scripts/compare.sh --against).',
    'against.lead':
      'Of {rows} figures, {beyond} have ranges (min..max over the repetitions) that do not touch. Only those are '
      + 'shown, unless you ask for all. With 3 repetitions on each side one in ten does so by chance.',
    'against.same': 'The two runs were made in the same set-up.',
    'against.differ': 'What differs in the set-up',
    'against.what': 'what',
    'against.here': 'here',
    'against.there': 'there',
    'against.change': 'change',
    'against.workload': 'workload',
    'against.beyond': 'beyond the spread',
    'against.within': 'within the spread',
    'against.filter': 'find',
    'against.filter.hint': 'a model, a workload, a figure …',
    'against.all': 'those within the spread, too',
    'against.shown': '{shown} of {rows} shown',
    'against.nothing': 'Nothing fits.',

    'metadata.title': 'All that is known of machine and build',
    'metadata.key': 'what',
    'metadata.value': 'value',
  },
  zh: {
    'page.title': 'I/O 模型实测',
    'page.lead': '同一个服务器写了五遍，区别只在于怎样等待网络。全部在同一台机器上、由同一个逐字节核对的负载生成器测量。',
    'page.skip': '跳到结论',
    'page.sections': '各部分',
    'page.print': '打印',
    'page.projector': '投影',
    'page.set-up': '测量条件',
    'page.note-count': '阅读时请注意：{count} 条',
    'page.notes': '阅读时请注意',
    'state.complete': '完整',
    'state.partial': '不完整：{what}',

    'na': 'n/a',
    'na.why': '本次运行没有测量',
    'na.clients': '没有在 {clients} 个客户端时测量',
    'na.threads': '本次运行没有统计线程数',
    'na.answers': '没有任何应答',
    'yes': '✓',
    'table.model': '模型',
    'table.clients': '客户端数',
    'table.protocol': '协议',
    'table.figure': '指标',
    'table.spread': '各次重复在 {least} 至 {greatest} 之间',
    'table.interval': '95% 区间：{least} 至 {greatest}',
    'protocol.echo': 'echo',
    'protocol.ws': 'WebSocket',

    'model.bio': '每个客户端一个线程',
    'model.pseudo_async': '线程池（伪异步）',
    'model.nio': '多路复用器：epoll',
    'model.aio': 'io_uring，回调',
    'model.aio_future': 'io_uring，Future',
    'model.framework': '事件循环：libev',
    'model.floor': '最简的 epoll echo，作为标尺',

    'preface.State': '状态',
    'preface.Measured': '测量时间',
    'preface.Profile': '方案',
    'preface.Machine': '机器',
    'preface.CPUs': 'CPU 分配',
    'preface.Kernel': '内核',
    'preface.Mitigations': 'CPU 漏洞缓解',
    'preface.Compiler': '编译器',
    'preface.Protocol code': '协议代码',
    'preface.liburing': 'liburing',
    'preface.Commit': '提交',

    'glance.nav': '结论',
    'glance.title': '一眼看结论：{clients} 个客户端同时在线',
    'glance.none': '这里没有“一眼看结论”：本次运行没有逐级增加客户端（方案 {profile}）。',
    'glance.all': '全部 {count} 个模型都保持并服务了 {clients} 个客户端。',
    'glance.some': '{of} 个模型中有 {count} 个保持并服务了全部 {clients} 个客户端：{models}。',
    'glance.nobody': '没有一个模型服务了全部 {clients} 个客户端。',
    'glance.not': '{model} 没有做到：{connected} 个已连接，{served} 个得到服务。',
    'glance.threads': '线程数',
    'glance.place': '名次',
    'glance.place.why': '在服务了全部客户端的模型中；1-2：没有更快的，但有一个可能一样快',
    'glance.place.none': '没有服务全部客户端，或没有同场比赛',
    'glance.rate': '每秒消息数，为 floor 的倍数',
    'glance.per-second': '每秒 {rate} 条',
    'glance.p99': 'p99 延迟',
    'glance.memory': '每个连接的内存',
    'glance.held': '保持的连接',
    'glance.served': '得到服务',
    'glance.fairness': 'Jain 指数，每客户端消息数',
    'glance.jain': '每个客户端消息数的 Jain 指数：全部相同为 1；n 个客户端中一个独占为 1/n',
    'glance.each': '{least} / {median} / {most}',
    'glance.labels': '标签',
    'glance.chart': '{clients} 个客户端时每秒消息数与 floor 之比：中位数及 95% 区间',
    'label.void': '收到了错误的字节：这个点的任何数字都不是结果',
    'label.failed': '有的运行没有做成，不计入中位数',
    'label.client-limit': '负载生成器的描述符或端口用完了',
    'label.client-bound': '瓶颈在负载生成器：吞吐量只是下限，请看每条消息的 CPU 时间',
    'label.no-messages': '测量时间内没有任何应答',
    'label.rate-missed': '开环：应答的消息不到应发速率的 95%',
    'label.disturbed': '别的程序在比赛中占用了一半以上的时间片，或在其他运行中用了十分之一以上的 CPU',
    'label.littles-law': '在途客户端数与吞吐量乘以平均延迟相差超过 5%，且不能由窗口边界处的在途消息解释',
    'label.killed': '运行结束后服务器没有及时停止',
    'label.shared-cpu': '服务器和负载生成器只能共用一个 CPU',
    'label.one-process': '只有一个进程，而其他服务器有几个',
    'glance.missing': '{count} 个没有',
    'glance.only': '只统计得到服务的 {served} 个客户端',
    'glance.footnote': '† 只统计得到服务的客户端：不能与其他模型比较。',
    'glance.reading': 'echo 协议，每个客户端同时只有一条 64 字节的消息在途；取中位数。99% 的消息在 p99 之内得到应答。内存指服务器进程的增长，不含内核中的套接字。',

    'ratio.rate.more': '更快',
    'ratio.rate.less': '更慢',
    'ratio.cpu.more': '需要更多 CPU',
    'ratio.cpu.less': '需要更少 CPU',
    'ratio.same': '相差不超过 {percent}%',
    'ratio.open': '无法判断',
    'ratio.none': '没有区间',
    'ratio.none.why': '先后各自运行的中位数之比',
    'ratio.interval': '同场比赛各轮之内比值的中位数及其 95% 区间',
    'ratio.needed': '大约 {rounds} 轮才能判断',
    'ratio.few': '轮数太少，无法判断',
    'control.ratio': '校准：{model} 与自身之比 {text}（{protocol}，{workload}，{clients} 个客户端）。',
    'control.on': '共 {count} 个这样的对照，没有一个偏离。',
    'control.off': '{count} 个这样的对照中有 {off} 个偏离；若超过二十分之一，请不要相信这些区间。',
    'control.none': '没有一个对照有区间：各场比赛的轮数太少，无法校准。',

    'races.nav': '比赛',
    'races.title': '两两相比',
    'races.none': '本次运行没有同场比赛：比值都没有区间，细小的差别可能只是偶然。',
    'races.lead': '行的模型与列的模型之比。所有服务器同时在线，轮流加压；只比较同一轮之内的结果，所以干扰对大家都一样。括号内是中位数的 95% 区间。',
    'races.against': '行 ÷ 列',
    'races.protocol': '协议',
    'races.workload': '负载',
    'races.clients': '客户端数',
    'races.figure': '指标',
    'races.figure.rate': '每秒消息数',
    'races.figure.cpu': '每条消息的 CPU',
    'races.went': '这场比赛：{starts} 次启动，{rounds} 轮，用时 {seconds} 秒。',
    'races.narrow': '所有区间都已足够窄，因此结束。',
    'races.time': '时间已到，因此结束。',
    'races.interrupted': '比赛被中断。',
    'races.widest': '与 floor 相比最宽的区间：±{percent}%（{model}）。',
    'races.unknown': '轮数太少，有的区间无从得知。',
    'races.cost': '要全部达到 ±{percent}%，大约需要 {rounds} 轮、{minutes} 分钟。',
    'races.disturbed': '{slices} 个时间片中有 {disturbed} 个受到干扰，不计入。',
    'races.control': '对照：{model} 与自身之比 {text}。',
    'races.control.off': '对照：{model} 与自身之比 {text}，偏离了 1。',
    'workload.ping-pong': '一问一答',
    'workload.pipelined': '同时在途 16 条消息',
    'workload.open-loop': '开环',

    'comparison.nav': '对比表',
    'comparison.title': '讲义中的对比表，与实测结果',
    'comparison.lead': '讲义列出六项来比较。这里把教科书的说法与本次运行的实测对照。“教科书”指中文课程和书籍里常见的那张表；讲义只有各行的名称。',
    'comparison.lead.predicted': '讲义列出六项来比较。这里把教科书的说法、你在运行之前的预测与实测对照。“教科书”指中文课程和书籍里常见的那张表；'
      + '讲义只有各行的名称。',
    'comparison.none': '这里没有讲义中的对比表：本次运行没有测量其中任何一项（方案 {profile}）。',
    'comparison.score': '已测量的 {of} 格中，教科书说对了 {agree} 格。',
    'comparison.score.you': '你的预测说对了 {agree} / {of} 格。',
    'comparison.topic': '项目',
    'comparison.textbook': '教科书',
    'comparison.you': '你',
    'comparison.measured': '实测',
    'comparison.agrees': '与实测一致',
    'comparison.differs': '与实测不同',
    'comparison.open': '没有测量',
    'comparison.evidence': '依据：{what}',
    'comparison.rules': '实测的评语是怎样得出的',
    'topic.clients': '客户端个数',
    'topic.io_type': 'io类型',
    'topic.api': 'api使用难度',
    'topic.debugging': '调试难度',
    'topic.reliability': '可靠性',
    'topic.throughput': '吞吐量',
    'topic.none.api': '本次运行没有统计服务器的源代码',
    'topic.none.debugging': '本次运行没有进行调用栈考试：需要 gdb',

    'charts.nav': '图表',
    'charts.title': '图表，以及为什么是这样',
    'charts.none': '没有图表：本次运行没有可画的数据点。',
    'charts.why': '为什么',
    'charts.csv': 'CSV',
    'charts.csv.long': '下载这些数据：{chart}',
    'charts.table': '表格',
    'charts.large': '放大',
    'charts.empty': '这张图没有自己的数据。',
    'charts.undrawn': '这张图没有画出来：原因见 compare.sh 结束时的输出。数据见下表。',
    'charts.hint': '指向或点按图中的标记，或用方向键逐个移动，可以读出数值。',
    'chart.throughput': '吞吐量',
    'chart.failures': '失败的客户端',
    'chart.latency-closed': '延迟（闭环）',
    'chart.latency-open': '延迟（开环）',
    'chart.cpu': '每条消息的 CPU 时间',
    'chart.memory': '每个连接的内存',
    'chart.syscalls': '每条消息的系统调用',
    'chart.pipelined': '16 条消息同时在途',
    'chart.reliability': '可靠性',
    'chart.ladder': 'io_uring 阶梯',
    'chart.capacity-clients': '最多的客户端',
    'chart.capacity-rate': '最高的速率',
    'chart.scale-memory': '19,000 个连接的内存',
    'chart.scale-set-up': '每秒建立的连接',

    'api.nav': 'API',
    'api.title': 'API 使用难度',
    'api.lead': '统计每个服务器的源代码，不含它们共用的部分。指向数字可以看到统计了什么。带圆点的一行决定上表中的评语，其余只列出，不加权。',
    'api.none': '这里没有 API 使用难度：本次运行没有统计服务器的源代码（scripts/report/metrics.py）。',
    'api.metric': '源代码中',
    'concerns.nav': '可靠性的代价',
    'concerns.title': '功能开发相对容易，但是可靠性能力补齐难度很大',
    'concerns.lead': '每个模型的代码行数，按用途分类：首读版本（一页纸的正确回显服务器）与完整服务器对照。完整服务器在模型之外加上的，'
      + '是对慢的、沉默的、过多的或即将离开的对端应尽的责任。',
    'concerns.none': '这里没有代码行的用途：本次运行没有统计首读版本（scripts/report/concerns.py）。',
    'concerns.na': 'n/a：未统计',
    'concerns.first': '首读版本',
    'concerns.full': '完整服务器',
    'concerns.model': '模型',
    'concerns.pressure': '压力',
    'concerns.liveness': '存活检测',
    'concerns.draining': '排空',
    'concerns.goodbye': '道别',
    'concerns.counters': '计数',
    'concerns.set-up': '准备',
    'concerns.all': '合计',
    'concerns.bar': '与首读版本之比',
    'metric.lines': '代码行数',
    'metric.io_lines': '做 I/O 的行数',
    'metric.shared_lines': '该模型其他文件的行数',
    'metric.calls': '不同的调用',
    'metric.flags': '不同的标志',
    'metric.state_bytes': '每个连接的状态字节数',
    'metric.cyclomatic': '圈复杂度',
    'metric.cognitive': '认知复杂度',

    'exam.nav': '调试',
    'exam.title': '调试难度：调用栈考试',
    'exam.none': '这里没有调用栈考试：本次运行没有进行。它需要 gdb，以及附加到进程的权限。',
    'journey.nav': '请求之旅',
    'journey.title': '一个请求的旅程',
    'journey.none': '这里没有请求的旅程：本次运行没有跟踪任何对话。它需要 strace。',
    'sources.nav': '源代码',
    'sources.title': '五个服务器并排看',
    'sources.none': '这里没有服务器的源代码：生成页面时没有给出（build.py --sources）。',
    'section.broken': '{name}：不在这里，无法显示：{why}',

    'reliability.nav': '可靠性',
    'reliability.title': '可靠性：正常客户端的感受',
    'reliability.lead':
      '正常的客户端旁边有别的客户端在捣乱，或者各种资源都太少。倍数（x2.0）是正常客户端的 p99 与无人打扰时之比（如果测量过）。'
      + '指向数字可以看到事后还剩下什么：最后一个连接结束后多久，描述符和线程恢复原状，以及留下多少内存。'
      + '标出的是不该发生的。',
    'reliability.none': '这里没有坏邻居下的可靠性：它需要单独运行 scripts/compare.sh --scenario reliability。',
    'reliability.under': '情形',
    'reliability.harm': '危害',
    'reliability.after': '之后：{what}',
    'reliability.na': '这个模型不做这一项',
    'reliability.twins': '天真的孪生兄弟',
    'reliability.twins.lead': '每个都是只有一个错误的服务器，放在那个错误会出事的情形下，与它所对应的服务器并排比较。',
    'reliability.twin': '天真版本',
    'reliability.twin.does': '它的表现',
    'reliability.twin.of': '对应的服务器',
    'reliability.twin.of.does': '服务器的表现',
    'reliability.twins.none': '测量过的天真版本中没有一个使用这个协议。',
    'cell.us': '{0} µs',
    'cell.dies': '进程死亡，状态 {0}',
    'cell.fail': '{1} 个中 {0} 个失败',
    'cell.back': '{0} ms 恢复',
    'cell.served': '{1} 个中服务 {0} 个，CPU {2}%',
    'cell.spins': '空转',
    'cell.wrong bytes': '字节错误',
    'cell.does not start': '无法启动',
    'cell.not measured': '没有测到',
    'cell.not back': '没有恢复',
    'cell.no new client': '不再接受新客户端',
    'cell.nothing': '没有应答',

    'against.nav': '另一次运行',
    'against.title': '与另一次运行比较：{label}',
    'against.none': '没有给出用来比较的另一次运行（scripts/compare.sh --against）。',
    'against.lead': '{rows} 个指标中有 {beyond} 个的范围（各次重复的 min..max）不重叠。除非要求，只显示这些。每边 3 次重复时，约十分之一会因偶然而不重叠。',
    'against.same': '两次运行的测量条件相同。',
    'against.differ': '测量条件的不同之处',
    'against.what': '项目',
    'against.here': '这里',
    'against.there': '那里',
    'against.change': '变化',
    'against.workload': '负载',
    'against.beyond': '超出波动',
    'against.within': '在波动之内',
    'against.filter': '查找',
    'against.filter.hint': '模型、负载、指标……',
    'against.all': '也显示在波动之内的',
    'against.shown': '显示 {shown} / {rows}',
    'against.nothing': '没有符合的。',

    'metadata.title': '机器与构建的全部信息',
    'metadata.key': '项目',
    'metadata.value': '值',
  },
};

// The titles of scripts/sql/workloads.sql are English in the data; this is their Chinese.
export const titlesInChinese = {
  'nobody else, open loop': '无人打扰，开环',
  '20 more send a byte per segment': '另有 20 个每段只发 1 字节',
  '20 more send 64 messages in a segment': '另有 20 个每段发 64 条消息',
  '20 more send half a message, and stall': '另有 20 个发半条消息后停住',
  '20 more reset in mid-message': '另有 20 个在消息中途复位',
  '20 more connect, and are never heard of again': '另有 20 个连接后再无音讯',
  '20 more send all they can, and read nothing': '另有 20 个拼命发送、从不读取',
  '20 more send random bytes': '另有 20 个发送随机字节',
  '20 more connect and are gone, all the time': '另有 20 个不断连接又离开',
  '1,000 more send a byte every half second': '另有 1,000 个每半秒发 1 字节',
  '20 more announce 2^40 bytes': '另有 20 个声称要发 2^40 字节',
  'all are cut at once, and come back': '所有客户端同时断线又回来',
  '20 clients, as fast as they can': '20 个客户端，尽快收发',
  '2,000 clients, as fast as they can': '2,000 个客户端，尽快收发',
  '20 clients, a handler that blocks for 10 ms': '20 个客户端，处理函数阻塞 10 ms',
  '50 clients, messages of 1 MiB': '50 个客户端，每条消息 1 MiB',
  '20 clients, 16 messages in each segment': '20 个客户端，每段 16 条消息',
  '100 clients, 64 descriptors': '100 个客户端，64 个描述符',
  '1,000 clients, 64 MiB of address space': '1,000 个客户端，64 MiB 地址空间',
  '20 clients, 10 workers, 5 places to wait in': '20 个客户端，10 个工作线程，5 个排队位置',
  '500 clients, 16 receive buffers': '500 个客户端，16 个接收缓冲区',
  '4,000 clients, 64 buffers, 2,048 completions': '4,000 个客户端，64 个缓冲区，2,048 个完成项',
  '20 come and go, beside 20 that are slow': '20 个来来去去，旁边 20 个很慢',
  '20 clients at 10/s each, 2 more come and go': '20 个客户端每秒各 10 条，另有 2 个来来去去',
};

const STORED = 'io-models-language';

let language = 'en';
let translations = {}; // of the data's own words, such as 'very complex'

// {name} is filled in from values; what they lack stays, for a section that fills it in itself.
const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

export const hasWords = (key) => Object.hasOwn(texts[language], key);

// A text of the page, or of a section that brought its own: see addWords.
export function words(key, values = {}) {
  if (!hasWords(key)) throw new Error(`no text for '${key}' in ${language}`);
  return filled(texts[language][key], values);
}

// For what the data may name: its text, or else the name itself.
export const named = (kind, name) => (hasWords(`${kind}.${name}`) ? words(`${kind}.${name}`) : name);

// One of the data's own words.
export const word = (name) => (language === 'zh' ? translations[name] ?? name : name);

// What the data has in both languages: { en, zh }.
export const either = (both) => both[language] ?? '';

// more: { en: {...}, zh: {...} }
export function addWords(more) {
  for (const one of Object.keys(texts)) Object.assign(texts[one], more[one]);
}

export const currentLanguage = () => language;

function remembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // forbidden for files here: the choice lasts as long as the page
  }
}

// The language that the address, the last visit or the browser asks for.
export function startWords(dataWords) {
  translations = dataWords ?? {};
  const asked = new URLSearchParams(location.search).get('lang') ?? remembered() ?? navigator.language;
  setLanguage(asked.startsWith('zh') ? 'zh' : 'en');
}

export function setLanguage(wanted) {
  language = wanted;
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
}

export function rememberLanguage() {
  try {
    localStorage.setItem(STORED, language);
    const url = new URL(location);
    url.searchParams.delete('lang'); // the choice is now the remembered one
    history.replaceState(null, '', url);
  } catch {
    // nothing is lost but the choice
  }
}
