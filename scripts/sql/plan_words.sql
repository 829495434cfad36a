-- plan_words.sql - what will be run and how long it will take, in one sentence.
select printf('%d runs: %s; clients %s; %d repetitions of %g s after %g s of warm-up, or starts of a race. About %d minutes.',
              count(*), (select group_concat(name, ', ') from (select distinct m.name from plan p
                            join model m on m.name = p.model order by m.position)),
              (select group_concat(clients, ', ') from (select distinct clients from plan order by clients)),
              wanted.repetitions, wanted.duration_s, wanted.warmup_s, (sum(plan.estimate_s) + 30) / 60)
  from plan, wanted;
