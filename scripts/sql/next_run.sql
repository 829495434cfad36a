-- next_run.sql - the next run of the plan, and the text of the progress line; no row: all runs are done.
-- The time left is the plan's estimate, corrected by the ratio of real to estimated time so far.
with pace as (
    select coalesce(sum(r.elapsed_s) / sum(p.estimate_s), 1) as factor from run r join plan p using (id)
), remaining as (
    select sum(estimate_s) * (select factor from pace) as seconds from plan where id not in (select id from run)
)
select p.id, p.phase, p.protocol, p.clients, p.pipeline, p.size, p.rate, p.threads, p.duration_s, p.warmup_s, p.timeout_s,
       w.traced, coalesce(w.active, p.clients) as active, w.reconnect,
       w.search, w.search_min, w.client_rate, w.p99_ms, w.failures_percent, w.resolution_percent,
       x.chaos || iif(w.aftermath, ' --aftermath', '') as chaos, x.limits,
       m.program, m.options || ' ' || w.options as options, m.generator, m.client, s.processes,
       printf('[%*d/%d] %-4s %s %s clients  %-12s rep %d  %dm%02ds left',
              length((select max(id) from plan)), p.id, (select max(id) from plan),
              p.protocol, p.workload, iif(w.search = 'clients', '  all', printf('%5d', p.clients)), p.model, p.repetition, seconds / 60, seconds % 60) as progress
  from plan p join model m on m.name = p.model join workload w on w.name = p.workload
  join workload_words x on x.name = w.name
  join server_processes s on (s.model, s.workload) = (p.model, p.workload), remaining
 where p.id not in (select id from run)
 order by p.id
 limit 1;
