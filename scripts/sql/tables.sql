-- tables.sql - the points as text, one view for each table. Everything printed is made here.

-- One row for each point, with what every table needs. n/a: it was not reported; the labels say why.
create view table_point as
select p.*,
       iif(p.good and not p.void, 1, 0) as valid,
       r.throughput_says, r.throughput_short, r.cpu_says, k.place,
       coalesce(l.labels, '') as labels, coalesce(f.classes, '') as classes, coalesce(s.reasons, '') as reasons
  from cached_point p
  left join floor_ratio r using (workload, protocol, clients, model)
  left join ranking k using (workload, protocol, clients, model)
  left join point_label l using (workload, protocol, clients, model)
  left join point_failure f using (workload, protocol, clients, model)
  left join point_server_reason s using (workload, protocol, clients, model)
 where p.made > 0;

create view table_main as
select workload, protocol, workload_position, position,
       printf('%,d', clients) as clients, clients as clients_number,
       model, coalesce(throughput_says, 'n/a') as "against the echo floor", coalesce(place, '-') as place,
       iif(valid, printf('%,d', round(messages_per_s)), 'n/a') as "msg/s",
       iif(valid, printf('%,d..%,d', round(messages_per_s_least), round(messages_per_s_greatest)), 'n/a') as "min..max",
       iif(valid and server_us_per_message is not null, printf('%.2f', server_us_per_message), 'n/a') as "CPU us/msg",
       iif(valid and service_p50_us is not null, printf('%,d', round(service_p50_us)), 'n/a') as "p50 us",
       iif(valid and service_p99_us is not null, printf('%,d', round(service_p99_us)), 'n/a') as "p99 us",
       iif(served is null, 'n/a', printf('%,d', round(served))) as served,
       iif(failed_clients is null, 'n/a', printf('%,d', round(failed_clients))) as failed,
       iif(jain is null, 'n/a', printf('%.3f', jain)) as "Jain",
       labels
  from table_point;

create view table_failures as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       iif(asked is null, 'n/a', printf('%,d', round(asked))) as asked,
       iif(connected is null, 'n/a', printf('%,d', round(connected))) as connected,
       iif(protocol = 'echo', '-', iif(upgraded is null, 'n/a', printf('%,d', round(upgraded)))) as upgraded,
       iif(served is null, 'n/a', printf('%,d', round(served))) as served,
       iif(failed_clients is null, 'n/a', printf('%,d', round(failed_clients))) as failed,
       classes as "failed clients by class, all runs",
       reasons as "the server's reasons, all runs",
       iif(unfinished is null, 'n/a', printf('%,d', round(unfinished))) as unfinished,
       iif(unsent is null, '-', printf('%,d', round(unsent))) as unsent,
       iif(unfinished_oldest_s is null, 'n/a', printf('%.1f', unfinished_oldest_s)) as "oldest s",
       failed_clients > 0 or failed > 0 or reasons <> '' or unfinished_oldest_s > 1 as worth_a_row
  from table_point;

create view table_fairness as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       iif(asked is null, 'n/a', printf('%,d', round(asked))) as asked,
       iif(served is null, 'n/a', printf('%,d', round(served))) as served,
       iif(per_client_min is null, 'n/a', printf('%,d', round(per_client_min))) as "messages per client: least",
       iif(per_client_median is null, 'n/a', printf('%,d', round(per_client_median))) as median,
       iif(per_client_max is null, 'n/a', printf('%,d', round(per_client_max))) as most,
       iif(jain is null, 'n/a', printf('%.4f', jain)) as "Jain's index"
  from table_point;

create view table_latency as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       iif(service_mean_us is null, 'n/a', printf('%,d', round(service_mean_us))) as mean,
       iif(service_p50_us is null, 'n/a', printf('%,d', round(service_p50_us))) as p50,
       printf('%,d..%,d', round(service_p50_us_least), round(service_p50_us_greatest)) as "p50 min..max",
       iif(service_p90_us is null, 'n/a', printf('%,d', round(service_p90_us))) as p90,
       iif(service_p99_us is null, 'n/a', printf('%,d', round(service_p99_us))) as p99,
       printf('%,d..%,d', round(service_p99_us_least), round(service_p99_us_greatest)) as "p99 min..max",
       iif(service_p999_us is null, 'n/a', printf('%,d', round(service_p999_us))) as "p99.9",
       iif(service_max_us is null, 'n/a', printf('%,d', round(service_max_us))) as max
  from table_point where valid and rate_base = 'none';

