-- finish.sql - how many runs were made, and how long they took.
insert or replace into metadata
select 'state', iif(made = planned, 'complete', printf('partial: %d of %d runs', made, planned))
  from (select (select count(*) from run) as made, (select count(*) from plan) as planned);
insert or replace into metadata
select 'took', printf('%dm%02ds', seconds / 60, seconds % 60)
  from (select cast(round(coalesce(sum(elapsed_s), 0)) as integer) as seconds from run);

insert or replace into metadata
select 'loadgen_io', group_concat(distinct loadgen_io) from run where loadgen_io is not null having count(*) > 0;
