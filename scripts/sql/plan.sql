-- plan.sql - multiplies settings, workloads, models and repetitions into the list of runs.
-- The models are the innermost loop and change direction with each repetition (ABCDE EDCBA ABCDE), so that a machine
-- that gets slower or faster affects all of them equally. Reads the views of wanted.sql.

insert into note
select name || ' is not measured: ' || missing
  from model where missing is not null and name in (select name from wanted_name) order by position;

insert into note
select 'Dropped: ' || value || ' clients. The limit here is ' || client_limit || ' (' ||
       (select value from setting where key = 'client_limit_why') || ').'
  from wanted, json_each('[' || wanted.clients || ']')
 where value > client_limit;

insert into plan (id, phase, repetition, workload, protocol, clients, model, pipeline, size, rate, threads,
                  duration_s, warmup_s, timeout_s, estimate_s)
with recursive repetition (n) as (
    select 1 union all select n + 1 from repetition, wanted where n < repetitions
)
select row_number() over (order by p.phase, r.n, p.position, m.protocol_position, p.clients,
                                   iif(r.n % 2 = 1, m.position, -m.position)),
       p.phase, r.n, p.name, m.protocol, p.clients, m.name, p.pipeline,
       iif(m.yardstick, coalesce(p.floor_size, p.size), p.size),
       case p.rate_base when 'none' then 0 when 'fixed' then p.rate end,
       min(wanted.threads, p.clients),
       wanted.duration_s, wanted.warmup_s,
       max(2, wanted.duration_s + wanted.warmup_s) + p.clients * 0.0003, -- more clients take longer to connect
       iif(p.raced, (select coalesce(race_s * (1 + p.clients / 4000.0) * iif(p.chaos is null, 1, 1.3), each_s * wanted_race.models)
                       from wanted_race), -- of the whole race, divided below
       iif(p.search is null, wanted.duration_s + wanted.warmup_s + 0.1 + p.clients * 0.0004,
           18 * (wanted.duration_s + wanted.warmup_s + 0.4))) -- some 18 runs
  from wanted, wanted_point p, wanted_model m, repetition r
 where r.n <= p.repeated
   and (wanted.profile <> 'bench'
        or exists (select 1 from bar b
                    where b.workload = p.name and b.clients = p.clients
                      and (b.model = m.name and b.protocol = m.protocol or b.against = m.name))
        or p.traced and exists (select 1 from call_bar b
                                 where (b.protocol, b.clients, b.model) = (m.protocol, p.clients, m.name)))
   and m.name is not p.without
   and (m.twin_of is null and (p.models is null or ',' || p.models || ',' like '%,' || m.name || ',%')
        or exists (select 1 from twin_trial t where (t.twin, t.workload, t.protocol) = (m.name, p.name, m.protocol)))
   and not (p.traced and exists (select 1 from setting where key = 'no_strace'));

update plan
   set estimate_s = estimate_s / (select count(*) from plan o where (o.phase, o.workload, o.protocol, o.clients)
                                                                    = (plan.phase, plan.workload, plan.protocol, plan.clients))
 where workload in (select name from workload where raced);

insert into note
select printf('Load came from %d other host%s over the network (%s): these figures are not those of loopback.',
              length(value) - length(replace(value, ',', '')) + 1, iif(instr(value, ',') > 0, 's', ''), replace(value, ',', ', '))
  from setting where key = 'load_hosts';

insert into note
select processes || ' processes of each server share a port. ' ||
       'A yardstick is one process (label one-process), and so is a server under strace.'
  from wanted where processes > 1;
insert into note
select printf('These %d processes have %d CPU%s, as the load generator needs the others: ' ||
              'the figures do not show how a model scales.', processes, value, iif(value = 1, '', 's'))
  from wanted join setting on key = 'server_cpus' where value + 0 < processes;

insert into note select value || ': system calls per message are not counted.' from setting where key = 'no_strace';
