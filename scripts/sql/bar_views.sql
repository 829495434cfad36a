-- bar_views.sql - each bar of bench.sh: the figure, the one that it is compared with, their ratio, and whether that is
-- enough. A ratio is computed within each repetition, where both were measured within a minute or two; the bar takes
-- the median. So a machine that gets slower or faster during the bench does so for both.
create temp view bar_run as
select b.position, p.repetition, f.messages_per_s / y.messages_per_s as ratio
  from bar b
  join plan p on (p.workload, p.protocol, p.clients, p.model) = (b.workload, b.protocol, b.clients, b.model)
  join run f on f.id = p.id and f.status = 'ok' and f.messages_per_s > 0
  join plan q on (q.workload, q.clients, q.model, q.repetition) = (b.workload, b.clients, b.against, p.repetition)
  join run y on y.id = q.id and y.status = 'ok' and y.messages_per_s > 0;

create temp view bar_ratio as
select position, count(*) as runs, min(ratio) as least_ratio, max(ratio) as greatest_ratio,
       avg(ratio) filter (where rank in ((runs + 1) / 2, (runs + 2) / 2)) as ratio
  from (select *, row_number() over (partition by position order by ratio) as rank,
               count(*) over (partition by position) as runs from bar_run)
 group by position;

create temp view bar_result as
select b.*, f.messages_per_s as figure, y.messages_per_s as yardstick, r.ratio, r.least_ratio, r.greatest_ratio,
       coalesce(l.labels, '') as labels,
       case when r.ratio is null then 'not measured'
            when f.failed + y.failed + f.void + y.void > 0 or f.failed_clients > 0 or y.failed_clients > 0 then 'FAILED'
            when b.least is null then 'shown only'
            when r.ratio >= b.least then 'met'
            else 'MISSED' end as verdict
  from bar b
  left join bar_ratio r on r.position = b.position
  left join point f on (f.workload, f.protocol, f.clients, f.model) = (b.workload, b.protocol, b.clients, b.model)
  left join point y on (y.workload, y.clients, y.model) = (b.workload, b.clients, b.against)
  left join point_label l on (l.workload, l.protocol, l.clients, l.model) = (b.workload, b.protocol, b.clients, b.model);

create temp view call_bar_result as
select b.*, s.calls_per_message, switches,
       case when s.calls_per_message is null then 'not measured'
            when s.calls_per_message <= b.most then 'met' else 'MISSED' end as verdict
  from call_bar b
  left join (select protocol, clients, model, sum(per_message) as calls_per_message from point_syscall
              where workload = 'syscalls' group by protocol, clients, model) s
    on (s.protocol, s.clients, s.model) = (b.protocol, b.clients, b.model)
  left join (select protocol, clients, model, switches_per_message as switches from point where workload = 'ping-pong') p
    on (p.protocol, p.clients, p.model) = (b.protocol, b.clients, b.model);
