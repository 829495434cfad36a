-- import_predictions.sql - what the reader said before the run, from the file `predictions` in the current directory: model,
-- topic and word, with tabs between. Prints what is wrong with it; nothing, and it is taken.
.mode ascii
.separator "\t" "\n"
create temp table line (model text, topic text, word text);
.import predictions line
.mode list
.separator " "
select printf('there is no model ''%s'': give one of %s', model, (select group_concat(distinct model) from textbook))
  from line where model not in (select model from textbook)
 union all
select printf('there is no topic ''%s'': give one of %s', topic, (select group_concat(distinct topic) from textbook))
  from line where topic not in (select topic from textbook)
 union all
select printf('''%s'' is no word for %s: give one of %s', word, topic,
              (select group_concat(word, ', ') from (select distinct word from textbook t where t.topic = line.topic)))
  from line where topic in (select topic from textbook) and word not in (select word from textbook t where t.topic = line.topic)
 limit 1;
begin;
delete from prediction;
insert or replace into prediction
select model, topic, word from line
 where not exists (select 1 from line where (topic, word) not in (select topic, word from textbook)
                                         or model not in (select model from textbook));
commit;
