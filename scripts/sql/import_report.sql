-- import_report.sql - what scripts/report has found out about the servers, from the files that it left in the current
-- directory. One may be empty: then the page says that there is nothing.
.mode ascii
.separator "\t" "\n"
create temp table metric_line (model text, metric text, value text, detail text);
create temp table exam_line (model text, question integer, answered text, evidence text);
create temp table journey_line (model text, lane text, start_us real, end_us real, state text, call text, text text);
.import metrics.tsv metric_line
.import exam.tsv exam_line
.import journey.tsv journey_line
begin;
delete from source_metric;
delete from exam_answer;
delete from journey_event;
insert into source_metric select model, metric, cast(nullif(value, '') as real), coalesce(detail, '') from metric_line;
insert into exam_answer select model, question, cast(nullif(answered, '') as integer), evidence from exam_line;
insert into journey_event (model, lane, start_us, end_us, state, call, text) select * from journey_line order by rowid;
commit;
