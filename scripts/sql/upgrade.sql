-- upgrade.sql - prints the statements that give a database of before the tables and columns that it lacks of `new`, an
-- attached database with the schema of now.
.mode list
.headers off
select sql || ';' from new.sqlite_master
 where type = 'table' and name not in (select name from main.sqlite_master);
select printf('alter table %s add column %s %s%s;', t.name, c.name, c.type, iif(c."notnull", ' not null default ' || c.dflt_value, ''))
  from new.sqlite_master t, pragma_table_info(t.name, 'new') c
 where t.type = 'table' and t.name in (select name from main.sqlite_master)
   and c.name not in (select name from pragma_table_info(t.name, 'main'));
