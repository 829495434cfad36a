-- plan.sql - multiplies settings, workloads, models and repetitions into the list of runs.
-- The models are the innermost loop and change direction with each repetition (ABCDE EDCBA ABCDE), so that a drift of
-- the machine falls on all of them alike.

-- The profile with the overrides of the command line.
create view wanted as
select p.name as profile,
       coalesce((select value from setting where key = 'repeat'),   p.repetitions) + 0 as repetitions,
       coalesce((select value from setting where key = 'duration'), p.duration_s)  + 0 as duration_s,
       coalesce((select value from setting where key = 'warmup'),   p.warmup_s)    + 0 as warmup_s,
       coalesce((select value from setting where key = 'clients'),  p.clients)         as clients,
       coalesce((select value from setting where key = 'models'),   p.models)          as models,
       coalesce((select value from setting where key = 'protocols'), p.protocols)      as protocols,
       p.models                                                                        as all_models,
       (select value from setting where key = 'client_limit') + 0                      as client_limit,
       (select value from setting where key = 'loadgen_threads') + 0                   as threads
  from profile p
 where p.name = (select value from setting where key = 'profile');

create view wanted_clients as
select distinct value as clients from wanted, json_each('[' || wanted.clients || ']')
 where value <= client_limit;

create view wanted_protocol as
select json_each.key as position, json_each.value as protocol
  from wanted, json_each('["' || replace(wanted.protocols, ',', '","') || '"]');

-- The profile's yardsticks, and of its models those that --models names.
create view wanted_name as
select m.name
  from wanted, json_each('["' || replace(wanted.all_models, ',', '","') || '"]') own join model m on m.name = own.value
 where m.yardstick
    or m.name in (select json_each.value from json_each('["' || replace(wanted.models, ',', '","') || '"]'));

insert into note
select name || ' is not measured: ' || missing
  from model where missing is not null and name in (select name from wanted_name) order by position;

-- The yardstick speaks echo only; it runs once per point, whatever protocols are asked for.
create view wanted_model as
select m.*, p.protocol as beside, iif(m.yardstick, 'echo', p.protocol) as protocol, p.position as protocol_position
  from model m, wanted_protocol p
 where m.missing is null and m.name in (select name from wanted_name)
   and (not m.yardstick
        or p.position = (select min(position) from wanted_protocol
                          where protocol = 'echo' or not exists (select 1 from wanted_protocol where protocol = 'echo')));

create view wanted_point as
select w.*, c.clients
  from (select pw.workload, c.clients, pw.clients is null as everywhere,
               row_number() over (partition by pw.workload, pw.clients
                                  order by abs(ln(c.clients) - ln(pw.clients)), c.clients) as nearness
          from wanted
          join profile_workload pw on pw.profile = wanted.profile
          join wanted_clients c) c
  join workload w on w.name = c.workload
 where (c.everywhere or c.nearness = 1)
   and coalesce(',' || (select value from setting where key = 'workloads') || ',' like '%,' || w.name || ',%', 1)
 group by w.name, c.clients;

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
       iif(p.search is null, wanted.duration_s + wanted.warmup_s + 0.1 + p.clients * 0.0004,
           18 * (wanted.duration_s + wanted.warmup_s + 0.4)) -- some 18 runs
  from wanted, wanted_point p, wanted_model m, repetition r
 where r.n <= coalesce(p.repetitions, r.n)
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

insert into note select 'strace is missing: system calls per message are not counted.' from setting where key = 'no_strace';