create view table_open_loop as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       printf('%,d', rate) as "rate msg/s",
       printf('%,d', round(messages_per_s)) as "answered msg/s",
       iif(service_p50_us is null, 'n/a', printf('%,d', round(service_p50_us))) as "service p50",
       iif(service_p99_us is null, 'n/a', printf('%,d', round(service_p99_us))) as "p99",
       iif(service_p999_us is null, 'n/a', printf('%,d', round(service_p999_us))) as "p99.9",
       iif(response_p50_us is null, 'n/a', iif(response_p50_us >= response_at_least_from_us, '>= ', '') || printf('%,d', round(response_p50_us))) as "response p50",
       iif(response_p99_us is null, 'n/a', iif(response_p99_us >= response_at_least_from_us, '>= ', '') || printf('%,d', round(response_p99_us))) as "p99 ",
       iif(response_p999_us is null, 'n/a', iif(response_p999_us >= response_at_least_from_us, '>= ', '') || printf('%,d', round(response_p999_us))) as "p99.9 ",
       iif(response_max_us is null, 'n/a', iif(response_max_us >= response_at_least_from_us, '>= ', '') || printf('%,d', round(response_max_us))) as max,
       iif(server_share is null, 'n/a', printf('%.0f%%', 100 * server_share)) as "server CPU",
       iif(failed_clients is null, 'n/a', printf('%,d', round(failed_clients))) as failed,
       labels
  from table_point where valid and rate_base <> 'none';

create view table_cpu as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       coalesce(cpu_says, 'n/a') as "against the echo floor",
       iif(server_us_per_message is null, 'n/a', printf('%.2f', server_us_per_message)) as "server us/msg",
       printf('%.2f..%.2f', server_us_per_message_least, server_us_per_message_greatest) as "min..max",
       iif(server_share is null, 'n/a', printf('%.0f%%', 100 * server_share)) as "server CPU",
       iif(client_share is null, 'n/a', printf('%.0f%%', 100 * client_share)) as "loadgen CPU",
       iif(client_us_per_message is null, 'n/a', printf('%.2f', client_us_per_message)) as "loadgen us/msg",
       iif(server_share > 0, printf('%,d', round(messages_per_s / server_share / cpus)), 'n/a')
           as "msg per server CPU-s",
       iif(switches_per_message is null, 'n/a', printf('%.4f', switches_per_message)) as "switches/msg"
  from table_point join server_processes using (model, workload) where valid;

-- '-': this model has no such figure.
create view table_effort as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       printf('%.4f', waits_per_message) as "waits/msg",
       iif(events_per_wait is null, '-', printf('%.2f', events_per_wait)) as "ready or complete per wait",
       iif(submissions_per_wait is null, '-', printf('%.2f', submissions_per_wait)) as "submissions per wait",
       printf('%,d', round(short_sends)) as "short sends",
       printf('%,d', round(would_blocks)) as "would-blocks",
       iif(submissions_per_wait is null, '-', printf('%,d', round(no_buffers))) as "no buffer"
  from table_point where valid and waits_per_message is not null;

create view table_memory as
select workload, protocol, printf('%,d', clients) as clients, model, workload_position, position,
       clients as clients_number,
       iif(connected is null, 'n/a', printf('%,d', round(connected))) as connected,
       iif(memory_before_kib is null, 'n/a', printf('%,d', round(memory_before_kib))) as "before KiB",
       iif(memory_after_kib is null, 'n/a', printf('%,d', round(memory_after_kib))) as "after KiB",
       iif(memory_per_connection is null, 'n/a', printf('%,d', round(memory_per_connection))) as "bytes per connection",
       iif(memory_per_connection is null, 'n/a', printf('%,d..%,d', round(memory_per_connection_least), round(memory_per_connection_greatest)))
           as "min..max",
       iif(further is null, '-', printf('%,d', round(further))) as "bytes per further connection"
  from (select *,
               1024 * (memory_after_kib - lag(memory_after_kib) over at_fewer)
                    / nullif(connected - lag(connected) over at_fewer, 0) as further
          from table_point where valid and rate_base = 'none'
        window at_fewer as (partition by workload, protocol, model order by clients));

