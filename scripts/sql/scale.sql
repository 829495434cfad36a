-- scale.sql - what a connection costs, and what a million connections need: computed from the points of the scale
-- scenario.

create view scale_cost as
select m.position, a.model, a.protocol,
       a.response_p50_us as alone_p50, a.response_p99_us as alone_p99, b.response_p50_us as among_p50,
       b.response_p99_us as among_p99, b.response_p99_us / nullif(a.response_p99_us, 0) as times,
       b.asked, b.served, b.failed_clients,
       1024 * (b.memory_after_kib - a.memory_after_kib) / (b.connected - a.connected) as user_bytes,
       b.kernel_of_server as kernel_bytes,
       s.messages_per_s as set_ups, s.server_us_per_message as set_up_us, f.server_us_per_message as floor_set_up_us,
       b.server_us_per_message as message_us
  from cached_point a
  join model m on m.name = a.model
  left join cached_point b on (b.workload, b.protocol, b.model) = ('among-idle', a.protocol, a.model) and b.good and not b.void
  left join cached_point s on (s.workload, s.protocol, s.model) = ('set-up', a.protocol, a.model) and s.good and not s.void
  left join cached_point f on (f.workload, f.model) = ('set-up', 'floor') and f.good and not f.void
 where a.workload = 'alone' and a.good and not a.void;

create view sysctl as
select substr(key, 8) as name, value + 0 as value from metadata where key like 'sysctl %';

-- p99 among many idle connections, against alone.
create view scale_among as
select protocol, model, printf('%,d', round(alone_p50)) as "alone: p50 us", printf('%,d', round(alone_p99)) as "p99 us",
       printf('%,d', round(among_p50)) as "among 18,810 idle: p50 us", printf('%,d', round(among_p99)) as "p99 us ",
       printf('%.2f', times) as "p99, times", case when model not in ('nio', 'aio') then '' when times <= 2 then 'met' else 'MISSED' end as bar,
       printf('%,d', round(asked)) as asked, printf('%,d', round(served)) as served, printf('%,d', round(failed_clients)) as failed
  from scale_cost where times is not null order by protocol, position;

-- The same where load came from other hosts: what was asked for and served, and what the server takes for all of it.
create view scale_hosts as
select protocol, model, position, asked, served, failed_clients as failed,
       coalesce(printf('%,d', round(alone_p99)), 'n/a') as alone, coalesce(printf('%,d', round(among_p99)), 'n/a') as among,
       coalesce(printf('%,d', round(user_bytes)), 'n/a') as own, coalesce(printf('%,d', round(kernel_bytes)), 'n/a') as kernel,
       coalesce(printf('%.1f MiB', (user_bytes + kernel_bytes) * served / 1048576), 'n/a') as total
  from scale_cost where asked is not null;

-- What one connection costs.
create view scale_connection as
select protocol, model, iif(user_bytes is null, '-', printf('%,d', round(user_bytes))) as "own bytes",
       iif(kernel_bytes is null, '-', printf('%,d', round(kernel_bytes))) as "kernel's bytes",
       coalesce(printf('%,d', round(set_ups)), 'n/a') as "set-ups/s", coalesce(printf('%.1f', set_up_us), 'n/a') as "server CPU us each",
       coalesce(printf('%,d', round(1e6 / nullif(set_up_us, 0))), 'n/a') as "per server CPU-second",
       coalesce(printf('%.2f', floor_set_up_us / nullif(set_up_us, 0)), 'n/a') as "of floor"
  from scale_cost order by protocol, position;

-- The same times 1,000,000.
create view scale_million as
select protocol, model, coalesce(printf('%.1f GiB', user_bytes * 1e6 / 1073741824), 'n/a') as "own memory",
       coalesce(printf('%.1f GiB', kernel_bytes * 1e6 / 1073741824), 'n/a') as "kernel's memory",
       coalesce(printf('%.0f s', set_up_us), 'n/a') as "one CPU, to let all in",
       coalesce(printf('%.2f', message_us * 1e6 / 20 / 1e6), 'n/a') as "CPUs, for pings alone"
  from scale_cost where model <> 'floor' and user_bytes is not null order by protocol, position;

-- Which limit comes first on the way there, with the settings of the machine that was measured.
create view scale_limit as
select * from (
    select 'descriptors of a process' as "limit",
           (select value from metadata where key = 'ulimit -n (hard)') as "here", 'one a connection' as "a connection takes",
           (select value from metadata where key = 'ulimit -n (hard)') as "so it ends at", 'ulimit -Hn, fs.nr_open' as "setting"
    union all
    select 'open files of the machine', printf('%,d', value), 'one', printf('%,d', value), 'fs.file-max' from sysctl where name = 'fs.file-max'
    union all
    select 'ports of one client address', printf('%,d', (select value from metadata where key = 'port_count')),
           'one, towards one server address and port', printf('%,d clients an address', (select value from metadata where key = 'port_count')),
           'net.ipv4.ip_local_port_range; more client addresses (--source-ips), or more ports of the server'
    union all
    select 'accept queue', printf('%,d', value), 'one place until it is accepted', printf('%,d at the same moment', value),
           'net.core.somaxconn, --backlog' from sysctl where name = 'net.core.somaxconn'
    union all
    select 'threads of the machine (bio)', printf('%,d', value), 'one', printf('%,d', value), 'kernel.threads-max' from sysctl where name = 'kernel.threads-max'
    union all
    select 'process ids (bio)', printf('%,d', value), 'one', printf('%,d', value), 'kernel.pid_max' from sysctl where name = 'kernel.pid_max'
    union all
    select 'memory maps of a process (bio)', printf('%,d', value), 'two: a stack and its guard page', printf('%,d', value / 2),
           'vm.max_map_count' from sysctl where name = 'vm.max_map_count'
    union all
    select 'memory of TCP''s buffers', printf('%.1f GiB', substr(value, instr(replace(value, ' ', char(9)), char(9)) + 1) * 4096.0 / 1073741824),
           'none while idle; up to 4 MiB and more each way while its peer is slow', 'slow readers, not idle ones', 'net.ipv4.tcp_mem, tcp_rmem, tcp_wmem'
      from metadata where key = 'sysctl net.ipv4.tcp_mem'
);
