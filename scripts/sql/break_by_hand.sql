-- break_by_hand.sql - the commands of a scenario of scripts/break.sh: each server's, and the load generator's.
select command from (
    select m.twin_of is null as place, m.position,
           printf('%sbuild/%s --port %d --protocol %s%s',
                  iif(x.limits = '', '', 'prlimit ' || x.limits || ' '),
                  m.program, 8000 + m.position, p.protocol,
                  iif(trim(m.options || ' ' || w.options) = '', '', ' ' || trim(m.options || ' ' || w.options))
                      || iif(p.size > 65536, ' --message-max ' || p.size, '')) as command
      from (select distinct model, protocol, workload, size from plan) p
      join model m on m.name = p.model join workload w on w.name = p.workload join workload_words x on x.name = w.name
     union all
    select 2, 0, printf('build/loadgen/loadgen --port 80.. --protocol %s --clients %d%s%s%s%s%s', p.protocol, p.clients,
                        iif(p.rate > 0, ' --rate ' || p.rate, ''), iif(p.pipeline > 1, ' --pipeline ' || p.pipeline, ''),
                        iif(p.size <> 64, ' --size ' || p.size, ''), iif(w.reconnect, ' --reconnect', ''),
                        iif(x.chaos = '', '', ' ' || x.chaos))
      from plan p join workload w on w.name = p.workload join workload_words x on x.name = w.name
     where p.id = (select min(id) from plan))
 order by place, position;
