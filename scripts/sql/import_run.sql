-- import_run.sql - adds run :id to the database, from the output of its programs. :server_state is 'ran', 'not
-- started', 'died' or 'killed'. Texts, null where there is none: :loadgen (its JSON), :stats (the server's),
-- :server_says, :loadgen_says (standard errors), :calls (strace -c). :build is the directory of the programs: their
-- error messages begin with it. :ticks_before, :ticks_after: JSON lists of CPU ticks: of all processes, stolen by the
-- hypervisor, of our own.
drop table if exists temp.file;
begin;

create temp table file as
select iif(json_valid(:loadgen), :loadgen, null) as loadgen, iif(json_valid(:stats), :stats, null) as stats,
       trim(replace(coalesce(:server_says, ''), :build || '/', ''), char(10)) as server_says,
       trim(replace(coalesce(:loadgen_says, ''), :build || '/', ''), char(10)) as loadgen_says;

insert into run
select :id,
       iif(loadgen is null or :server_state in ('not started', 'died') or :loadgen_exit not in (0, 1), 'failed', 'ok'),
       rtrim(case when json_extract(loadgen, '$.end') in ('gone', 'void') then json_extract(loadgen, '$.notes[0]')
            when p.rate is null then 'no rate: no capacity was measured for this point'
            when :server_state = 'not started' then 'the server did not start: ' || server_says
            when :server_state = 'died' then
                'the server ended by itself with status ' || :server_exit || ': ' || server_says
            when :loadgen_exit not in (0, 1) then
                'the load generator ended with status ' || :loadgen_exit || ': ' || loadgen_says
            when loadgen is null then 'the load generator left no result: ' || loadgen_says
            when :server_state = 'killed' then 'the server did not stop in time and was killed' end, ': '),
       :started, :elapsed_s, :load_average, :time_wait, 
       (json_extract(:ticks_after, '$[1]') - json_extract(:ticks_before, '$[1]')) / 100.0,
       (json_extract(:ticks_after, '$[0]') - json_extract(:ticks_before, '$[0]')
           - json_extract(:ticks_after, '$[2]') + json_extract(:ticks_before, '$[2]')) / 100.0,
       :server_exit, :loadgen_exit,
       json_extract(loadgen, '$.clients.asked'),
       json_extract(loadgen, '$.clients.connected'),
       json_extract(loadgen, '$.clients.upgraded'),
       json_extract(loadgen, '$.clients.served'),
       json_extract(loadgen, '$.window.seconds'),
       json_extract(loadgen, '$.window.messages'),
       json_extract(loadgen, '$.window.messages_per_s'),
       json_extract(loadgen, '$.per_client.min'),
       json_extract(loadgen, '$.per_client.median'),
       json_extract(loadgen, '$.per_client.max'),
       json_extract(loadgen, '$.per_client.jain'),
       json_extract(loadgen, '$.latency.service.mean_us'),
       json_extract(loadgen, '$.latency.service.p50_us'),
       json_extract(loadgen, '$.latency.service.p90_us'),
       json_extract(loadgen, '$.latency.service.p99_us'),
       json_extract(loadgen, '$.latency.service.p999_us'),
       json_extract(loadgen, '$.latency.service.max_us'),
       json_extract(loadgen, '$.latency.response.p50_us'),
       json_extract(loadgen, '$.latency.response.p99_us'),
       json_extract(loadgen, '$.latency.response.p999_us'),
       json_extract(loadgen, '$.latency.response.max_us'),
       json_extract(loadgen, '$.failures_total'),
       json_extract(loadgen, '$.http_status'),
       json_extract(loadgen, '$.close_code'),
       json_extract(loadgen, '$.unfinished.count'),
       json_extract(loadgen, '$.unfinished.oldest_s'),
       json_extract(loadgen, '$.unsent.count'),
       json_extract(loadgen, '$.unsent.oldest_s'),
       json_extract(loadgen, '$.cpu.client_s'),
       json_extract(loadgen, '$.cpu.client_share'),
       json_extract(loadgen, '$.cpu.server_s'),
       json_extract(loadgen, '$.cpu.server_share'),
       json_extract(loadgen, '$.cpu.server_us_per_message'),
       json_extract(loadgen, '$.cpu.client_us_per_message'),
       json_extract(loadgen, '$.memory.server_before_kib'),
       json_extract(loadgen, '$.memory.server_after_kib'),
       json_extract(loadgen, '$.memory.per_connection_bytes'),
       json_extract(loadgen, '$.memory.kernel_per_connection_bytes'),
       json_extract(loadgen, '$.context_switches.voluntary'),
       json_extract(loadgen, '$.context_switches.involuntary'),
       max(0, json_extract(loadgen, '$.littles_law.deviation') - json_extract(loadgen, '$.littles_law.deviation_explained')),
       json_extract(loadgen, '$.totals.messages'),
       json_extract(stats, '$.notes'),
       json_extract(stats, '$.accepted'),
       json_extract(stats, '$.active'),
       json_extract(stats, '$.peak'),
       json_extract(stats, '$.messages'),
       json_extract(stats, '$.waits'),
       json_extract(stats, '$.events'),
       json_extract(stats, '$.submissions'),
       json_extract(stats, '$.short_sends'),
       json_extract(stats, '$.would_blocks'),
       json_extract(stats, '$.no_buffers'),
       json_extract(loadgen, '$.options.io'),
       json_extract(stats, '$.overflows'),
       json_extract(loadgen, '$.chaos.connections'),
       json_extract(loadgen, '$.chaos.ended_by_server'),
       json_extract(loadgen, '$.chaos.resent'),
       json_extract(loadgen, '$.chaos.all_back_s'),
       json_extract(loadgen, '$.aftermath.descriptors_before'),
       json_extract(loadgen, '$.aftermath.descriptors_peak'),
       json_extract(loadgen, '$.aftermath.descriptors_after'),
       json_extract(loadgen, '$.aftermath.threads_before'),
       json_extract(loadgen, '$.aftermath.threads_peak'),
       json_extract(loadgen, '$.aftermath.threads_after'),
       json_extract(loadgen, '$.aftermath.memory_kib_before'),
       json_extract(loadgen, '$.aftermath.memory_kib_peak'),
       json_extract(loadgen, '$.aftermath.memory_kib_after'),
       json_extract(loadgen, '$.aftermath.served_again_s'),
       json_extract(loadgen, '$.aftermath.back_s'),
       json_extract(loadgen, '$.memory.slab_per_connection_bytes'),
       json_extract(loadgen, '$.latency.response.at_least'),
       json_extract(loadgen, '$.latency.response.at_least_from_us')
  from file left join plan p on p.id = :id;

