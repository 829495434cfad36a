-- wanted.sql - what is to be measured, from the settings and the lists of what can be measured: views that plan.sql
-- multiplies, and that the tables and charts name.

-- The profile, with the values that the command line replaces.
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
       (select value from setting where key = 'loadgen_threads') + 0                   as threads,
       coalesce((select value from setting where key = 'processes'), 1) + 0            as processes
  from profile p
 where p.name = (select value from setting where key = 'profile');

-- How many processes a server is, and on how many CPUs they run. A yardstick has no --share-port, and strace counts the
-- calls of one process.
create view server_processes as
select model, workload, processes,
       min(processes, (select coalesce(max(value + 0), 1) from setting where key = 'server_cpus')) as cpus
  from (select m.name as model, w.name as workload, iif(m.yardstick or w.traced, 1, wanted.processes) as processes
          from wanted, model m, workload w);

-- How long a race of so many models takes: --duration and --warmup are of each model in each start.
create view wanted_race as
select (select count(*) from model m where m.name in (select name from wanted_name) and m.missing is null) as models,
       iif(exists (select 1 from setting where key = 'duration'), null,
           (select race_s from profile where name = wanted.profile)) as race_s,
       (duration_s + warmup_s) * repetitions as each_s
  from wanted;

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

-- The yardstick has only echo; it runs once per point, whatever protocols are asked for.
create view wanted_model as
select m.*, p.protocol as beside, iif(m.yardstick, 'echo', p.protocol) as protocol, p.position as protocol_position
  from model m, wanted_protocol p
 where m.missing is null and m.name in (select name from wanted_name)
   and (not m.yardstick
        or p.position = (select min(position) from wanted_protocol
                          where protocol = 'echo' or not exists (select 1 from wanted_protocol where protocol = 'echo')));

-- repeated: how often each model runs there; of a race, its starts. A round of many clients, or with bad neighbours, is
-- long: more starts would leave it no time for rounds.
create view wanted_point as
select w.*, c.clients,
       min(wanted.repetitions, coalesce(w.repetitions, wanted.repetitions),
           iif(not w.raced, wanted.repetitions,
               iif(c.clients >= 4000 or w.chaos is not null, 2, iif(c.clients >= 1000, 3, wanted.repetitions)))) as repeated
  from wanted, (select pw.workload, c.clients, pw.clients is null as everywhere,
               row_number() over (partition by pw.workload, pw.clients
                                  order by abs(ln(c.clients) - ln(pw.clients)), c.clients) as nearness
          from wanted
          join profile_workload pw on pw.profile = wanted.profile
          join wanted_clients c) c
  join workload w on w.name = c.workload
 where (c.everywhere or c.nearness = 1)
   and coalesce(',' || (select value from setting where key = 'workloads') || ',' like '%,' || w.name || ',%', 1)
 group by w.name, c.clients;
