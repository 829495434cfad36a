-- break_outcome.sql - what happened to each server in a scenario of scripts/break.sh.
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