-- The models side by side: against the floor, and what was measured.
create view table_glance as
select workload, protocol, printf('%,d', clients) as clients, model,
       case when void then 'void' when not good then 'failed'
            else coalesce(throughput_short || '; ', '') || printf('%,d/s', round(messages_per_s))
                 || iif(failed_clients > 0, printf(' (served %,d)', round(served)), '') end as cell
  from table_point where rate_base = 'none' order by workload_position, protocol, table_point.clients, position;

-- How each race went. To get the wanted width takes so many rounds: an interval shrinks with the square root of them.
create view table_races as
select r.workload, r.protocol, printf('%,d', r.clients) as clients, r.starts, r.rounds, r.why as ended,
       iif(r.widest is null, 'n/a', printf('+-%.1f%%', 100 * r.widest)) || coalesce(': ' || r.lane, '') as "widest interval",
       case when r.widest is null then 'n/a' when r.widest <= r.wanted then '-'
            else printf('about %,d rounds, %,d minutes', round(r.rounds * pow(r.widest / r.wanted, 2)),
                        1 + round(r.elapsed_s / 60 * pow(r.widest / r.wanted, 2))) end as "what it would take",
       printf('%d of %d', sum(l.disturbed), sum(l.slices)) as "disturbed slices",
       coalesce(c.model || ' ' || (select text || iif(off, ' OFF', '') from control_ratio x where (x.race, x.figure) = (r.id, 'rate')), '-') as "control, msg/s",
       coalesce((select text || iif(off, ' OFF', '') from control_ratio x where (x.race, x.figure) = (r.id, 'cpu')), '-') as "control, CPU",
       iif(count(l.idle_share), printf('%.1f%%', 100 * max(0, max(l.idle_share))), 'n/a') as "idle CPU, most",
       (select iif(count(lag1), printf('%.2f', max(lag1)), 'n/a') from ratio x where x.race = r.id) as "lag 1, most",
       (select max(block) from ratio x where x.race = r.id) as "block, most"
  from race r join workload w on w.name = r.workload left join lane l on l.race = r.id left join control c on c.race = r.id
 group by r.id order by w.position, r.protocol, r.clients;

-- By name: the three most frequent calls.
create view table_syscalls as
select p.workload, p.protocol, printf('%,d', p.clients) as clients, p.model, m.position,
       coalesce((select printf('%.3f', sum(s.per_message)) from point_syscall s
                  where (s.workload, s.protocol, s.clients, s.model) = (p.workload, p.protocol, p.clients, p.model)
                 having count(*) > 0), 'n/a: ' || coalesce(r.why, 'strace counted nothing')) as "calls per message",
       coalesce((select group_concat(text, ', ')
                   from (select name || ' ' || printf('%.3f', per_message) as text from point_syscall s
                          where (s.workload, s.protocol, s.clients, s.model) = (p.workload, p.protocol, p.clients, p.model)
                          order by calls desc limit 3)), '') as "most of them",
       (select printf('%.1f', 1 / sum(s.per_message)) from point_syscall s
         where (s.workload, s.protocol, s.clients, s.model) = (p.workload, p.protocol, p.clients, p.model)
           and s.name in ('epoll_wait', 'epoll_pwait', 'io_uring_enter')
        having count(*) > 0) as "messages per epoll_wait or io_uring_enter"
  from plan p
  join workload w on w.name = p.workload
  join model m on m.name = p.model
  join run r on r.id = p.id
 where w.traced;

