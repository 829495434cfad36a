-- charts.sql - what gnuplot draws. Each chart reads rows of numbers; titles and notes are made here as well.

-- The charts that have something to draw: the name of the files, the script, and the rows to which it is restricted. A
-- scenario has its own charts.
create view chart as
select name, script, protocol
  from (select 'throughput-' || protocol as name, 'throughput' as script, protocol, '' as scenario
          from cached_point where workload = 'ping-pong' and good and not yardstick group by protocol
         union all
        select 'failures-' || protocol, 'failures', protocol, ''
          from cached_point where workload = 'ping-pong' and good and not yardstick group by protocol
         union all
        select 'latency-closed-' || protocol, 'latency', protocol, ''
          from cached_point where workload = 'ping-pong' and good and not yardstick group by protocol
         union all
        select 'cpu-' || protocol, 'cpu', protocol, ''
          from cached_point where workload = 'ping-pong' and server_us_per_message > 0 and not yardstick group by protocol
         union all
        select distinct 'latency-open-' || protocol, 'open_loop', protocol, ''
          from chart_open_loop where position in (select position from model where not yardstick)
         union all
        select 'memory', 'memory', '', ''
         where exists (select 1 from chart_memory)
         union all
        select 'syscalls', 'syscalls', '', ''
         where exists (select 1 from chart_syscalls)
         union all
        select 'pipelined', 'pipelined', '', ''
         where exists (select 1 from chart_pipelined where position in (select position from model where not yardstick))
         union all
        select 'ladder', 'ladder', '', 'ladder' where exists (select 1 from chart_ladder)
         union all
        select distinct 'reliability-' || protocol, 'reliability', protocol, 'reliability' from chart_reliability
         union all
        select 'scale-memory', 'scale_memory', '', 'scale'
         where exists (select 1 from chart_scale_memory)
         union all
        select 'scale-set-up', 'scale_set_up', '', 'scale'
         where exists (select 1 from chart_set_up)
         union all
        select 'capacity-clients', 'capacity_clients', '', 'capacity'
         where exists (select 1 from chart_capacity_clients)
         union all
        select 'capacity-rate', 'capacity_rate', '', 'capacity'
         where exists (select 1 from chart_capacity_rate))
 where scenario = (select name from scenario);

create view chart_protocol as select 'echo' as protocol union all select 'ws';

create view chart_protocol_title as select 'echo' as protocol, 'echo' as title union all select 'ws', 'WebSocket echo';

-- Ping-pong over clients. The floor is in the charts of both protocols. x: shifted a little for each model, so that
-- lines with equal values stay visible. hollow: some of the clients failed. ..._open: it cannot be told apart from the floor.
create view chart_sweep as
select c.protocol, p.model, p.position, p.clients, p.clients * pow(1.05, p.position - 3.5) as x,
       iif(p.failed_clients > 0, 1, 0) as hollow, p.void, p.good, p.made, p.model || iif(p.yardstick, ' (echo)', '') as title,
       p.messages_per_s, p.messages_per_s_least, p.messages_per_s_greatest,
       100.0 * p.failed_clients / p.asked as failed_percent,
       100.0 * p.failed_clients_least / p.asked as failed_percent_least,
       100.0 * p.failed_clients_greatest / p.asked as failed_percent_greatest,
       nullif(p.service_p50_us, 0) as p50, p.service_p50_us_least as p50_least, p.service_p50_us_greatest as p50_greatest,
       nullif(p.service_p99_us, 0) as p99, p.service_p99_us_least as p99_least, p.service_p99_us_greatest as p99_greatest,
       p.server_us_per_message as cpu, p.server_us_per_message_least as cpu_least,
       p.server_us_per_message_greatest as cpu_greatest,
       r.throughput_ratio as rate_ratio, r.throughput_low as rate_ratio_least, r.throughput_high as rate_ratio_greatest,
       r.throughput_says as rate_says, coalesce(r.throughput_word = 'open', 0) as rate_open,
       r.cpu_ratio, r.cpu_low as cpu_ratio_least, r.cpu_high as cpu_ratio_greatest, r.cpu_says, coalesce(r.cpu_word = 'open', 0) as cpu_open
  from cached_point p join chart_protocol c on c.protocol = p.protocol or p.yardstick
  left join floor_ratio r on not p.yardstick and (r.workload, r.protocol, r.clients, r.model) = (p.workload, p.protocol, p.clients, p.model)
 where p.workload = 'ping-pong' and p.made > 0;

