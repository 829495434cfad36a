-- race_rows.sql - the runs that the race of plan row :id makes: its point, all models that can be raced, all starts. No
-- row: this one is not raced. `floor`: how the yardstick of the other protocol is run beside them, as JSON.
with this as (
    select p.phase, p.workload, p.protocol, p.clients from plan p where p.id = :id
)
select p.id, p.repetition, p.model, p.protocol, p.clients, p.pipeline, p.size, p.rate, p.threads, p.timeout_s,
       x.chaos || iif(w.aftermath, ' --aftermath', '') as chaos, w.chaos is not null as disturb,
       iif(w.chaos is null, 25, 100) as slice_ms, m.program, m.options || ' ' || w.options as options, m.generator, m.client, m.yardstick,
       s.processes, x.limits,
       coalesce(wanted_race.race_s * (1 + p.clients / 4000.0) * iif(w.chaos is null, 1, 1.3), each_s * wanted_race.models)
           as race_s,
       (select json_object('program', f.program, 'options', f.options, 'generator', f.generator, 'client', f.client, 'protocol', 'echo',
                           'size', coalesce(w.floor_size, w.size), 'yardstick', 1, 'processes', 1, 'limits', x.limits,
                           'rate', p.rate, 'chaos', '')
          from model f where f.name = 'floor' and f.missing is null and w.without is not f.name) as floor,
       p.workload,
       printf('%s %s, %,d client%s:', p.protocol, p.workload, p.clients, iif(p.clients = 1, '', 's')) as progress
  from this
  join plan p using (phase, workload, protocol, clients)
  join workload w on w.name = p.workload and w.raced
  join model m on m.name = p.model and m.generator = 'loadgen/loadgen'
  join workload_words x on x.name = w.name
  join server_processes s on (s.model, s.workload) = (p.model, p.workload),
       wanted_race
 where p.rate is not null and p.id not in (select id from run)
   and exists (select 1 from plan o join model n on n.name = o.model and not n.yardstick -- a yardstick alone is no race
                where (o.phase, o.workload, o.protocol, o.clients) = (p.phase, p.workload, p.protocol, p.clients))
 order by p.repetition, m.position;
