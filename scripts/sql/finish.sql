-- finish.sql - how many runs were made, and how long they took.
insert or replace into metadata
select 'state', iif(made = planned, 'complete', printf('partial: %d of %d runs', made, planned))
  from (select (select count(*) from run) as made, (select count(*) from plan) as planned);
insert or replace into metadata
select 'took', printf('%dm%02ds', seconds / 60, seconds % 60)
  from (select cast(round(coalesce(sum(elapsed_s), 0)) as integer) as seconds from run);

insert or replace into metadata
select 'loadgen_io', group_concat(distinct loadgen_io) from run where loadgen_io is not null having count(*) > 0;

insert or ignore into note
select 'Load came from hosts on the machine of the servers (' || group_concat(host, ', ') ||
       '): they share its CPUs, and no figure here is of two machines.'
  from (select distinct host from load_part where same_kernel order by host) having count(*) > 0;