-- Points that are no result: named at the foot of the chart.
create view chart_mark as
select protocol, clients, position, model || ' ' || iif(void, 'void', 'failed') as text
  from chart_sweep where void or not good;

-- The open loop at the common rate: for each share of the samples, the response time below which they stayed. Drawn as
-- far as at least ten samples lie beyond; one row for each half a percent of the axis' width is enough.
create view chart_open_loop as
select protocol, position, x, us
  from (select *, row_number() over (partition by protocol, position, cast(200 * log10(x) as integer) order by x) as nth
          from (select protocol, model, upper_ns / 1000.0 as us,
                       1.0 * sum(count) over whole / nullif(sum(count) over whole - sum(count) over so_far, 0) as x,
                       sum(count) over whole - sum(count) over so_far as beyond
                  from point_histogram
                 where workload = 'open-loop' and kind = 'response'
                window whole as (partition by protocol, model),
                       so_far as (partition by protocol, model order by upper_ns))
          join model on model.name = model
          join (select distinct protocol as p, model as m from cached_point where workload = 'open-loop' and not void)
            on p = protocol and m = model
         where beyond >= 10)
 where nth = 1;

-- Memory: at the count of clients nearest to a thousand, where it is measured best.
create view chart_memory as
select protocol, model, position, clients, memory_per_connection as value, memory_per_connection_least as least,
       memory_per_connection_greatest as greatest, printf('%,d', round(memory_per_connection)) as text
  from cached_point
 where workload = 'ping-pong' and not void and not yardstick and memory_per_connection > 0
   and clients = (select clients from cached_point where workload = 'ping-pong'
                   order by abs(ln(clients) - ln(1000)), clients limit 1);

create view chart_syscalls as
select s.protocol, s.model, m.position, s.clients, sum(s.per_message) as value, sum(s.per_message) as least,
       sum(s.per_message) as greatest, printf('%.2f', sum(s.per_message)) as text
  from point_syscall s join model m on m.name = s.model
 group by s.protocol, s.model, s.clients
having sum(s.per_message) > 0;

-- The memory of an idle connection: the server's own, and the kernel's for it.
create view chart_scale_memory as
select protocol, model, position, clients, value, value as least, value as greatest, printf('%,d', round(value)) as text
  from (select b.protocol, b.model, b.position, b.clients,
               1024 * (b.memory_after_kib - a.memory_after_kib) / (b.connected - a.connected) + b.kernel_of_server as value
          from cached_point a
          join cached_point b on (b.workload, b.protocol, b.model) = ('among-idle', a.protocol, a.model)
         where a.workload = 'alone' and a.good and b.good and not a.void and not b.void and b.connected > a.connected)
 where value > 0;

create view chart_set_up as
select protocol, model, position, clients, 1e6 / server_us_per_message as value, 1e6 / server_us_per_message_greatest as least,
       1e6 / server_us_per_message_least as greatest, printf('%,d', round(1e6 / server_us_per_message)) as text
  from cached_point where workload = 'set-up' and good and not void and server_us_per_message > 0;

