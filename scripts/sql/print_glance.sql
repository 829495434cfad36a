-- print_glance.sql - the models side by side.
.print ## At a glance: messages per second and percent of the floor
.print
.mode markdown --wrap 0
.headers on
select workload, protocol, clients, bio, pseudo_async, nio, aio, aio_future, framework
  from table_glance order by workload_position, protocol, clients_number;
.print
