-- print_breaks.sql - what scripts/break.sh can show, by name.
.mode list
.headers off
.separator ""
select printf('  %-17s %-46s %s', w.name, w.title, coalesce(
           'twin: ' || (select group_concat(t.twin, ', ') from twin_trial t where t.workload = w.name),
           'only ' || w.models, ''))
  from workload w join profile_workload p on p.workload = w.name and p.profile = 'reliability'
 order by w.position;
