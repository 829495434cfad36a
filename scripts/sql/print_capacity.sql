-- print_capacity.sql - what each model holds, found by loadgen --search. For tables.md, and for the terminal.
.mode list
.headers off
.print ## What each model holds
.print
select 'Found by `loadgen --search`: each answer is the border of some eighteen runs, bisected to ' || printf('%g', max(resolution_percent)) ||
       '% and run again on both sides until two runs agree. Held: ' || (select text from chart_capacity_limits limit 1)
  from workload where search is not null;
.print Each run of each search is in the tables `probe` and `probe_failure` of results.db.
.print
.print - **at least**: the border is not the server's. **client-bound**: above it the load generator used 90% of its CPUs or more while
.print   the server idled; **client-limit**: above it the load generator may open no more connections. The server may hold more.
.print - **not-confirmed**: the border still moved when the runs were used up. **not-monotone**: more than *not held* was held.
.print - **disturbed**: other processes, or the hypervisor, used more than a tenth of a CPU meanwhile.
.print
select '### The most clients, of ' || printf('%g', client_rate) || ' messages/s each' || char(10) from workload where name = 'most-clients';
.mode markdown --wrap 0
.headers on
select protocol, model, held, "min..max", "not held", "because", "p50 ms", "p99 ms", "msg/s", "server CPU", "loadgen CPU", runs, labels
  from table_capacity where of = 'clients' order by protocol, position;
.mode list
.headers off
select char(10) || '### The highest rate of ' || (select max(clients) from plan where workload = 'highest-rate') || ' clients, in messages/s' || char(10)
 where exists (select 1 from plan where workload = 'highest-rate');
.mode markdown --wrap 0
.headers on
select protocol, model, held, "min..max", "not held", "because", "p50 ms", "p99 ms", "server CPU", "loadgen CPU", runs, labels
  from table_capacity where of = 'rate' order by protocol, position;
.mode list
.headers off
.print
