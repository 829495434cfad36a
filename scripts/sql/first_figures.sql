-- first_figures.sql - the points of the closed loop that are complete: raced, with the ratio to the floor, or all models
-- run once, with messages/s. Null: that run failed.
with first as (
    select p.*, w.position as workload_position, m.position, r.id as made, x.id as race,
           (select coalesce(interval, '~' || text) from said_ratio s
             where (s.race, s.figure, s.model, s.against) = (x.id, 'rate', p.model, 'floor')) as interval,
           iif(r.status = 'ok' and r.messages > 0, r.messages_per_s, null) as figure
      from plan p
      join workload w on w.name = p.workload and w.rate_base = 'none' and not w.traced and w.search is null and w.chaos is null
      join model m on m.name = p.model
      left join race x on (x.workload, x.protocol, x.clients) = (p.workload, p.protocol, p.clients)
      left join run r on r.id = p.id
     where p.repetition = 1 and (x.id is null or p.model in (select name from lane where race = x.id))
)
select f.workload, f.protocol, f.clients, f.model, f.race, f.interval, f.figure as messages_per_s,
       (select y.figure from first y
         where y.model = 'floor' and y.race is f.race and (y.workload, y.clients) = (f.workload, f.clients)) as floor_messages_per_s
  from first f
 where not exists (select 1 from first o
                    where (o.workload, o.protocol, o.clients) = (f.workload, f.protocol, f.clients) and o.made is null)
 order by f.workload_position, f.protocol, f.clients, f.position;
