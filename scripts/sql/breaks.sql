-- breaks.sql - what scripts/break.sh can show, by name.
select w.name, w.title, coalesce(
           'twin: ' || (select group_concat(t.twin, ', ') from twin_trial t where t.workload = w.name),
           'only ' || w.models, '') as who
  from workload w join profile_workload p on p.workload = w.name and p.profile = 'reliability'
 order by w.position;