create view chart_pipelined as
select c.protocol, p.clients, p.position, p.model, dense_rank() over (order by p.clients) as place,
       iif(p.failed_clients > 0, 1, 0) as hollow, p.messages_per_s, p.messages_per_s_least, p.messages_per_s_greatest,
       p.model || iif(p.yardstick, ' (echo)', ', ' || t.title) as title, r.throughput_ratio as rate_ratio,
       r.throughput_low as rate_ratio_least, r.throughput_high as rate_ratio_greatest, r.throughput_says as rate_says,
       coalesce(r.throughput_word = 'open', 0) as rate_open
  from cached_point p join chart_protocol c on c.protocol = p.protocol or p.yardstick
  join chart_protocol_title t on t.protocol = c.protocol
  left join floor_ratio r on not p.yardstick and (r.workload, r.protocol, r.clients, r.model) = (p.workload, p.protocol, p.clients, p.model)
 where p.workload = 'pipelined' and p.good and not p.void and p.messages_per_s > 0;

-- The ladder: three figures for each step, at the smallest four of the client counts.
create view chart_ladder as
select *
  from (select p.model, l.place, m.kernel, p.clients, dense_rank() over (order by p.clients) as series,
               p.messages_per_s, p.messages_per_s_least, p.messages_per_s_greatest,
               p.server_us_per_message as cpu, p.server_us_per_message_least as cpu_least,
               p.server_us_per_message_greatest as cpu_greatest, c.calls
          from cached_point p
          join model m on m.name = p.model
          join ladder_place l on l.model = p.model
          left join calls_per_message c on (c.protocol, c.clients, c.model) = (p.protocol, p.clients, p.model)
         where p.workload = 'ping-pong' and p.good and not p.void and p.messages_per_s > 0)
 where series <= 4;

create view chart_ladder_remark as
select coalesce((select 'Not measured: ' || group_concat(model || ' (Linux ' || kernel || ')', ', ') || '.'
                   from (select l.model, m.kernel from ladder_place l join model m on m.name = l.model
                          where l.model not in (select model from chart_ladder) order by l.place)),
                'Calls are counted in a pass of its own under strace.') as text;

create view chart_subtitle as
select (select substr(value, 1, 16) from metadata where key = 'date') || ' - ' || (select value from metadata where key = 'kernel') || ' - ' ||
       (select value from metadata where key = 'cpu_model') || ', ' || (select value from metadata where key = 'cpus') ||
       ' CPUs' || coalesce((select ' - ' || upper(value) from metadata where key = 'state' and value <> 'complete'), '') as text,
       ' - median of ' || wanted.repetitions || ', bars: min..max' as statistics
  from wanted;

-- The note that the reader of a sweep's chart needs.
create view chart_remark as
select c.protocol,
       iif((select sum(hollow) from chart_sweep s where s.protocol = c.protocol) > 0, '  Hollow: some clients failed.', '') as hollow,
       coalesce((select '  ' || upper(substr(label, 1, 1)) || substr(label, 2) || ': ' || count(*) || ' of ' ||
                        (select count(*) from chart_sweep s where s.protocol = c.protocol) || ' points.'
                   from label l
                  where l.label = 'client-bound' and l.workload = 'ping-pong'
                    and (l.protocol = c.protocol or l.model = 'floor')
                  group by label), '') as client_bound,
       (select iif(sum(rate_open), '  Grey: cannot be told from the floor.', '') ||
               iif(sum(rate_ratio is not null and rate_ratio_least is null), '  No bar: no interval.', '')
          from chart_sweep s where s.protocol = c.protocol) as rate_told,
       (select iif(sum(cpu_open), '  Grey: cannot be told from the floor.', '') ||
               iif(sum(cpu_ratio is not null and cpu_ratio_least is null), '  No bar: no interval.', '')
          from chart_sweep s where s.protocol = c.protocol) as cpu_told
  from chart_protocol c;

-- What each model holds.
create view chart_capacity_clients as
select protocol, model, position, value, least, greatest, at_least, iif(at_least, '≥ ', '') || printf('%,d', value) as text
  from search_point where of = 'clients' and value > 0;

