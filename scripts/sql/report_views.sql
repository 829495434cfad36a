-- report_views.sql - the words of report.html: the notes' table filled by measurement, and explanations of the charts.
-- Every word follows from figures by a rule; the rules are here, and in measure_rule for the reader.

-- The counts of clients that the table and the sentences use: the most, and the nearest to 1,000 and to 100.
create view sweep_count as
select (select max(clients) from cached_point where workload = 'ping-pong' and good) as most,
       (select clients from cached_point where workload = 'ping-pong' and good order by abs(ln(clients) - ln(1000)) limit 1) as thousand,
       (select clients from cached_point where workload = 'ping-pong' and good order by abs(ln(clients) - ln(100)) limit 1) as hundred;

-- Where messages were shared out unevenly among the clients asked, by Jain's index.
create view unfair_point as
select workload, protocol, clients, model from cached_point where jain < 0.9;

-- labels: what the view `label` says of the point. No rule of a label is written again here.
create view sweep_point as
select p.*, coalesce(l.labels, '') as labels,
       (p.workload, p.protocol, p.clients, p.model) in (select * from unfair_point) as unfair
  from cached_point p left join point_label l using (workload, protocol, clients, model)
 where p.workload = 'ping-pong' and p.protocol = 'echo' and p.good and not p.void and not p.yardstick;

create view measure_rule as
select 'clients' as topic,
       'threads of the process against connected clients, at the most clients: as many (within 10%) is 1:1, fewer is M:N, one is M:1; M:0 cannot be: a process has a thread' as en,
       '最多客户端时，进程线程数与已连接客户端数之比：一样多（相差 10% 以内）为 1:1，较少为 M:N，一个为 M:1；M:0 不可能出现：进程至少有一个线程' as zh
 union all select 'io_type',
       'calls that may sleep, per message, at the count nearest to 100 clients: 1 or more is blocking; fewer is non-blocking; asynchronous if operations are submitted',
       '最接近 100 个客户端时，每条消息可能睡眠的调用次数：不少于 1 为阻塞，更少为非阻塞；提交操作的为异步'
 union all select 'api',
       'cognitive complexity (clang-tidy) of the server''s file, against bio: below 1.25 is simple, below 1.75 complex, else very complex; the other counts are shown and not weighed',
       '服务器源文件的认知复杂度（clang-tidy）与 bio 之比：小于 1.25 为简单，小于 1.75 为复杂，否则非常复杂；其他计数只列出，不加权'
 union all select 'debugging',
       'questions about one client that gdb answers from the stacks alone: 3 to 5 of 5 is simple, fewer is complex',
       'gdb 仅凭调用栈能回答的关于某个客户端的问题：5 题中答出 3 题以上为简单，更少为复杂'
 union all select 'reliability',
       'at the most clients, no client failed in any repetition, and Jain''s index of the messages per client is 0.9 or more; no bad neighbour did harm: high; one of these is not so: poor; the process died or sent wrong bytes: very poor',
       '最多客户端时任何一次重复中都没有客户端失败，各客户端消息数的 Jain 指数不低于 0.9，坏邻居也无害：高；有一项不满足：差；进程死亡或发错字节：非常差'
 union all select 'throughput',
       'messages/s at the count nearest to 1,000 clients, against the best of these five within the rounds of a race: 80% and more is high, 50% and more medium, else low; no word where the 95% interval has such a border in it',
       '最接近 1,000 个客户端时，同一场比赛各轮中每秒消息数与这五个模型中最佳者之比：不低于 80% 为高，不低于 50% 为中，否则为低；若 95% 区间跨过边界，则无法判断';

create view api_ratio as
select m.model, m.value / nullif(b.value, 0) as ratio
  from source_metric m join source_metric b on b.model = 'bio' and b.metric = m.metric
 where m.metric = 'cognitive';

create view neighbour_harm as
select model, count(distinct workload) as trials, count(distinct iif(harm is null, null, workload)) as harmed, coalesce(max(harm like 'dies%' or harm = 'wrong bytes'), 0) as fatal
  from reliability where twin_of is null and chaos is not null group by model;

-- Against the best of the notes' models, whichever that is: the least of the ratios to each of them; of its own it is 1.
create view of_best as
select r.model, iif(count(r.low) = count(*), min(1, min(r.low)), null) as low, iif(count(r.high) = count(*), min(1, min(r.high)), null) as high
  from pair_ratio r join sweep_count c on r.clients = c.thousand
 where (r.workload, r.protocol, r.figure) = ('ping-pong', 'echo', 'rate')
   and r.model in (select model from textbook) and r.against in (select model from textbook)
 group by r.model;

