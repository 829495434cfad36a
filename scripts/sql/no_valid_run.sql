-- no_valid_run.sql - the models of the plan that have no valid run, and why. For a naive twin, to die is its result.
select m.name, coalesce(m.missing, (select r.why from plan p join run r using (id)
                                     where p.model = m.name and r.status = 'failed' and r.why is not null order by id limit 1),
                        iif(exists (select 1 from plan p join failure f on f.run = p.id
                                     where p.model = m.name and f.class = 'mismatch'),
                            'wrong bytes came back', 'no message was answered')) as why
  from model m
 where m.missing is not null and m.name in (select name from wanted_name)
    or m.twin_of is null
       and exists (select 1 from plan p join run r using (id) where p.model = m.name)
       and not exists (select 1 from plan p join run r using (id)
                        where p.model = m.name and r.status = 'ok'
                          and (r.messages > 0 or r.id in (select run from search)
                               -- in this scenario a run without messages is a result
                               or (select value from setting where key = 'profile') = 'reliability')
                          and r.id not in (select run from failure where class = 'mismatch'))
 order by m.position;
