-- bar_views.sql - each bar of bench.sh: the ratio of two in the same race, and whether that is enough. Met: the whole
-- interval is; MISSED: all of it is below; open: the bar is inside. What cannot be raced (bare client) has no interval, and
-- the ratio of the medians decides.
create temp view bar_result as
select b.*, f.messages_per_s as figure, y.messages_per_s as yardstick, r.throughput_ratio as ratio, r.throughput_interval as interval,
       coalesce(l.labels, '') as labels,
       case when r.throughput_ratio is null then 'not measured'
            when f.failed + y.failed + f.void + y.void > 0 or f.failed_clients > 0 or y.failed_clients > 0 then 'FAILED'
            when b.least is null then 'shown only'
            when r.rounds is not null and r.throughput_low is null then 'open'
            when coalesce(r.throughput_low, r.throughput_ratio) >= b.least then 'met'
            when coalesce(r.throughput_high, r.throughput_ratio) < b.least then 'MISSED'
            else 'open' end as verdict
  from bar b
  left join point_ratio r using (workload, protocol, clients, model, against)
  left join cached_point f on (f.workload, f.protocol, f.clients, f.model) = (b.workload, b.protocol, b.clients, b.model)
  left join cached_point y on (y.workload, y.clients, y.model) = (b.workload, b.clients, b.against)
  left join point_label l on (l.workload, l.protocol, l.clients, l.model) = (b.workload, b.protocol, b.clients, b.model);

create temp view call_bar_result as
select b.*, s.calls_per_message, switches,
       case when s.calls_per_message is null then 'not measured'
            when s.calls_per_message <= b.most then 'met' else 'MISSED' end as verdict
  from call_bar b
  left join (select protocol, clients, model, sum(per_message) as calls_per_message from point_syscall
              where workload = 'syscalls' group by protocol, clients, model) s
    on (s.protocol, s.clients, s.model) = (b.protocol, b.clients, b.model)
  left join (select protocol, clients, model, switches_per_message as switches from cached_point where workload = 'ping-pong') p
    on (p.protocol, p.clients, p.model) = (b.protocol, b.clients, b.model);
