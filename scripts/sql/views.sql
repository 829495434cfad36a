-- views.sql - from single runs to points. A point is one workload, protocol, number of clients and model; its figures
-- are medians over the repetitions, with the least and the greatest. Failed runs are counted, and left out of the
-- medians. No value here is rounded: tables.sql and charts.sql do that.

-- The name of the scenario that was measured; '' for none.
create view scenario as
select coalesce((select value from setting where key = 'scenario'), '') as name;

-- What a workload adds to the command lines: of prlimit, before the server's, and of the load generator.
create view workload_words as
select name,
       trim(iif(descriptors is null, '', '--nofile=' || descriptors)
                || iif(address_space_mib is null, '', ' --as=' || (address_space_mib * 1048576))) as limits,
       iif(chaos is null, '', '--chaos ' || chaos || coalesce(' --chaos-clients ' || chaos_clients, '')) as chaos
  from workload;

create view plan_run as
select p.id, p.workload, p.protocol, p.clients, p.model, p.repetition, p.rate, r.*
  from plan p join run r on r.id = p.id;

-- Something else used more than a tenth of a CPU; what costs a tenth of a second once is none of that. (A race knows it of
-- each slice: point_count.)
create view disturbed_run as
select id from run where (others_s + steal_s - 0.1) / elapsed_s > 0.1;

create view good_run as
select * from plan_run where status = 'ok';

-- One row for each figure of each run, so that one window function serves all of them.
create view figure as
select r.workload, r.protocol, r.clients, r.model, f.key as name, f.value
  from good_run r,
       json_each(json_object(
           'messages_per_s', r.messages_per_s,
           'asked', r.asked, 'connected', r.connected, 'upgraded', r.upgraded, 'served', r.served,
           'failed', r.failures_total, 'unsent', r.unsent,
           'unfinished', r.unfinished, 'unfinished_oldest_s', r.unfinished_oldest_s,
           'per_client_min', r.per_client_min, 'per_client_median', r.per_client_median,
           'per_client_max', r.per_client_max, 'jain', r.jain,
           'service_mean_us', r.service_mean_us, 'service_p50_us', r.service_p50_us,
           'service_p90_us', r.service_p90_us, 'service_p99_us', r.service_p99_us,
           'service_p999_us', r.service_p999_us, 'service_max_us', r.service_max_us,
           'response_p50_us', r.response_p50_us, 'response_p99_us', r.response_p99_us,
           'response_p999_us', r.response_p999_us, 'response_max_us', r.response_max_us,
           'response_at_least_from_us', r.response_at_least_from_us,
           'client_share', r.client_cpu_share, 'server_share', r.server_cpu_share,
           'server_us_per_message', r.server_cpu_us_per_message,
           'client_us_per_message', r.client_cpu_us_per_message,
           'memory_before_kib', r.memory_before_kib, 'memory_after_kib', r.memory_after_kib,
           'memory_per_connection', r.memory_per_connection,
           -- a socket's Slab is taken at both ends, where both are on this machine; the rest is the server's. Older results
           -- have no Slab apart.
           'kernel_of_server', r.kernel_per_connection - coalesce(r.slab_per_connection, r.kernel_per_connection) / 2
               * coalesce((select sum(iif(same_kernel, connected, 0)) * 1.0 / nullif(sum(connected), 0) from load_part where run = r.id), 1),
           'sleeps_per_cpu_s', r.switches_voluntary / nullif(r.server_cpu_s, 0),
           'switches_per_message', (r.switches_voluntary + r.switches_involuntary) * 1.0 / nullif(r.messages, 0),
           'waits_per_message', r.server_waits * 1.0 / nullif(r.total_messages, 0),
           'events_per_wait', nullif(r.server_events, 0) * 1.0 / nullif(r.server_waits, 0),
           'submissions_per_wait', nullif(r.server_submissions, 0) * 1.0 / nullif(r.server_waits, 0),
           'short_sends', r.server_short_sends,
           'would_blocks', r.server_would_blocks,
           'no_buffers', r.server_no_buffers,
           'overflows', r.server_overflows,
           'flash_all_back_s', r.flash_all_back_s,
           'served_again_s', r.served_again_s,
           'back_s', r.back_s,
           'threads', r.threads_peak,
           'memory_left_kib', r.aftermath_memory_after_kib - r.aftermath_memory_before_kib,
           'littles_law_deviation', r.littles_law_deviation)) f
 where f.value is not null;

create view ranked_figure as
select *,
       row_number() over (partition by workload, protocol, clients, model, name order by value) as rank,
       count(*) over (partition by workload, protocol, clients, model, name) as runs
  from figure;