create view measured as
select 'clients' as topic, s.model,
       case when s.threads is null or s.connected < 10 or s.threads > 1.1 * s.connected + 1 then null -- too few to say
            when s.threads >= 0.9 * s.connected then '1:1'
            when s.threads > 1 then 'M:N' else 'M:1' end as word,
       iif(s.threads is null, 'n/a: threads were not counted',
           printf('%,d clients connected, %,d served, %,d thread%s', round(s.connected), round(s.served), s.threads, iif(s.threads = 1, '', 's'))) as en,
       iif(s.threads is null, 'n/a：没有统计线程数',
           printf('%,d 个客户端已连接，%,d 个得到服务，%,d 个线程', round(s.connected), round(s.served), s.threads)) as zh,
       'chart-failures-echo' as evidence
  from sweep_point s, sweep_count c where s.clients = c.most
 union all
select 'io_type', s.model,
       case when s.waits_per_message is null or s.clients < 10 then null when s.submissions_per_wait is not null then 'asynchronous'
            when s.waits_per_message >= 1 then 'blocking' else 'non-blocking' end,
       iif(s.waits_per_message is null, 'n/a: waits were not counted', printf('%.2f waits per message', s.waits_per_message)) || iif(s.submissions_per_wait is not null,
           printf(', %.1f operations submitted with each', s.submissions_per_wait), ''),
       iif(s.waits_per_message is null, 'n/a：没有统计等待', printf('每条消息等待 %.2f 次', s.waits_per_message)) || iif(s.submissions_per_wait is not null,
           printf('，每次提交 %.1f 个操作', s.submissions_per_wait), ''),
       'chart-syscalls'
  from sweep_point s, sweep_count c where s.clients = c.hundred
 union all
select 'api', m.name, case when a.ratio is null then null when a.ratio < 1.25 then 'simple' when a.ratio < 1.75 then 'complex' else 'very complex' end,
       iif(a.ratio is null, 'n/a: ' || coalesce(c.detail, 'not counted'), printf('cognitive complexity %g, x%.2f of bio', c.value, a.ratio)),
       iif(a.ratio is null, 'n/a：' || coalesce(c.detail, '未统计'), printf('认知复杂度 %g，为 bio 的 %.2f 倍', c.value, a.ratio)),
       'api'
  from model m
  left join api_ratio a on a.model = m.name
  left join source_metric c on (c.model, c.metric) = (m.name, 'cognitive')
 where m.name in (select model from source_metric)
 union all
select 'debugging', model, iif(count(answered) < count(*), null, iif(sum(answered) >= 3, 'simple', 'complex')),
       iif(count(answered) < count(*), max(iif(answered is null, evidence, null)), printf('%d of %d questions answered from the stacks', sum(answered), count(*))),
       iif(count(answered) < count(*), max(iif(answered is null, evidence, null)), printf('仅凭调用栈答出 %d / %d 题', sum(answered), count(*))), 'exam'
  from exam_answer group by model
 union all
select 'reliability', s.model,
       case when h.fatal or s.void or s.why_failed like 'the server ended by itself%' then 'very poor'
            when s.failed > 0 or s.failed_clients_greatest > 0 or (s.workload, s.protocol, s.clients, s.model) in (select * from unfair_point) or h.harmed > 0 then 'poor' else 'high' end,
       case when s.void then 'wrong bytes came back' when s.failed > 0 then printf('%d of %d runs failed: %s', s.failed, s.made, s.why_failed)
            else printf('%,d of %,d clients failed at %,d', round(s.failed_clients_greatest), round(s.asked), s.clients) end
           || iif(s.jain is null, '', printf('; %,d to %,d messages each, Jain %.2f', round(s.per_client_min), round(s.per_client_max), s.jain))
           || iif(h.trials > 0, printf('; %d of %d kinds of bad neighbours did harm', h.harmed, h.trials), ''),
       case when s.void then '收到了错误的字节' when s.failed > 0 then printf('%d / %d 次运行失败：%s', s.failed, s.made, s.why_failed)
            else printf('%,d 个客户端时 %,d / %,d 个失败', s.clients, round(s.failed_clients_greatest), round(s.asked)) end
           || iif(s.jain is null, '', printf('；每个客户端 %,d 到 %,d 条消息，Jain 指数 %.2f', round(s.per_client_min), round(s.per_client_max), s.jain))
           || iif(h.trials > 0, printf('；%d / %d 种坏邻居造成危害', h.harmed, h.trials), ''),
       'chart-failures-echo'
  from cached_point s join sweep_count c on s.clients = c.most left join neighbour_harm h on h.model = s.model
 where s.workload = 'ping-pong' and s.protocol = 'echo' and s.made > 0 and not s.yardstick
 union all
