-- break_models.sql - the servers that scripts/break.sh runs in a scenario (:workload): its naive twins, and the servers
-- that they are twins of; in a scenario without twins, all servers that it is for.
select coalesce((select group_concat(distinct t.twin) || ',' || group_concat(distinct m.twin_of)
                   from twin_trial t join model m on m.name = t.twin where t.workload = w.name), w.models,
                'bio,pseudo_async,nio,aio,aio_future,framework') as models,
       coalesce((select min(t.protocol) from twin_trial t where t.workload = w.name), 'echo') as protocol
  from workload w join profile_workload p on p.workload = w.name and p.profile = 'reliability'
 where w.name = :workload;