-- What a step brought: against the one before. More messages/s is better, less CPU is.
create view step_change as
select s.workload, s.protocol, s.clients, s.model, m.before as against, r.throughput_word as word,
       iif(b.model is null, 'n/a: ' || m.before || ' was not measured', coalesce(r.throughput_says, 'n/a: see the labels')) as throughput,
       coalesce(r.throughput_short, 'n/a') as throughput_short, coalesce(r.cpu_says, 'n/a') as cpu
  from table_point s
  join model m on m.name = s.model and m.before is not null
  left join table_point b on (b.workload, b.protocol, b.clients, b.model) = (s.workload, s.protocol, s.clients, m.before)
  left join point_ratio r on (r.workload, r.protocol, r.clients, r.model, r.against) = (s.workload, s.protocol, s.clients, s.model, m.before);

-- In the ladder's order: the yardstick below it, the steps, and the full server above.
create view ladder_place as
select name as model, row_number() over (order by iif(yardstick, 0, iif(before is null, 2, 1)), position) as place
  from model where name in (select name from wanted_name);

create view calls_per_message as
select protocol, clients, model, sum(per_message) as calls from point_syscall group by protocol, clients, model;

create view table_ladder as
select s.workload, printf('%,d', s.clients) as clients, s.model, iif(m.kernel = '', '-', m.kernel) as "Linux",
       coalesce(x.against, '-') as against, coalesce(x.throughput, '-') as "msg/s against it", coalesce(x.throughput_short, '-') as brought,
       iif(s.valid, printf('%,d', round(s.messages_per_s)), 'n/a') as "msg/s",
       iif(s.valid, printf('%,d..%,d', round(s.messages_per_s_least), round(s.messages_per_s_greatest)), 'n/a') as "min..max",
       iif(s.valid and s.server_us_per_message is not null, printf('%.2f', s.server_us_per_message), 'n/a') as "CPU us/msg",
       coalesce(x.cpu, '-') as "CPU against it",
       case when c.calls is not null then printf('%.3f', c.calls) when s.workload = 'ping-pong' then 'n/a' else '-' end as "calls/msg",
       s.labels, s.workload_position, s.clients as clients_number, p.place
  from table_point s
  join model m on m.name = s.model
  join ladder_place p on p.model = s.model
  left join step_change x using (workload, protocol, clients, model)
  left join calls_per_message c on s.workload = 'ping-pong' and (c.protocol, c.clients, c.model) = (s.protocol, s.clients, s.model);

create view table_capacity as
select s.workload, s.protocol, s.model, s.workload_position, s.position, s.of,
       case when s.run is null then 'n/a: the search failed'
            when s.kind is null or s.kind = 'none' then 'none'
            else iif(s.at_least, 'at least ', '') || printf('%,d', s.value) end as held,
       iif(s.runs > 1, printf('%,d..%,d', s.least, s.greatest), '-') as "min..max",
       coalesce(printf('%,d', s.not_held), '-') as "not held",
       coalesce(nullif(s.why_not, ''), iif(s.reached_max, s.max_why, '-')) as "because",
       coalesce(printf('%.2f', s.p50_us / 1e3), 'n/a') as "p50 ms", coalesce(printf('%.2f', s.p99_us / 1e3), 'n/a') as "p99 ms",
       coalesce(printf('%,d', round(s.messages_per_s)), 'n/a') as "msg/s",
       coalesce(printf('%.0f%%', 100 * s.server_share), 'n/a') as "server CPU",
       coalesce(printf('%.0f%%', 100 * s.client_share), 'n/a') as "loadgen CPU", s.probes as runs, s.labels
  from search_point s;