select 'throughput', s.model,
       case when b.low >= 0.8 then 'high' when b.low >= 0.5 and b.high < 0.8 then 'medium' when b.high < 0.5 then 'low' end,
       printf('%,d messages/s (%,d..%,d) at %,d clients', round(s.messages_per_s), round(s.messages_per_s_least), round(s.messages_per_s_greatest), s.clients)
           || iif(b.low is null, '; no interval, so its place cannot be told',
                  printf('; %.2f to %.2f of the best', b.low, b.high) || iif(b.low < 0.8 and b.high >= 0.8 or b.low < 0.5 and b.high >= 0.5, ': cannot be told', ''))
           || iif(s.labels like '%client-bound%', '; client-bound: the load generator was the brake', '')
           || iif(s.served < s.asked, printf('; only %,d were served', round(s.served)), ''),
       printf('%,d 个客户端时每秒 %,d 条消息（%,d..%,d）', s.clients, round(s.messages_per_s), round(s.messages_per_s_least), round(s.messages_per_s_greatest))
           || iif(b.low is null, '；没有区间，无法判断',
                  printf('；为最佳的 %.2f 至 %.2f', b.low, b.high) || iif(b.low < 0.8 and b.high >= 0.8 or b.low < 0.5 and b.high >= 0.5, '：无法判断', ''))
           || iif(s.labels like '%client-bound%', '；client-bound：瓶颈在负载生成器', '')
           || iif(s.served < s.asked, printf('；只有 %,d 个得到服务', round(s.served)), ''),
       'chart-throughput-echo'
  from sweep_point s join sweep_count c on s.clients = c.thousand left join of_best b on b.model = s.model;

create view comparison as
select t.topic, t.position, t.model, m.position as model_position, t.word as textbook, p.word as predicted, d.word as measured,
       coalesce(d.en, 'n/a') as en, coalesce(d.zh, 'n/a') as zh, coalesce(d.evidence, '') as evidence,
       d.word = t.word as textbook_agrees, d.word = p.word as prediction_agrees
  from textbook t
  join model m on m.name = t.model
  left join prediction p on (p.topic, p.model) = (t.topic, t.model)
  left join measured d on (d.topic, d.model) = (t.topic, t.model);

-- Sentences beside the charts. A rule is a select; what to try next is a part of it. chart is the chart's name without
-- protocol.
create view why as
select 'throughput' as chart, 10 as rank, s.model,
       printf('%s at %,d clients: the load generator used %.0f%% of its CPU, the server %.0f%%. It was the brake: read the CPU per message instead.', s.model, s.clients, 100 * s.client_share, 100 * s.server_share) as en,
       printf('%s 在 %,d 个客户端时：负载生成器用了 %.0f%% 的 CPU，服务器用了 %.0f%%。瓶颈在前者：请看每条消息的 CPU 时间。', s.model, s.clients, 100 * s.client_share, 100 * s.server_share) as zh
  from sweep_point s where s.labels like '%client-bound%'
 union all
select 'throughput', 20, s.model,
       printf('%s at %,d client%s: %.1f completions per io_uring_enter. %s', s.model, s.clients, iif(s.clients = 1, '', 's'), s.events_per_wait,
              iif(s.events_per_wait < 2, 'There was nothing to batch: try more clients, or a deeper --pipeline.', 'One system call collects many: that is its advantage.')),
       printf('%s 在 %,d 个客户端时：每次 io_uring_enter 得到 %.1f 个完成事件。%s', s.model, s.clients, s.events_per_wait,
              iif(s.events_per_wait < 2, '没有可批量处理的：请增加客户端或加大 --pipeline。', '一次系统调用收取多个结果：这正是它的优势。'))
  from sweep_point s, sweep_count c where s.submissions_per_wait is not null and s.clients in (1, c.thousand)
 union all