insert into failure
select :id, key, value from file, json_each(file.loadgen, '$.failures') where value > 0;

insert into load_part
select :id, json_extract(value, '$.rank'), json_extract(value, '$.host'), json_extract(value, '$.clients.asked'),
       json_extract(value, '$.clients.connected'), json_extract(value, '$.clients.served'),
       json_extract(value, '$.failures_total'), json_extract(value, '$.messages'), json_extract(value, '$.messages_per_s'),
       json_extract(value, '$.p50_us'), json_extract(value, '$.p99_us'), json_extract(value, '$.client_share'),
       json_extract(value, '$.clock_error_us'), json_extract(value, '$.same_kernel'), json_extract(value, '$.client_bound'), json_extract(value, '$.slow')
  from file, json_each(file.loadgen, '$.hosts') where type = 'object';

insert into server_reason
select :id, 'refused', key, value from file, json_each(file.stats, '$.refused') where value > 0
 union all
select :id, 'closed', key, value from file, json_each(file.stats, '$.closed') where value > 0;

insert into search
select :id, json_extract(loadgen, '$.end'), json_extract(loadgen, '$.answer.kind'), json_extract(loadgen, '$.answer.value'),
       json_extract(loadgen, '$.answer.not_held'), json_extract(loadgen, '$.answer.why_not'),
       json_extract(loadgen, '$.answer.client_limit'), json_extract(loadgen, '$.answer.confirmed'),
       json_extract(loadgen, '$.answer.reached_max'), json_extract(loadgen, '$.answer.held_beyond'),
       json_extract(loadgen, '$.search.max'), json_extract(loadgen, '$.search.max_why'),
       json_extract(loadgen, '$.answer.p50_us'), json_extract(loadgen, '$.answer.p99_us'),
       json_extract(loadgen, '$.answer.messages_per_s'), json_extract(loadgen, '$.answer.client_share'),
       json_extract(loadgen, '$.answer.server_share')
  from file where json_type(loadgen, '$.search') = 'object';

insert into probe
select :id, key + 1, json_extract(value, '$.value'), json_extract(value, '$.clients'), json_extract(value, '$.rate'),
       json_extract(value, '$.held'), json_extract(value, '$.why'), json_extract(value, '$.says'),
       json_extract(value, '$.p50_us'), json_extract(value, '$.p99_us'), json_extract(value, '$.messages_per_s'),
       json_extract(value, '$.connected'), json_extract(value, '$.served'), json_extract(value, '$.failures_total'),
       json_extract(value, '$.client_share'), json_extract(value, '$.server_share'), json_extract(value, '$.started_s'),
       json_extract(value, '$.elapsed_s')
  from file, json_each(file.loadgen, '$.probes');

insert into probe_failure
select :id, p.key + 1, f.key, f.value
  from file, json_each(file.loadgen, '$.probes') p, json_each(p.value, '$.failures') f where f.value > 0;

insert into warning
select :id, value from file, json_each(file.loadgen, '$.notes') where type = 'text';

insert into warning
select :id, value from file, json_each(file.loadgen, '$.warnings') where type = 'text';

-- strace -c: a line for each call, "   123 recvfrom", between a heading and a total.
insert into syscall
with recursive line (text, rest) as (
    select '', :calls || char(10)
     union all
    select trim(substr(rest, 1, instr(rest, char(10)))), substr(rest, instr(rest, char(10)) + 1) from line where rest <> ''
)
select :id, name, calls
  from (select trim(substr(text, instr(text, ' ')), ' ' || char(10)) as name, cast(text as integer) as calls from line)
 where calls > 0 and name <> 'total';

-- Response times of the open loop, in steps of 2%: its chart, and its percentiles over all starts. The steps are the same
-- in every run, so that adding them up loses nothing. runs/ has finer buckets, and those of all other runs.
insert into histogram
select :id, 'response', cast(round(exp((cast(50 * ln(max(upper_ns, 1)) as integer) + 1) / 50.0)) as integer) as upper, sum(count)
  from (select json_extract(value, '$[0]') as upper_ns, json_extract(value, '$[1]') as count
          from file, json_each(file.loadgen, '$.histogram.response')
         where type = 'array') -- null is no bucket
 where :id in (select p.id from plan p join workload w on w.name = p.workload where w.rate_share is not null)
 group by upper;

commit;
