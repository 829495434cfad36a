-- reduce.sql - removes from results what nothing reads: for results/reference, which is stored with the sources.
-- Tables, charts and page stay the same.
begin;

-- What can be computed again: cache.sql.
drop table cached_point;

-- What was reported about each run, and is in no view.
update run set
    started = '', load_average = '', time_wait_before = null, server_exit = null, loadgen_exit = null,
    window_s = null, http_status = null, close_code = null, unsent_oldest_s = null, client_cpu_s = null,
    server_cpu_s = null, server_notes = null, server_accepted = null, server_active = null, server_peak = null,
    server_messages = null, chaos_connections = null, chaos_ended_by_server = null, flash_resent = null,
    descriptors_before = null, descriptors_peak = null, descriptors_after = null, threads_before = null,
    threads_after = null, aftermath_memory_peak_kib = null;

-- A point's starts are added up, and stored with the first of them.
create temp table pooled as
select f.run, h.upper_ns, sum(h.count) as count
  from (select p.workload, p.protocol, p.clients, p.model, min(p.id) as run
          from plan p join run r on r.id = p.id
         where r.status = 'ok'
         group by p.workload, p.protocol, p.clients, p.model) f
  join plan p using (workload, protocol, clients, model)
  join run r on r.id = p.id and r.status = 'ok'
  join histogram h on h.run = p.id and h.kind = 'response'
 group by f.run, h.upper_ns;
delete from histogram;
insert into histogram select run, 'response', upper_ns, count from pooled;
drop table pooled;

commit;
