-- print_scale_doc.sql - docs/scale.md, from the database of a run of `compare.sh --scenario scale`. From the repository:
--   sqlite3 -batch -init /dev/null results/reference/scale.db '.read scripts/sql/print_scale_doc.sql' >docs/scale.md
.mode list
.headers off
.print # From 19,000 connections to a million
.print
.print Generated from `results/reference/scale.db` by `scripts/sql/print_scale_doc.sql`; no figure is typed by hand. The same for your
.print own machine: `scripts/compare.sh --scenario scale` (12 minutes). One process holds as many connections here as it may
.print have descriptors.
.print
select 'Measured ' || (select substr(value, 1, 10) from metadata where key = 'date') || ' on ' ||
       (select value from metadata where key = 'cpu_model') || ', ' || (select value from metadata where key = 'cpus') || ' CPUs, ' ||
       (select value from metadata where key = 'kernel') || ', ' || (select value from metadata where key = 'memory') || '; medians of ' ||
       (select max(repetition) from plan) || ' interleaved runs.';
.print
.read scripts/sql/print_scale.sql
.print ## How the limits are raised
.print
.print ```sh
with setting (position, line) as (values
    (1, 'ulimit -Hn 1100000                      # or LimitNOFILE= of the service; fs.nr_open must allow it'),
    (2, 'sysctl fs.nr_open=1100000 fs.file-max=2200000'),
    (3, 'sysctl net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65535    # and --backlog 65535'),
    (4, 'sysctl net.ipv4.ip_local_port_range="1024 65535"                      # of the clients: ports of one address'),
    (5, 'sysctl net.ipv4.tcp_mem="MIN PRESSURE MAX"                            # pages; buffers that hold nothing do not count'),
    (6, 'sysctl kernel.threads-max=1100000 kernel.pid_max=4194304 vm.max_map_count=2200000                  # for bio only')
)
select line from setting order by position;
.print ```
.print
.print What none of these settings changes: a thread for each connection takes its stack's touched pages and the kernel's stack,
.print task and page tables besides; the Selector and the ring take what the socket takes, and two hundred bytes.
