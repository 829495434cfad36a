-- print_tail.sql - how tables.md ends: what went wrong, what was odd, and the machine.
.mode markdown --wrap 0
.headers on
.print ## Runs that failed
.print
select id as run, workload, protocol, clients, model, repetition, replace(replace(why, char(10), ' '), '|', '/') as why
  from plan_run where status = 'failed' order by id;
.mode list
.headers off
select 'None.' where not exists (select 1 from run where status = 'failed');
.print
.print ## Warnings of the load generator
.print
.mode markdown --wrap 0
.headers on
select * from table_warnings;
.mode list
.headers off
select 'None.' where not exists (select 1 from warning);
.print
.print ## Where it was measured
.print
.mode markdown --wrap 0
.headers on
select key, replace(replace(value, char(10), ' '), '|', '/') as value from metadata order by key;
