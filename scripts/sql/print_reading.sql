-- print_reading.sql - how to read the tables of the points.
.mode list
.headers off
.print ## How to read the tables
.print
.print - Every figure is the **median** over the repetitions; `min..max` are the least and the greatest of them.
.print - **floor** is not a model: a bare epoll echo that parses nothing, close to what the kernel's TCP itself costs. `of floor`
.print   is median by median at the same workload and number of clients. WebSocket is held against the *echo* floor too.
.print - **CPU us/msg** is the CPU time of the whole server process per message, kernel workers included. Where a point is
.print   `client-bound`, read this instead of the throughput.
.print - **asked / connected / upgraded / served** are four numbers: clients wanted, connected, through with the WebSocket
.print   handshake, and answered at least once. A client that failed stays failed; `loadgen --explain all` explains the classes.
.print - **Jain** is Jain's index of the messages per client asked: 1 is the same for all, 1/n is everything for one.
.print - Latency in a closed loop is that of *this* throughput: a slow server is asked less. Claims about latency come from
.print   the **open loop**, where messages are due at one rate for all: `service` counts from sent to answered, `response` from
.print   due to answered.
.print - **n/a** is not zero: it was not reported, or the point has no valid run. **waits** are calls that may sleep.
.print
.print Labels:
.print
.print - **void**: wrong bytes came back in at least one run; no figure of the point is a result.
.print - **failed n/m**: n of m runs could not be made; they are left out of the medians. See *Runs that failed*.
.print - **client-limit**: the load generator ran out of descriptors or ports: not the server's failure.
.print - **client-bound**: the load generator used 90% of its CPUs or more while the server idled: throughput is a floor.
.print - **noisy**: the throughputs of the repetitions differ by more than 5% of their median.
.print - **disturbed**: other processes, or the hypervisor, used more than a tenth of a CPU in at least one of the runs.
.print - **no-messages**: nothing was answered in the window. **rate-missed**: in the open loop, less than 95% of the rate was.
.print - **littles-law**: clients in flight and throughput x mean latency differ by more than 5%.
.print - **single**: one repetition; **killed**: the server did not stop in time after the run; **shared-cpu**: server and load
.print   generator on one CPU.
.print
