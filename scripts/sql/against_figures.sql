-- against_figures.sql - the figures in which two runs are compared: none of a traced run, a search, or a rate that each
-- run finds for itself.
select workload, protocol, clients, model, name, runs, median, least, greatest
  from point_figure
 where workload in (select name from workload where not traced and search is null and rate_base in ('none', 'fixed'))
   and (workload, protocol, clients, model) not in (select workload, protocol, clients, model from cached_point where void)
   and name in ('messages_per_s', 'service_p99_us', 'response_p99_us', 'server_us_per_message', 'memory_per_connection');