-- The median of an even number of runs is the mean of the two in the middle.
create view point_figure as
select workload, protocol, clients, model, name, runs,
       avg(value) filter (where rank in ((runs + 1) / 2, (runs + 2) / 2)) as median,
       min(value) as least, max(value) as greatest
  from ranked_figure
 group by workload, protocol, clients, model, name;

create view point_count as
select p.workload, p.protocol, p.clients, p.model,
       count(*) as planned, count(r.id) as made,
       coalesce(sum(r.status = 'ok'), 0) as good, coalesce(sum(r.status = 'failed'), 0) as failed,
       max(p.rate) as rate,
       max(iif(r.status = 'failed', r.why, null)) as why_failed,
       coalesce(sum(r.why like '%was killed'), 0) as killed,
       coalesce((select 2 * l.disturbed > l.slices from race x join lane l on l.race = x.id
                  where (x.workload, x.protocol, x.clients, l.name) = (p.workload, p.protocol, p.clients, p.model)),
                max(r.id in (select id from disturbed_run))) as disturbed,
       exists (select 1 from failure f join plan q on q.id = f.run
                where f.class = 'mismatch'
                  and (q.workload, q.protocol, q.clients, q.model) = (p.workload, p.protocol, p.clients, p.model))
           as void,
       exists (select 1 from failure f join plan q on q.id = f.run
                where f.class = 'client_limit'
                  and (q.workload, q.protocol, q.clients, q.model) = (p.workload, p.protocol, p.clients, p.model))
           as client_limit
  from plan p join workload w on w.name = p.workload left join run r on r.id = p.id
 where not w.traced and w.search is null
 group by p.workload, p.protocol, p.clients, p.model;

-- Samples of all starts together: never an average of percentiles.
create view point_histogram as
select p.workload, p.protocol, p.clients, p.model, h.kind, h.upper_ns, sum(h.count) as count
  from histogram h join plan p on p.id = h.run join run r on r.id = h.run
 where r.status = 'ok'
 group by p.workload, p.protocol, p.clients, p.model, h.kind, h.upper_ns;

create view pooled_response as
select workload, protocol, clients, model, min(upper_ns) filter (where so_far >= 0.5 * whole) / 1e3 as p50_us,
       min(upper_ns) filter (where so_far >= 0.99 * whole) / 1e3 as p99_us,
       min(upper_ns) filter (where so_far >= 0.999 * whole) / 1e3 as p999_us
  from (select *, sum(count) over (partition by workload, protocol, clients, model order by upper_ns) as so_far,
               sum(count) over (partition by workload, protocol, clients, model) as whole
          from point_histogram where kind = 'response')
 group by workload, protocol, clients, model;