create view chart_capacity_rate as
select protocol, model, position, value, least, greatest, at_least, iif(at_least, '≥ ', '') || printf('%.0fk', value / 1000.0) as text
  from search_point where of = 'rate' and value > 0;

create view chart_capacity_limits as
select search as of, printf('p99 at most %g ms from due to answered, ', p99_ms) ||
       iif(failures_percent > 0, printf('at most %g%% of the clients fail.', failures_percent), 'no client fails.') as text,
       iif(exists (select 1 from search_point p where p.workload = name and at_least),
           '  ≥: above it the load generator was the limit.', '') ||
       coalesce((select printf('  Disturbed: %d of %d.', sum(labels like '%disturbed%'), count(*)) from search_point p
                  where p.workload = name having sum(labels like '%disturbed%') > 0), '') as marks
  from workload where search is not null;

-- The heat-map: a column for each model, a row for each kind of bad neighbour, and of pressure. heat: log10 of how many
-- times slower, or fewer, than in calm; the maximum for a failure.
create view chart_reliability as
select protocol, workload, workload_position, title, model, position, cell, response_p99_us,
       dense_rank() over (partition by protocol order by position) as x,
       dense_rank() over (partition by protocol order by workload_position desc) as y,
       case when harm is not null then 3
            when shows = 'served' then served < asked
            when chaos = 'flash' or workload in ('large_messages', 'strangers', 'comers') then 0
            else max(0, min(3, log10(max(1, coalesce(iif(shows = 'rate', fewer, times), 1))))) end as heat,
       iif(shows = 'served' and (harm is null or harm = 'spins'), printf('%g of %d', served, asked), cell) as text
  from reliability_cell where twin_of is null and workload not in ('calm', 'few');

-- The hover texts of the points in the SVGs: chart_hover, from these two.

-- The pairs of bars: all bars that model_bars.gp draws.
create view chart_bar as
select 'memory' as chart, protocol, model, position, value, least, greatest, 0 as at_least, ' bytes per connection' as unit
  from chart_memory
 union all
select 'syscalls', protocol, model, position, value, least, greatest, 0, ' system calls per message' from chart_syscalls
 union all
select 'scale-memory', protocol, model, position, value, least, greatest, 0, ' bytes per connection' from chart_scale_memory
 union all
select 'scale-set-up', protocol, model, position, value, least, greatest, 0, ' connections per CPU-second' from chart_set_up
 union all
select 'capacity-clients', protocol, model, position, value, least, greatest, at_least, ' clients' from chart_capacity_clients
 union all
select 'capacity-rate', protocol, model, position, value, least, greatest, at_least, ' msg/s' from chart_capacity_rate;

-- Each point: its chart, protocol ('': the chart shows both) and panel; x, y: where it is drawn; series: the number of
-- the bar among those side by side there, 0 for none; says: the text before the value.
create view chart_point as
select chart, protocol, panel, x, 0 as series, value as y,
       printf('%s, %,d client%s:', title, clients, iif(clients = 1, '', 's')) || what as says, value, least, greatest, unit
  from (select s.*, 'throughput' as chart, 'messages_per_s' as panel, '' as what, messages_per_s as value,
               messages_per_s_least as least, messages_per_s_greatest as greatest, ' msg/s' as unit
          from chart_sweep s
         union all
        select s.*, 'failures', 'failed_percent', '', failed_percent, failed_percent_least, failed_percent_greatest, '% failed'
          from chart_sweep s
         union all
        select s.*, 'latency-closed', 'p50', ' p50', p50, p50_least, p50_greatest, ' us' from chart_sweep s
         union all
        select s.*, 'latency-closed', 'p99', ' p99', p99, p99_least, p99_greatest, ' us' from chart_sweep s
         union all
        select s.*, 'cpu', 'cpu', '', cpu, cpu_least, cpu_greatest, ' us CPU per message' from chart_sweep s)
 where good and not void
 union all
