-- first_figures.sql - the points of the first repetition's closed loop that are complete, as all their models have been
-- run: messages/s, and as a share of the floor's. Null: that run failed.
with first as (
    select p.*, w.position as workload_position, m.position, r.id as made,
           (select t.median from ratio t join race x on x.id = t.race
             where (x.workload, x.protocol, x.clients, t.figure, t.lane, t.against)
                 = (p.workload, p.protocol, p.clients, 'rate', p.model, 'floor')) as of_floor,
           iif(r.status = 'ok' and r.messages > 0, r.messages_per_s, null) as figure
      from plan p
      join workload w on w.name = p.workload and w.rate_base = 'none' and not w.traced and w.search is null and w.chaos is null
      join model m on m.name = p.model
      left join run r using (id)
     where p.repetition = 1
)
select f.workload, f.protocol, f.clients, f.model, f.figure as messages_per_s,
       (select y.figure from first y where y.model = 'floor' and (y.workload, y.clients) = (f.workload, f.clients)) as floor_messages_per_s
  from first f
 where not exists (select 1 from first o
                    where (o.workload, o.protocol, o.clients) = (f.workload, f.protocol, f.clients) and o.made is null)
 order by f.workload_position, f.protocol, f.clients, f.position;