-- The figures side by side.
create view point as
select c.*, w.position as workload_position, w.rate_base, m.position, m.yardstick,
       max(f.median)   filter (where f.name = 'messages_per_s') as messages_per_s,
       max(f.least)    filter (where f.name = 'messages_per_s') as messages_per_s_least,
       max(f.greatest) filter (where f.name = 'messages_per_s') as messages_per_s_greatest,
       max(f.median)   filter (where f.name = 'asked') as asked,
       max(f.median)   filter (where f.name = 'connected') as connected,
       max(f.median)   filter (where f.name = 'upgraded') as upgraded,
       max(f.median)   filter (where f.name = 'served') as served,
       max(f.median)   filter (where f.name = 'failed') as failed_clients,
       max(f.least)    filter (where f.name = 'failed') as failed_clients_least,
       max(f.greatest) filter (where f.name = 'failed') as failed_clients_greatest,
       max(f.median)   filter (where f.name = 'unfinished') as unfinished,
       max(f.median)   filter (where f.name = 'unsent') as unsent,
       max(f.greatest) filter (where f.name = 'unfinished_oldest_s') as unfinished_oldest_s,
       max(f.median)   filter (where f.name = 'per_client_min') as per_client_min,
       max(f.median)   filter (where f.name = 'per_client_median') as per_client_median,
       max(f.median)   filter (where f.name = 'per_client_max') as per_client_max,
       max(f.median)   filter (where f.name = 'jain') as jain,
       max(f.median)   filter (where f.name = 'service_mean_us') as service_mean_us,
       max(f.median)   filter (where f.name = 'service_p50_us') as service_p50_us,
       max(f.least)    filter (where f.name = 'service_p50_us') as service_p50_us_least,
       max(f.greatest) filter (where f.name = 'service_p50_us') as service_p50_us_greatest,
       max(f.median)   filter (where f.name = 'service_p90_us') as service_p90_us,
       max(f.median)   filter (where f.name = 'service_p99_us') as service_p99_us,
       max(f.least)    filter (where f.name = 'service_p99_us') as service_p99_us_least,
       max(f.greatest) filter (where f.name = 'service_p99_us') as service_p99_us_greatest,
       max(f.median)   filter (where f.name = 'service_p999_us') as service_p999_us,
       max(f.median)   filter (where f.name = 'service_max_us') as service_max_us,
       coalesce(h.p50_us, max(f.median) filter (where f.name = 'response_p50_us')) as response_p50_us,
       coalesce(min(h.p99_us, max(f.greatest) filter (where f.name = 'response_max_us')), max(f.median) filter (where f.name = 'response_p99_us')) as response_p99_us,
       coalesce(min(h.p999_us, max(f.greatest) filter (where f.name = 'response_max_us')), max(f.median) filter (where f.name = 'response_p999_us')) as response_p999_us,
       max(f.greatest) filter (where f.name = 'response_max_us') as response_max_us,
       max(f.least)    filter (where f.name = 'response_at_least_from_us') as response_at_least_from_us,
       max(f.median)   filter (where f.name = 'client_share') as client_share,
       max(f.median)   filter (where f.name = 'server_share') as server_share,
       max(f.median)   filter (where f.name = 'sleeps_per_cpu_s') as sleeps_per_cpu_s,
       max(f.median)   filter (where f.name = 'server_us_per_message') as server_us_per_message,
       max(f.least)    filter (where f.name = 'server_us_per_message') as server_us_per_message_least,
       max(f.greatest) filter (where f.name = 'server_us_per_message') as server_us_per_message_greatest,
       max(f.median)   filter (where f.name = 'client_us_per_message') as client_us_per_message,
       max(f.median)   filter (where f.name = 'memory_before_kib') as memory_before_kib,
       max(f.median)   filter (where f.name = 'memory_after_kib') as memory_after_kib,
       max(f.median)   filter (where f.name = 'memory_per_connection') as memory_per_connection,
       max(f.least)    filter (where f.name = 'memory_per_connection') as memory_per_connection_least,
       max(f.greatest) filter (where f.name = 'memory_per_connection') as memory_per_connection_greatest,
       max(f.median)   filter (where f.name = 'kernel_of_server') as kernel_of_server,
       max(f.median)   filter (where f.name = 'switches_per_message') as switches_per_message,
       max(f.median)   filter (where f.name = 'waits_per_message') as waits_per_message,
       max(f.median)   filter (where f.name = 'events_per_wait') as events_per_wait,
       max(f.median)   filter (where f.name = 'submissions_per_wait') as submissions_per_wait,
       max(f.median)   filter (where f.name = 'short_sends') as short_sends,
       max(f.median)   filter (where f.name = 'would_blocks') as would_blocks,
       max(f.median)   filter (where f.name = 'no_buffers') as no_buffers,
       max(f.median)   filter (where f.name = 'overflows') as overflows,
       max(f.greatest) filter (where f.name = 'flash_all_back_s') as flash_all_back_s,
       max(f.runs)     filter (where f.name = 'flash_all_back_s') as flash_runs,
       max(f.greatest) filter (where f.name = 'served_again_s') as served_again_s,
       max(f.runs)     filter (where f.name = 'served_again_s') as served_again_runs,
       max(f.greatest) filter (where f.name = 'back_s') as back_s,
       max(f.runs)     filter (where f.name = 'back_s') as back_runs,
       max(f.greatest) filter (where f.name = 'threads') as threads,
       max(f.greatest) filter (where f.name = 'memory_left_kib') as memory_left_kib,
       max(f.median)   filter (where f.name = 'littles_law_deviation') as littles_law_deviation
  from point_count c
  join workload w on w.name = c.workload
  join model m on m.name = c.model
  left join point_figure f using (workload, protocol, clients, model)
  left join pooled_response h using (workload, protocol, clients, model)
 group by c.workload, c.protocol, c.clients, c.model;

create view label as
select workload, protocol, clients, model, 1 as severity, 'void' as label,
       'wrong bytes came back: no figure of this point is a result' as why
  from cached_point where void
 union all
select workload, protocol, clients, model, 2, 'failed ' || failed || '/' || made, why_failed
  from cached_point where failed > 0
 union all
select workload, protocol, clients, model, 3, 'client-limit', 'the load generator ran out of descriptors or ports'
  from cached_point where client_limit
 union all
select workload, protocol, clients, model, 4, 'client-bound',
       'the load generator was the brake: throughput is a floor, read the CPU per message'
  from cached_point where client_share >= 0.90 and server_share < 0.90 and rate_base = 'none' -- an open loop has its rate
 union all
select workload, protocol, clients, model, 5, 'no-messages', 'no message was answered in the window: see Failures and Warnings'
  from cached_point where messages_per_s = 0
 union all
select workload, protocol, clients, model, 5, 'rate-missed', 'open loop: less than 95% of the rate was answered'
  from cached_point where messages_per_s < 0.95 * rate
 union all
