-- print_terminal.sql - the main tables for the terminal; tables.md has all of them.
.mode list
.headers off
select char(10) || what || ': ' || value from preface where what = 'State' and value <> 'complete';
select 'Note: ' || text from note;
select char(10) || 'Echo, one message in flight per client, closed loop. The floor is a bare epoll echo.' where exists (select 1 from table_main where workload = 'ping-pong' and protocol = 'echo');
.mode box --wrap 0
.headers on
select clients, model, "msg/s", spread, "of floor", "CPU us/msg", "p50 us", "p99 us", served, failed, "Jain", labels
  from table_main where workload = 'ping-pong' and protocol = 'echo' order by clients_number, position;
.mode list
.headers off
select char(10) || 'WebSocket echo, one message in flight per client, closed loop. The floor is that of the echo.' where exists (select 1 from table_main where workload = 'ping-pong' and protocol = 'ws');
.mode box --wrap 0
.headers on
select clients, model, "msg/s", spread, "of floor", "CPU us/msg", "p50 us", "p99 us", served, failed, "Jain", labels
  from table_main where workload = 'ping-pong' and protocol = 'ws' order by clients_number, position;
.mode list
.headers off
select char(10) || 'Echo, 16 messages in flight per client, closed loop.' where exists (select 1 from table_main where workload = 'pipelined' and protocol = 'echo');
.mode box --wrap 0
.headers on
select clients, model, "msg/s", spread, "of floor", "CPU us/msg", "p50 us", "p99 us", served, failed, "Jain", labels
  from table_main where workload = 'pipelined' and protocol = 'echo' order by clients_number, position;
.mode list
.headers off
select char(10) || 'WebSocket echo, 16 messages in flight per client, closed loop.' where exists (select 1 from table_main where workload = 'pipelined' and protocol = 'ws');
.mode box --wrap 0
.headers on
select clients, model, "msg/s", spread, "of floor", "CPU us/msg", "p50 us", "p99 us", served, failed, "Jain", labels
  from table_main where workload = 'pipelined' and protocol = 'ws' order by clients_number, position;
.mode list
.headers off
select char(10) || 'Open loop: microseconds, service from when a message was sent, response from when it was due.'
 where exists (select 1 from table_open_loop);
.mode box --wrap 0
.headers on
select workload, protocol, clients, model, "rate msg/s", "service p50", "p99", "p99.9", "response p50", "p99 ", "p99.9 ", failed,
       labels
  from table_open_loop order by workload_position, protocol, position;
.mode list
.headers off
select char(10) || 'System calls per message, from a pass of its own under strace.' where exists (select 1 from table_syscalls);
.mode box --wrap 0
.headers on
select protocol, clients, model, "calls per message", "most of them" from table_syscalls order by protocol, position;
.mode list
.headers off
select char(10) || 'Labels:' where exists (select 1 from label);
select distinct '  ' || label || ': ' || why from label order by severity, label;