select 'throughput', 30, s.model,
       printf('%s at %,d client%s: %.1f Channels ready per epoll_wait. %s', s.model, s.clients, iif(s.clients = 1, '', 's'), s.events_per_wait,
              iif(s.events_per_wait < 2, 'A wait for each message: no better than a thread would do. Try more clients.', 'One wait serves them all; a receive and a send remain for each.')),
       printf('%s 在 %,d 个客户端时：每次 epoll_wait 有 %.1f 个 Channel 就绪。%s', s.model, s.clients, s.events_per_wait,
              iif(s.events_per_wait < 2, '每条消息都要等待一次，不比线程好。请增加客户端。', '一次等待服务所有连接；每条消息仍需一次接收和一次发送。'))
  from sweep_point s, sweep_count c where s.model = 'nio' and s.clients in (1, c.thousand)
 union all
select 'throughput', 40, s.model,
       printf('%s from %,d to %,d clients: messages/s about x%.2f (not raced), %.2f context switches a message.', s.model, f.clients, s.clients, s.messages_per_s / f.messages_per_s, s.switches_per_message),
       printf('%s 从 %,d 到 %,d 个客户端：每秒消息数约为 %.2f 倍（未同场比赛），每条消息 %.2f 次上下文切换。', s.model, f.clients, s.clients, s.messages_per_s / f.messages_per_s, s.switches_per_message)
  from sweep_point s, sweep_count c join sweep_point f on f.model = s.model and f.clients = c.hundred
 where s.model = 'bio' and s.clients = c.most and c.most > c.hundred
 union all
select 'failures', 10, s.model,
       printf('%s at %,d clients: %,d were never served. A worker stays with its client: more clients than workers must wait. Try --workers %d.', s.model, s.clients, round(s.asked - s.served), round(s.asked)),
       printf('%s 在 %,d 个客户端时：%,d 个从未得到服务。工作线程一直陪着它的客户端：多出来的只能等待。请试 --workers %d。', s.model, s.clients, round(s.asked - s.served), round(s.asked))
  from sweep_point s, sweep_count c where s.model = 'pseudo_async' and s.clients = c.most and s.served < s.asked
 union all
select 'failures', 20, '',
       printf('No client of %s failed at %,d clients.', group_concat(s.model, ', '), c.most),
       printf('%,d 个客户端时，%s 没有任何客户端失败。', c.most, group_concat(s.model, '、'))
  from sweep_point s, sweep_count c where s.clients = c.most and s.failed_clients_greatest = 0 having count(*) > 0
 union all
select 'latency-closed', 10, s.model,
       printf('%s at %,d clients: p99 %,d us (%,d..%,d), %s: %,d us (%,d..%,d). In a closed loop a slow server is asked less: compare latencies in the open loop.', s.model, c.most, round(s.service_p99_us), round(s.service_p99_us_least), round(s.service_p99_us_greatest), b.model, round(b.service_p99_us), round(b.service_p99_us_least), round(b.service_p99_us_greatest)),
       printf('%,d 个客户端时 p99：%s 为 %,d 微秒（%,d..%,d），%s 为 %,d 微秒（%,d..%,d）。闭环中慢服务器被问得更少：比较延迟请看开环。', c.most, s.model, round(s.service_p99_us), round(s.service_p99_us_least), round(s.service_p99_us_greatest), b.model, round(b.service_p99_us), round(b.service_p99_us_least), round(b.service_p99_us_greatest))
  from sweep_count c
  join (select * from sweep_point where clients = (select most from sweep_count) and failed_clients = 0 order by service_p99_us desc limit 1) s
  join (select * from sweep_point where clients = (select most from sweep_count) and failed_clients = 0 order by service_p99_us limit 1) b
 where s.service_p99_us_least > b.service_p99_us_greatest -- or it may be chance
 union all
select 'latency-open', 10, p.model,
       printf('%s at one rate for all, %,d messages/s: p99 %s us from due to answered, the server at %.0f%% CPU.', p.model, round(p.rate), t."p99 ", 100 * p.server_share),
       printf('%s 在统一速率每秒 %,d 条消息下：从应发到应答 p99 为 %s 微秒，服务器 CPU %.0f%%。', p.model, round(p.rate), t."p99 ", 100 * p.server_share)
  from cached_point p join table_open_loop t on (t.workload, t.protocol, t.clients_number, t.model) = (p.workload, p.protocol, p.clients, p.model)
 where p.workload = 'open-loop' and p.protocol = 'echo' and p.good and not p.yardstick
 union all
