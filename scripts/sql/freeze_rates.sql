-- freeze_rates.sql - gives the open-loop runs their rates, from what was measured so far with one message in flight.
-- A rate that cannot be computed (nothing was measured) stays null: the run is then recorded as failed.
update plan
   set rate = (select cast(round(w.rate_share * min(p.messages_per_s)) as integer)
                 from workload w, cached_point p
                where w.name = plan.workload
                  and p.workload = 'ping-pong' and p.protocol = plan.protocol and p.clients = plan.clients
                  and p.messages_per_s > 0 and not p.void
                  and (w.rate_base = 'common' or p.model = plan.model))
 where rate is null;