-- Where load came from several hosts: each, and what it had of all runs of a point together.
create view table_load_part as
select p.workload, p.protocol, printf('%,d', p.clients) as clients, p.model, l.host,
       w.position as workload_position, m.position, p.clients as clients_number, l.rank,
       printf('%,d', sum(l.asked) / count(*)) as asked, printf('%,d', sum(l.served) / count(*)) as served,
       printf('%,d', sum(l.failures_total)) as "failed, all runs",
       printf('%,d', round(avg(l.messages_per_s))) as "msg/s",
       coalesce(printf('%,d', round(avg(l.p50_us))), 'n/a') as "p50 us", coalesce(printf('%,d', round(avg(l.p99_us))), 'n/a') as "p99 us",
       coalesce(printf('%.0f%%', 100 * avg(l.client_share)), 'n/a') as "its CPU",
       rtrim(iif(max(l.client_bound), 'client-bound, ', '') || iif(max(l.slow), 'slow', ''), ', ') as labels
  from load_part l join plan p on p.id = l.run join workload w on w.name = p.workload join model m on m.name = p.model
 group by p.workload, p.protocol, p.clients, p.model, l.rank;

create view table_warnings as
select p.workload, p.protocol, printf('%,d', p.clients) as clients, p.model, p.repetition,
       replace(replace(w.text, char(10), ' '), '|', '/') as warning
  from warning w join plan p on p.id = w.run
 order by w.run;

create view preface as
select 1 as position, 'State' as what, value from metadata where key = 'state'
 union all select 2, 'Measured', (select value from metadata where key = 'date') || ', took ' ||
                  (select value from metadata where key = 'took')
 union all select 3, 'Profile', profile || ': ' || repetitions || ' repetitions of ' || duration_s || ' s, after ' ||
                  warmup_s || ' s of warm-up, or starts of a race; ' || (select count(*) from run) || ' runs' from wanted
 union all select 4, 'Machine', (select value from metadata where key = 'cpu_model') || ', ' ||
                  (select value from metadata where key = 'cpus') || ' CPUs, virtual machine: ' ||
                  (select value from metadata where key = 'virtual_machine')
 union all select 5, 'CPUs', iif(processes > 1, processes || ' processes of each server share a port, on CPU ',
                      'server on CPU ') || (select value from metadata where key = 'cpu_server') ||
                  coalesce((select ', load from other hosts: ' || replace(value, ',', ', ') from setting where key = 'load_hosts'),
                      ', load generator on CPU ' || (select value from metadata where key = 'cpu_loadgen')) ||
                  ' (' || threads || iif(threads = 1, ' thread)', ' threads)') from wanted
 union all select 6, 'Kernel', value from metadata where key = 'kernel'
 union all select 7, 'Mitigations', value from metadata where key = 'mitigations'
 union all select 8, 'Compiler', (select value from metadata where key = 'compiler') || ', ' ||
                  (select value from metadata where key = 'compiler_flags')
 union all select 9, 'Protocol code', 'the same objects in every server, sha256 ' || value
             from metadata where key = 'protocol_sha256'
 union all select 10, 'liburing', value from metadata where key = 'liburing'
 union all select 11, 'Commit', iif(value like 'n/a%', value, value || ', uncommitted: ' ||
                  (select substr(value, 42) from metadata where key = 'git_uncommitted'))
             from metadata where key = 'git_commit';

