-- tls.sql - what TLS costs: the same server with it (framework_tls), against itself without it (framework).

-- cpu_*: microseconds of CPU time per message, or per connection where each message has its own. Ratios of races have
-- an interval, those of runs one after another none.
create view tls_cost as
select p.workload, w.position as workload_position, w.title, w.reconnect, p.protocol, p.clients, p.failed_clients_greatest as failed,
       q.messages_per_s as plain_rate, p.messages_per_s as tls_rate,
       coalesce(r.text, printf('~%.2f', p.messages_per_s / nullif(q.messages_per_s, 0))) as rate_ratio,
       q.server_us_per_message as plain_us, p.server_us_per_message as tls_us,
       coalesce(c.text, printf('~%.2f', p.server_us_per_message / nullif(q.server_us_per_message, 0))) as cpu_ratio,
       coalesce(c.median, p.server_us_per_message / nullif(q.server_us_per_message, 0)) as cpu_times,
       p.server_us_per_message - q.server_us_per_message as more_us
  from cached_point p
  join cached_point q on (q.workload, q.protocol, q.clients) = (p.workload, p.protocol, p.clients) and q.model = 'framework'
  join workload w on w.name = p.workload
  left join said_ratio r on r.figure = 'rate'
   and (r.workload, r.protocol, r.clients, r.model, r.against) = (p.workload, p.protocol, p.clients, p.model, q.model)
  left join said_ratio c on c.figure = 'cpu'
   and (c.workload, c.protocol, c.clients, c.model, c.against) = (p.workload, p.protocol, p.clients, p.model, q.model)
 where p.model = 'framework_tls' and p.good and not p.void and q.good and not q.void;

-- The same for the tables.
create view table_tls as
select workload_position, workload, title, protocol, printf('%,d', clients) as clients,
       printf('%,d', round(plain_rate)) as "msg/s without", printf('%,d', round(tls_rate)) as "with", rate_ratio as "with/without",
       printf('%.2f', plain_us) as "CPU us without", printf('%.2f', tls_us) as "with ", cpu_ratio as "with/without ",
       printf('%.2f', more_us) as "more CPU us", printf('%d', failed) as failed
  from tls_cost;
