-- cache.sql - computes the points once; the views above them, the tables and the charts all read cached_point.
begin;
drop table if exists cached_point;
create table cached_point as select * from point;
commit;
