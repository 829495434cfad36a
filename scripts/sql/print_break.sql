-- print_break.sql - what became of one scenario, for the terminal and for docs/failures.md.
.mode list
.headers off
.separator ""
select printf('%s: %s', w.name, w.title) from workload w where w.name in (select workload from plan);
.print
.print By hand, in two terminals (from the repository):
.print
select printf('    %sbuild/%s --port %d --protocol %s%s',
              iif(x.limits = '', '', 'prlimit ' || x.limits || ' '),
              m.program, 8000 + m.position, p.protocol,
              iif(trim(m.options || ' ' || w.options) = '', '', ' ' || trim(m.options || ' ' || w.options))
                  || iif(p.size > 65536, ' --message-max ' || p.size, ''))
  from (select distinct model, protocol, workload, size from plan) p
  join model m on m.name = p.model join workload w on w.name = p.workload join workload_words x on x.name = w.name
 order by m.twin_of is null, m.position;
select printf('    build/loadgen/loadgen --port 80.. --protocol %s --clients %d%s%s%s%s%s', p.protocol, p.clients,
              iif(p.rate > 0, ' --rate ' || p.rate, ''), iif(p.pipeline > 1, ' --pipeline ' || p.pipeline, ''),
              iif(p.size <> 64, ' --size ' || p.size, ''), iif(w.reconnect, ' --reconnect', ''),
              iif(x.chaos = '', '', ' ' || x.chaos))
  from plan p join workload w on w.name = p.workload join workload_words x on x.name = w.name limit 1;
.print
.mode column --wrap 0
.headers on
select r.model as server, iif(r.twin_of is null, '', 'naive') as "", r.cell as outcome,
       coalesce(f.classes, iif(p.failed > 0, 'the server', 'none')) as "clients that failed",
       iif(p.messages_per_s > 0, printf('%,d', cast(round(p.messages_per_s) as integer)), '-') as "msg/s",
       iif(p.messages_per_s > 0, printf('%,d us', cast(round(coalesce(p.response_p99_us, p.service_p99_us)) as integer)), '-') as p99,
       iif(p.messages_per_s > 0, printf('%.0f%%', 100 * p.server_share), '-') as CPU,
       coalesce(x.descriptors_peak || ' / ' || x.threads_peak, '-') as "files / threads",
       r.back as "back as before",
       coalesce(s.reasons, '') || iif(p.no_buffers > 0, printf(' no buffer %,d', cast(p.no_buffers as integer)), '')
           || iif(p.overflows > 0, printf(' overflows %,d', cast(p.overflows as integer)), '') as "what the server counted"
  from reliability_cell r
  join cached_point p using (workload, protocol, model)
  left join point_failure f using (workload, protocol, model)
  left join point_server_reason s using (workload, protocol, model)
  left join plan_run x on (x.workload, x.protocol, x.model) = (r.workload, r.protocol, r.model)
 order by r.twin_of is null, r.position;
.mode list
.headers off
select printf('%s%s: %s', char(10), model, rtrim(why_failed, ': ' || char(10))) from reliability where why_failed is not null;
