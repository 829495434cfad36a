-- print_ladder.sql - the io_uring ladder: what each step brought. For tables.md, and for the terminal.
.mode list
.headers off
.print ## The io_uring ladder: what each step brought
.print
.print Each step (aio/ladder) is held against the one before, the first against the floor, an echo by epoll; aio is the full
.print server, with protocol, limits and clocks. A change is that of the medians, and is said only where the two ranges min..max do
.print not touch; otherwise it is *nothing: within the spread of the repetitions*. More msg/s is better, less CPU is. Where a
.print point is `client-bound`, read the CPU. **Linux** is the first version that offers what the step needs; calls/msg is from a
.print pass of its own under strace.
.print
.print Messages of 64 KiB show what bundles are for. Read the steps against one another there: their buffers are of 4 KiB, those of
.print the floor and of aio of 16 KiB, so that against those it is not the same work.
.print
.mode markdown --wrap 0
.headers on
select workload, clients, model, "Linux", "msg/s", "min..max", against, "msg/s against it", "CPU us/msg", "CPU against it",
       "calls/msg", labels
  from table_ladder order by workload_position, clients_number, place;
.mode list
.headers off
select char(10) || 'Not measured: ' || name || ', which needs Linux ' || kernel || ': ' || missing || '.'
  from model where missing is not null and name in (select model from ladder_place);
.print
