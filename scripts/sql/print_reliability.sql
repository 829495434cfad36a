-- print_reliability.sql - what bad neighbours and pressure do to the models, and to their naive twins. For tables.md, and for
-- the terminal.
.mode list
.headers off
.print ## Reliability: what the good clients feel
.print
.print First rows: 20 good clients ask for 2,000 messages/s together, and check each answer; beside them others do what they
.print should not (`loadgen --chaos help`). A cell is the p99 of the good ones, from due to answered, as a multiple of what it is
.print without the others (first row, in microseconds); below x1 that first row was noisy. The bad ones run on the CPU of the load generator: a multiple of 2 or 3 may
.print be theirs, and not the doing of the server. After a flash: how long until all were served again, nothing lost. Then
.print pressure: messages/s, or how many of the good clients were served and how busy the server was; the others were refused
.print or had to wait, and are counted. *dies*, *wrong bytes*, *n of m fail* and *spins* are what must not be.
.print
.mode markdown --wrap 0
.headers on
select protocol, title as "under", bio, pseudo_async, nio, aio, aio_future, framework
  from table_reliability where of = 'cell' order by protocol, workload_position;
.mode list
.headers off
.print
.print ## Reliability: what is left afterwards
.print
.print From the end of the last connection until descriptors and threads of the server are as many as before the first one, and
.print what it keeps of memory; the most of the repetitions. A new client was served at once, or it says otherwise. Freed memory is
.print kept by the process on purpose (`common/memory.h`): a leak would show in `scripts/soak.sh`, not here.
.print
.mode markdown --wrap 0
.headers on
select protocol, title as "after", bio, pseudo_async, nio, aio, aio_future, framework
  from table_reliability where of = 'back' order by protocol, workload_position;
.mode list
.headers off
.print
.print ## Reliability: the naive twins
.print
.print The same, for servers with one mistake each (`*/naive/*.c`, `docs/failures.md`), beside what the server does that each is a
.print twin of.
.print
.mode markdown --wrap 0
.headers on
select "naive twin", under, protocol, "what it does", "is a twin of", "which does" from table_twin order by position, under;
.mode list
.headers off
.print
