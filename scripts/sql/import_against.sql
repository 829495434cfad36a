-- import_against.sql - copies what `other`, an attached results.db, has to be held against.
begin;
delete from against_figure;
delete from against_preface;
insert into against_figure
select workload, protocol, clients, model, name, runs, median, least, greatest
  from other.point_figure
 where workload in (select name from other.workload -- no tracing, no search, and no rate that each run finds for itself
                     where not traced and search is null and rate_base in ('none', 'fixed'))
   and (workload, protocol, clients, model) not in (select workload, protocol, clients, model from other.cached_point where void)
   and name in ('messages_per_s', 'service_p99_us', 'response_p99_us', 'server_us_per_message', 'memory_per_connection');
insert or replace into against_preface select what, value from other.preface where value is not null;
commit;
