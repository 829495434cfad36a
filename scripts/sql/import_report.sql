-- import_report.sql - stores what scripts/report has found out about the servers: JSON lists of rows in :metrics, :exam
-- and :journey.
begin;
delete from source_metric;
delete from exam_answer;
delete from journey_event;
insert into source_metric
select value ->> 0, value ->> 1, cast(nullif(value ->> 2, '') as real), coalesce(value ->> 3, '') from json_each(:metrics);
insert into exam_answer
select value ->> 0, value ->> 1, cast(nullif(value ->> 2, '') as integer), value ->> 3 from json_each(:exam);
insert into journey_event (model, lane, start_us, end_us, state, call, text)
select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 from json_each(:journey) order by key;
commit;
