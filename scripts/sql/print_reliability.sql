-- print_reliability.sql - what good clients feel of bad ones. For tables.md, and for the terminal.
.mode list
.headers off
.print ## Reliability: what good clients feel of bad ones
.print
.print 20 good clients ask for 2,000 messages/s together, and check each answer; beside them others do what they should not
.print (`loadgen --chaos help`). A cell is the good clients' p99, from due to answered, as a multiple of what it is without
.print the others (first row, in microseconds); or how many of the good ones failed; or that the server died. The bad ones run
.print on the load generator's CPU: a multiple of 2 or 3 may be theirs, and not the server's.
.print
.mode markdown --wrap 0
.headers on
select protocol, "beside 20 good clients", bio, pseudo_async, nio, aio, aio_future, framework
  from table_reliability order by protocol, workload_position;
.mode list
.headers off
.print