-- Reliability. times: the good clients' p99, from due to answered, against calm; fewer: their throughput, against that
-- of 20 clients without neighbours. Both of the same model; of a naive twin, of the model that it is a twin of.
-- A server that spins never sleeps, however little CPU time the others leave it: it gives the CPU away by itself less
-- than 200 times in each second of CPU time. The others do so more than 1,000 times at these rates.
create view reliability as
select p.protocol, p.workload, w.chaos, w.title, w.shows, p.workload_position, p.model, m.twin_of, p.position, p.why_failed,
       p.response_p99_us, p.messages_per_s, p.server_share, p.failed_clients, p.asked, p.served, p.flash_all_back_s,
       p.served_again_s, p.back_s, p.memory_left_kib,
       w.aftermath and p.good > 0 as has_aftermath, p.back_runs is p.good as is_back,
       p.served_again_runs is p.good as is_serving,
       coalesce(t.median, iif(w.raced, null, p.response_p99_us / calm.response_p99_us)) as times, t.low as times_low, t.high as times_high,
       few.messages_per_s / p.messages_per_s as fewer,
       case when p.void then 'wrong bytes'
            when p.why_failed like 'the server did not start%' then 'does not start'
            when p.why_failed like 'the server ended by itself with status %'
                then printf('dies, status %d', substr(p.why_failed, 40)) -- 128 + the signal, where it was one
            when p.failed > 0 then 'not measured'
            when w.shows in ('cpu', 'served') and p.rate > 0 and p.server_share > 0.05 and p.sleeps_per_cpu_s < 200 then 'spins'
            when w.shows <> 'served' and p.failed_clients_greatest > 0 then printf('%g of %d fail', p.failed_clients_greatest, p.asked)
            when w.shows <> 'served' and coalesce(p.messages_per_s, 0) = 0 then 'nothing answered'
            when w.shows in ('p99', 'cpu') and p.messages_per_s < 0.5 * p.rate
                then printf('%d of %d/s', p.messages_per_s, p.rate)
            when w.chaos = 'flash' and p.flash_runs is not p.good then 'not back' end as harm
  from cached_point p
  join workload w on w.name = p.workload
  join model m on m.name = p.model
  left join pair_ratio t on (t.figure, t.model, t.against) = ('p99', p.model || '+chaos', p.model)
   and (t.workload, t.protocol, t.clients) = (p.workload, p.protocol, p.clients)
  left join cached_point calm on (calm.workload, calm.protocol, calm.model) = ('calm', p.protocol, coalesce(m.twin_of, p.model))
  left join cached_point few on (few.workload, few.protocol, few.model) = ('few', p.protocol, coalesce(m.twin_of, p.model))
 where not p.yardstick and p.workload in (select workload from profile_workload where profile = 'reliability');

create view reliability_cell as
select *,
       case when harm is not null and harm <> 'spins' then harm
            when shows = 'cpu' then printf('%.0f%% CPU', 100 * server_share)
            when shows = 'served' then printf('%g of %d, %.0f%% CPU', served, asked, 100 * server_share)
            when shows = 'rate' then printf('%,d/s', cast(round(messages_per_s) as integer))
            when chaos = 'flash' then printf('back in %.0f ms', 1e3 * flash_all_back_s)
            when response_p99_us is null then 'nothing'
            when chaos is null or times is null then printf('%,d us', cast(round(response_p99_us) as integer))
            when times_low is null then printf('x%.1f', times)
            when times_low <= 1 and times_high >= 1 then printf('x%.1f: cannot be told (%.1f-%.1f)', times, times_low, times_high)
            when times < 9.95 then printf('x%.1f (%.1f-%.1f)', times, times_low, times_high)
            else printf('x%,d (%,d-%,d)', round(times), round(times_low), round(times_high)) end as cell,
       case when not has_aftermath then '-'
            when not is_serving then 'no new client'
            when not is_back then 'not back'
            else printf('%.0f ms, %+.1f MiB', 1e3 * back_s, memory_left_kib / 1024.0) end as back
  from reliability;

-- A column for each model; the reader chooses which: `cell`, or `back`.
create view table_reliability as
select protocol, title, workload, workload_position, of,
       coalesce(max(text) filter (where model = 'bio'), '-') as bio,
       coalesce(max(text) filter (where model = 'pseudo_async'), '-') as pseudo_async,
       coalesce(max(text) filter (where model = 'nio'), '-') as nio,
       coalesce(max(text) filter (where model = 'aio'), '-') as aio,
       coalesce(max(text) filter (where model = 'aio_future'), '-') as aio_future,
       coalesce(max(text) filter (where model = 'framework'), '-') as framework
  from (select *, 'cell' as of, cell as text from reliability_cell where twin_of is null
         union all
        select *, 'back', back from reliability_cell where twin_of is null and has_aftermath)
 group by of, protocol, workload;

create view table_twin as
select t.position, t.model as "naive twin", t.title as under, t.protocol,
       t.cell as "what it does",
       t.twin_of as "is a twin of", coalesce(s.cell, '-') as "which does"
  from reliability_cell t
  left join reliability_cell s on (s.workload, s.protocol, s.model) = (t.workload, t.protocol, t.twin_of)
 where t.twin_of is not null;
