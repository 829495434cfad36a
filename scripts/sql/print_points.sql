-- print_points.sql - every table of the points, whatever was measured.
.mode markdown --wrap 0
.headers on
.print ## Throughput
.print
select workload, protocol, clients, model, "msg/s", "min..max", "of floor", "CPU us/msg", "p50 us", "p99 us", served, failed,
       "Jain", labels
  from table_main where workload in (select name from workload where rate_base = 'none')
 order by workload_position, protocol, clients_number, position;
.print
.print ## Latency in the open loop (microseconds)
.print
select workload, protocol, clients, model, "rate msg/s", "answered msg/s", "service p50", "p99", "p99.9", "response p50",
       "p99 ", "p99.9 ", max, "server CPU", failed, labels
  from table_open_loop order by workload_position, protocol, clients_number, position;
.print
.print ## Latency in the closed loop (service time, microseconds)
.print
select workload, protocol, clients, model, mean, p50, "p50 min..max", p90, p99, "p99 min..max", "p99.9", max
  from table_latency order by workload_position, protocol, clients_number, position;
.print
.print ## Failures
.print
.mode list
.headers off
select printf('A client gave up connecting, its handshake, or a reply after %.1f s (fewest clients) to %.1f s (most).', min(timeout_s),
              max(timeout_s)) || char(10) from plan;
.mode markdown --wrap 0
.headers on
.print Points that are not listed: every client asked was served, none failed, and the server refused and broke off nothing.
.print
select workload, protocol, clients, model, asked, connected, upgraded, served, failed, "failed clients by class, all runs",
       "the server's reasons, all runs", unfinished, "oldest s", unsent
  from table_failures where worth_a_row order by workload_position, protocol, clients_number, position;
.mode list
.headers off
select 'None.' where not exists (select 1 from table_failures where worth_a_row);
.print
.print ## Fairness
.print
.mode markdown --wrap 0
.headers on
select workload, protocol, clients, model, asked, served, "messages per client: least", median, most, "Jain's index"
  from table_fairness order by workload_position, protocol, clients_number, position;
.print
.print ## CPU
.print
select workload, protocol, clients, model, "server us/msg", "min..max", "x floor", "server CPU", "loadgen CPU", "loadgen us/msg",
       "msg per server CPU-s", "switches/msg"
  from table_cpu order by workload_position, protocol, clients_number, position;
.print
.print ## Why: what moving the bytes took
.print
.print Counted by the servers themselves in the timed runs. A **wait** is a call that may sleep. What was **ready** (epoll) or
.print **complete** (io_uring) after it is handled together; near 1 there is nothing to gain from doing many at once. **Short
.print sends** took less than they were given, **would-blocks** found it not ready, **no buffer**: the ring had none free.
.print
select workload, protocol, clients, model, "waits/msg", "ready or complete per wait", "submissions per wait", "short sends",
       "would-blocks", "no buffer"
  from table_effort order by workload_position, protocol, clients_number, position;
.print
.print ## System calls
.print
.print From a pass of its own under `strace -c`, which slows the server down: read the counts, and no timing. A slower server finds
.print more to do each time it looks, so that its batches may be larger than in the timed runs.
.print
select protocol, clients, model, "calls per message", "most of them",
       coalesce("messages per epoll_wait or io_uring_enter", '-') as "messages per epoll_wait or io_uring_enter"
  from table_syscalls order by protocol, position;
.mode list
.headers off
select 'n/a: ' || text from note where text like 'strace%';
.mode markdown --wrap 0
.headers on
.print
.print ## Memory
.print
.print Private memory of the server process, before the first connection and at the end of the measured window. The kernel's
.print socket buffers are not in it; what all connections share (such as the buffers of an io_uring) is, spread over them. A
.print *further* connection is one more than at the next smaller number of clients: there, what is shared cancels out.
.print
select workload, protocol, clients, model, connected, "before KiB", "after KiB", "bytes per connection", "min..max",
       "bytes per further connection"
  from table_memory where workload = 'ping-pong' order by workload_position, protocol, clients_number, position;
.print