select 'cpu', 10, s.model,
       printf('%s at %,d clients: %.2f us of CPU a message; against the floor (%.2f us), a bare epoll echo: %s. Fewer system calls can take it below 1.', s.model, s.clients, s.server_us_per_message, f.server_us_per_message, r.cpu_says),
       printf('%s 在 %,d 个客户端时：每条消息 %.2f 微秒 CPU；与 floor（%.2f 微秒，一个最简的 epoll 回显）之比：%s。系统调用更少时可小于 1。', s.model, s.clients, s.server_us_per_message, f.server_us_per_message, r.cpu_says)
  from sweep_point s, sweep_count c join cached_point f on (f.workload, f.protocol, f.clients, f.model) = (s.workload, s.protocol, s.clients, 'floor')
  join floor_ratio r on (r.workload, r.protocol, r.clients, r.model) = (s.workload, s.protocol, s.clients, s.model)
 where s.clients = c.hundred
 union all
select 'memory', 10, s.model,
       printf('A connection costs %s %,d bytes of its own, and %s %,d: x%.0f.', s.model, round(s.memory_per_connection), b.model, round(b.memory_per_connection), s.memory_per_connection / b.memory_per_connection),
       printf('一个连接在 %s 占用自身内存 %,d 字节，在 %s 占用 %,d 字节：%.0f 倍。', s.model, round(s.memory_per_connection), b.model, round(b.memory_per_connection), s.memory_per_connection / b.memory_per_connection)
  from (select * from sweep_point where clients = (select most from sweep_count) and failed_clients = 0 order by memory_per_connection desc limit 1) s,
       (select * from sweep_point where clients = (select most from sweep_count) and failed_clients = 0 order by memory_per_connection limit 1) b
 where b.memory_per_connection > 0 and s.model <> b.model
 union all
select 'syscalls', 10, p.model,
       printf('%s makes %.2f system calls a message.', p.model, sum(p.per_message)),
       printf('%s 每条消息 %.2f 次系统调用。', p.model, sum(p.per_message))
  from point_syscall p join model m on m.name = p.model and not m.yardstick where p.protocol = 'echo' group by p.model
 union all
select 'pipelined', 10, p.model,
       printf('%s with 16 messages in flight: about x%.1f of ping-pong at %,d clients (not raced). A receive and a send carry many messages.', p.model, p.messages_per_s / s.messages_per_s, s.clients),
       printf('%s 同时在途 16 条消息：在 %,d 个客户端时约为一问一答的 %.1f 倍（未同场比赛）。一次接收和发送承载多条消息。', p.model, s.clients, p.messages_per_s / s.messages_per_s)
  from cached_point p join sweep_point s on (s.model, s.clients, s.protocol) = (p.model, p.clients, p.protocol)
 where p.workload = 'pipelined' and p.good and s.clients = (select hundred from sweep_count)
 union all
select 'all', 10, '',
       printf('%d of %d ratios to the floor can be told from 1. Compare two models by their ratio within a race; the bars, min..max, are of this minute.', sum(throughput_word <> 'open'), count(*)),
       printf('与 floor 之比的 %d / %d 个可以与 1 区分。比较两个模型请看同一场比赛中的比值；min..max 线段只属于这一刻。', sum(throughput_word <> 'open'), count(*))
  from floor_ratio where throughput_word is not null having count(*) > 0;

-- The figures of a chart, as a table to download. One row for each of its figures.
create view chart_figure as
with shown (chart, workload, name, figure) as (values
    ('throughput',     'ping-pong', 'messages_per_s',        'messages/s'),
    ('failures',       'ping-pong', 'failed',                'failed clients'),
    ('latency-closed', 'ping-pong', 'service_p50_us',        'p50 us'),
    ('latency-closed', 'ping-pong', 'service_p99_us',        'p99 us'),
    ('cpu',            'ping-pong', 'server_us_per_message', 'server CPU us/message'),
    ('memory',         'ping-pong', 'memory_per_connection', 'bytes per connection'),
    ('pipelined',      'pipelined', 'messages_per_s',        'messages/s'))
select s.chart, p.protocol, p.model, p.position, p.clients, s.figure, f.median as value,
       f.least, f.greatest
  from shown s
  join cached_point p on p.workload = s.workload and p.good
  join point_figure f on (f.workload, f.protocol, f.clients, f.model, f.name) = (p.workload, p.protocol, p.clients, p.model, s.name)
 where (not p.void or s.chart in ('failures', 'memory')) and not (s.chart = 'failures' and p.yardstick)
 union all