select workload, protocol, clients, model, 5, 'disturbed',
       'something else had the CPU: for more than half of its slices in a race, or for a tenth of a run'
  from cached_point where disturbed
 union all
select workload, protocol, clients, model, 6, 'littles-law',
       'clients in flight and throughput x mean latency differ by more than 5%, and than the borders of the windows explain'
  from cached_point where littles_law_deviation > 0.05
 union all
select workload, protocol, clients, model, 8, 'killed', 'the server did not stop in time after the run'
  from cached_point where killed > 0
 union all
select workload, protocol, clients, model, 9, 'shared-cpu', 'server and load generator had to share one CPU'
  from cached_point where exists (select 1 from setting where key = 'shared_cpu')
 union all
select workload, protocol, clients, model, 10, 'one-process', 'one process, where other servers are several'
  from cached_point join server_processes using (model, workload)
 where processes < (select processes from wanted);

create view point_label as
select workload, protocol, clients, model, group_concat(label, ', ') as labels
  from (select * from label order by workload, protocol, clients, model, severity)
 group by workload, protocol, clients, model;

-- Failed clients by class, and the server's own reasons: 'starved 800, connect_reset 3', added up over all runs.
create view point_failure as
select workload, protocol, clients, model, group_concat(class || ' ' || count, ', ') as classes
  from (select q.workload, q.protocol, q.clients, q.model, x.class, printf('%,d', sum(x.count)) as count
          from failure x join plan q on q.id = x.run
         where (q.workload, q.protocol, q.clients, q.model) in (select workload, protocol, clients, model from cached_point)
         group by q.workload, q.protocol, q.clients, q.model, x.class
         order by q.workload, q.protocol, q.clients, q.model, sum(x.count) desc, x.class)
 group by workload, protocol, clients, model;

create view point_server_reason as
select workload, protocol, clients, model, group_concat(kind || ' ' || reason || ' ' || count, ', ') as reasons
  from (select q.workload, q.protocol, q.clients, q.model, x.kind, x.reason, printf('%,d', sum(x.count)) as count
          from server_reason x join plan q on q.id = x.run
         where not (x.kind = 'closed' and x.reason in ('peer', 'handshake')) -- how a connection ends in good order
         group by q.workload, q.protocol, q.clients, q.model, x.kind, x.reason
         order by q.workload, q.protocol, q.clients, q.model, x.kind desc, sum(x.count) desc, x.reason)
 group by workload, protocol, clients, model;

-- System calls per message, from the traced runs. Both are counted from the server's start to its end.
create view point_syscall as
select p.workload, p.protocol, p.clients, p.model, c.name, sum(c.calls) as calls,
       sum(c.calls) * 1.0 / nullif(sum(r.total_messages), 0) as per_message
  from syscall c join run r on r.id = c.run join plan p on p.id = r.id
 where r.status = 'ok'
 group by p.workload, p.protocol, p.clients, p.model, c.name;

-- The searches. Of several repetitions the one in the middle is used (of an even number, the lower of the two).
create view search_run as
select p.workload, p.protocol, p.model, p.repetition, w.search as of, w.position as workload_position, m.position,
       r.status, r.why, r.id in (select id from disturbed_run) as disturbed, r.elapsed_s as run_s, s.*,
       (select b.why from probe b where b.run = s.run and b.value = s.not_held and not b.held order by b.number desc limit 1) as reason,
       (select count(*) from probe b where b.run = s.run) as probes
  from plan p
  join workload w on w.name = p.workload and w.search is not null
  join model m on m.name = p.model
  join run r on r.id = p.id
  left join search s on s.run = r.id and r.status = 'ok';

create view search_label as
select run, 1 as severity, iif(reason = 'client_limit' or reached_max and max_why like 'client-limit%', 'client-limit', 'client-bound') as label
  from search_run where client_limit or reached_max and max_why like 'client-limit%'
 union all
select run, 2, 'search-max' from search_run where reached_max and max_why not like 'client-limit%'
 union all
select run, 3, 'not-confirmed' from search_run where not confirmed
 union all
select run, 4, 'not-monotone' from search_run where held_beyond is not null
 union all
select run, 5, 'disturbed' from search_run where disturbed;

create view search_point as
select a.*, a.kind = 'at least' as at_least, runs, least, greatest,
       coalesce((select group_concat(label, ', ') from (select label from search_label l where l.run = a.run order by severity)), '') as labels
  from (select *, row_number() over by_value as rank, count(run) over of_point as runs, count(*) over of_point as made,
               min(value) over of_point as least, max(value) over of_point as greatest
          from (select * from search_run order by run)
        window of_point as (partition by workload, protocol, model),
               by_value as (partition by workload, protocol, model order by run is null, coalesce(value, 0))) a
 where rank = max(1, (runs + 1) / 2);