-- The open loop's curves have too many points for that: only round shares have texts, 50%, 80%, 90%, 95%...
select 'latency-open', protocol, '', x, 0, us, printf('%s: %.10g%% within', name, 100 - 100.0 / share), us, null, null, ' us'
  from (select protocol, name, share.value as share, min(x) as x, us
          from chart_open_loop join model using (position)
          join json_each('[2, 5, 1e1, 2e1, 5e1, 1e2, 2e2, 5e2, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6]') share
            on x >= share.value and x < 0.999 * (select max(x) from chart_open_loop) -- not on the border
         group by protocol, position, share.value)
 union all
select chart, '', '', place, side, value, printf('%s, %s:%s', model, title, iif(at_least, ' at least', '')),
       value, least, greatest, unit
  from (select b.*, t.title, iif(b.protocol = 'echo', 1, 2) as side,
               dense_rank() over (partition by chart order by position) as place
          from chart_bar b join chart_protocol_title t on t.protocol = b.protocol)
 union all
select 'pipelined', '', protocol, place, series, messages_per_s / 1e6,
       printf('%s, %,d client%s:', title, clients, iif(clients = 1, '', 's')),
       messages_per_s, messages_per_s_least, messages_per_s_greatest, ' msg/s'
  from (select *, dense_rank() over (order by position) as series from chart_pipelined)
 union all
select 'ladder', '', panel, step, series, value, printf('%s, %,d client%s:', model, clients, iif(clients = 1, '', 's')),
       value, least, greatest, unit
  from (select l.*, dense_rank() over (order by place) as step, 'messages_per_s' as panel, messages_per_s as value,
               messages_per_s_least as least, messages_per_s_greatest as greatest, ' msg/s' as unit
          from chart_ladder l
         union all
        select l.*, dense_rank() over (order by place), 'cpu', cpu, cpu_least, cpu_greatest, ' us CPU per message'
          from chart_ladder l
         union all
        select l.*, dense_rank() over (order by place), 'calls', calls, calls, calls, ' system calls per message'
          from chart_ladder l);

-- The points that are ratios to the floor, and what their hover texts say.
create view chart_ratio as
select 'throughput' as chart, protocol, 'rate_ratio' as panel, x, 0 as series, rate_ratio as y, title, clients, rate_says as says
  from chart_sweep where good and not void
 union all
select 'cpu', protocol, 'cpu_ratio', x, 0, cpu_ratio, title, clients, cpu_says from chart_sweep where good and not void
 union all
select 'pipelined', '', protocol || '-ratio', place, dense_rank() over (order by position), rate_ratio, title, clients, rate_says
  from chart_pipelined;

-- The text is between apostrophes in the SVG, and so must have none. A figure has three digits, or all before the
-- point.
create view chart_hover as
select chart, protocol, panel, x, series, y,
       replace(says || ' ' || value_text || unit || iif(least_text <> greatest_text, printf(' (%s..%s)', least_text, greatest_text), ''),
               '''', '’') as text
  from (select *, iif(value < 999.5, printf('%.3g', value), printf('%,d', round(value))) as value_text,
               iif(least < 999.5, printf('%.3g', least), printf('%,d', round(least))) as least_text,
               iif(greatest < 999.5, printf('%.3g', greatest), printf('%,d', round(greatest))) as greatest_text
          from chart_point where value is not null)
 union all
select chart, protocol, panel, x, series, y,
       replace(printf('%s, %,d client%s, %s against the floor: %s', title, clients, iif(clients = 1, '', 's'),
                      iif(chart = 'cpu', 'CPU per message', 'msg/s'), says), '''', '’')
  from chart_ratio where y is not null
 union all
select 'reliability', protocol, '', x, 0, y,
       replace(printf('%s, %s (%s): ', model, workload, title) ||
               case when cell like 'x%' then printf('p99 %,d us, %s of calm', round(response_p99_us), cell)
                    when cell like '% us' then 'p99 ' || cell
                    else cell end, '''', '’')
  from chart_reliability;