select 'latency-open', protocol, model, position, clients, key || ' us, from due', value, null, null
  from cached_point, json_each(json_object('p50', response_p50_us, 'p99', response_p99_us))
 where workload = 'open-loop' and good and not void and value is not null
 union all
select 'syscalls', p.protocol, p.model, m.position, p.clients, p.name || ' per message', p.per_message, null, null
  from point_syscall p join model m on m.name = p.model
 union all
select 'reliability', protocol, model, position, asked, workload || ' p99 us', response_p99_us, null, null
  from reliability where twin_of is null and response_p99_us is not null
 union all -- they come before what was measured: a chart's figures are in the order of their names
select w.chart, r.protocol, r.model, m.position, r.clients, 'against the floor: ' || w.figure,
       iif(w.chart = 'cpu', r.cpu_ratio, r.throughput_ratio), iif(w.chart = 'cpu', r.cpu_low, r.throughput_low),
       iif(w.chart = 'cpu', r.cpu_high, r.throughput_high)
  from shown w join floor_ratio r on r.workload = w.workload join model m on m.name = r.model and not m.yardstick
 where w.figure in ('messages/s', 'server CPU us/message')
 union all -- the figures of the scenarios' charts
select chart, protocol, rtrim(says, ':'), x, null, trim(panel || unit), value, least, greatest
  from chart_point where value is not null and (chart like 'scale%' or chart like 'capacity%' or chart = 'ladder');

-- This run and another, figure by figure. beyond: the ranges over the repetitions do not touch.
create view against as
select h.workload, h.protocol, h.clients, h.model, w.position as workload_position, m.position, h.name as figure,
       h.median as here, h.least as here_least, h.greatest as here_greatest,
       t.median as there, t.least as there_least, t.greatest as there_greatest,
       100.0 * (h.median / nullif(t.median, 0) - 1) as change_percent,
       min(h.runs, t.runs) > 1 and (h.least > t.greatest or h.greatest < t.least) as beyond
  from against_figure t
  join point_figure h on (h.workload, h.protocol, h.clients, h.model, h.name) = (t.workload, t.protocol, t.clients, t.model, t.figure)
  join cached_point c on (c.workload, c.protocol, c.clients, c.model) = (h.workload, h.protocol, h.clients, h.model) and not c.void
  join workload w on w.name = h.workload join model m on m.name = h.model;

-- What the page says of races; its words for them are in js/words.js, in both languages. All that took turns in one, in pairs.
create view page_pair as
select r.race, r.figure, r.model, r.against, r.text, r.word, r.within, r.rounds_needed, r.rounds, m.position,
       a.position as against_position
  from said_ratio r join model m on m.name = r.model join model a on a.name = r.against
 where r.figure in ('rate', 'cpu');

create view page_race as
select r.*, w.position as workload_position, sum(l.slices) as slices, sum(l.disturbed) as disturbed, c.model as control,
       (select json_object('text', text, 'off', off) from control_ratio x where (x.race, x.figure) = (r.id, 'rate')) as control_rate,
       (select json_object('text', text, 'off', off) from control_ratio x where (x.race, x.figure) = (r.id, 'cpu')) as control_cpu
  from race r join workload w on w.name = r.workload left join lane l on l.race = r.id left join control c on c.race = r.id
 group by r.id;

-- Of the sweep: against the floor, and which place. word null: it was not raced.
create view sweep_ratio as
select f.clients, f.model, k.place, json_object('median', f.throughput_ratio, 'low', f.throughput_low, 'high', f.throughput_high,
           'text', coalesce(t.text, printf('%.2f', f.throughput_ratio)), 'word', f.throughput_word, 'within', f.throughput_within,
           'needed', f.rounds_needed, 'rounds', f.rounds) as ratio
  from floor_ratio f
  left join said_ratio t on (t.figure, t.against) = ('rate', 'floor')
   and (t.workload, t.protocol, t.clients, t.model) = (f.workload, f.protocol, f.clients, f.model)
  left join ranking k on (k.workload, k.protocol, k.clients, k.model) = (f.workload, f.protocol, f.clients, f.model)
 where (f.workload, f.protocol) = ('ping-pong', 'echo');
