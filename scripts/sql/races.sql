-- races.sql - what the races say of two servers: ratios within a round, their 95% intervals, and the words for them, which
-- are here and nowhere else. loadgen/race/statistics.h says what an interval is, loadgen/race/rounds.c which word it has.

-- The ratio of any two that took turns in a race, in both directions.
create view pair_ratio as
select race, workload, protocol, clients, figure, r.lane as model, against, r.rounds, median, low, high, p_corrected, word, within,
       rounds_needed
  from ratio r join race on race.id = r.race
 union all
select race, workload, protocol, clients, figure, against, r.lane, r.rounds, 1 / median, 1 / high, 1 / low, p_corrected,
       case word when 'more' then 'less' when 'less' then 'more' else word end, within, rounds_needed
  from ratio r join race on race.id = r.race;

-- The same in words. interval: '1.03-1.06'; text: '1.04 (1.03-1.06)'; short: with the word; says: and with what would
-- help, where it cannot be told.
create view said_ratio as
select *, text || ' ' || said as short, text || ' ' || said || coalesce(' (' || hint || ')', '') as says
  from (select *, iif(median is null, 'n/a', printf(digits, median)) || coalesce(' (' || interval || ')', '') as text,
               case when word = 'same' then printf('the same within %g%%', 100 * within) when word = 'open' then 'cannot be told'
                    when figure = 'rate' then iif(word = 'more', 'faster', 'slower')
                    when figure = 'p99' then iif(word = 'more', 'longer', 'shorter')
                    else 'needs ' || word || ' CPU' end as said,
               iif(word <> 'open', null, coalesce(
                   (select printf('%d of %d slices were disturbed', l.disturbed, l.slices)
                      from lane l where l.race = p.race and l.name in (p.model, p.against) and 2 * l.disturbed > l.slices
                     order by l.disturbed desc limit 1),
                   iif(rounds_needed > rounds, printf('about %,d rounds would tell', round(rounds_needed)), 'too few rounds'))) as hint
          from (select *, iif(low is null, null, printf(digits || '-' || digits, low, high)) as interval
                  from (select *, iif(high - low < 0.02, '%.3f', '%.2f') as digits from pair_ratio)) p);

-- Each race's check of itself: the same server twice. off: it was told apart from itself.
create view control_ratio as
select r.*, coalesce(r.low > 1 or r.high < 1, 0) as off
  from said_ratio r join control c on c.race = r.race and c.model = r.against
 where r.model = 'control';

-- What the reader must know before the figures.
create view head_note as
select text from note
 union all
select printf('%d of %d controls are off (a server against itself: 1 is outside the interval): ', sum(off), count(*)) ||
       group_concat(printf('%s %s %d %s', protocol, workload, clients, figure), ', ') filter (where off) ||
       '. About 1 in 20 is chance; if it is more, do not trust the intervals.'
  from control_ratio where low is not null having sum(off) > 0;

-- Of the models that served all their clients: which places each may have. '1-2': no other is faster, and one may be as fast.
create view ranking as
select *, iif(first = last, '', first || '-') || last as place
  from (select r.workload, r.protocol, r.clients, r.model, 1 + sum(r.word = 'less') as first, 1 + sum(r.word <> 'more') as last
          from pair_ratio r
          join cached_point p using (workload, protocol, clients, model)
          join cached_point q on (q.workload, q.protocol, q.clients, q.model) = (r.workload, r.protocol, r.clients, r.against)
         where r.figure = 'rate' and not p.yardstick and not q.yardstick and not p.void and not q.void
           and p.failed_clients_greatest = 0 and q.failed_clients_greatest = 0
         group by r.workload, r.protocol, r.clients, r.model);

-- Row against column: of each workload the point that is nearest to 50 clients.
create view matrix as
select r.workload, r.protocol, r.clients, r.model, r.against, w.position as workload_position, m.position,
       a.position as against_position, r.median, r.low, r.high, r.word, r.said, r.short, r.says
  from said_ratio r
  join workload w on w.name = r.workload and w.rate_base = 'none'
  join model m on m.name = r.model
  join model a on a.name = r.against
 where r.figure = 'rate'
   and r.clients = (select clients from race x where (x.workload, x.protocol) = (r.workload, r.protocol)
                     order by abs(ln(clients) - ln(50)), clients limit 1);

-- What a point is compared with: the echo floor, the step before it, and what a bar of bench.sh names. A yardstick speaks
-- echo only.
create view compared as
select p.workload, p.protocol, p.clients, p.model, o.model as against, p.position, p.yardstick,
       p.messages_per_s / nullif(o.messages_per_s, 0) as plain_rate,
       p.server_us_per_message / nullif(o.server_us_per_message, 0) as plain_cpu
  from cached_point p
  join cached_point o on (o.workload, o.clients) = (p.workload, p.clients) and (o.protocol = p.protocol or o.yardstick)
 where not p.void and not o.void
   and (o.model = 'floor' or o.model = (select before from model where name = p.model)
        or (p.workload, p.protocol, p.clients, p.model, o.model) in (select workload, protocol, clients, model, against from bar));

-- From a race: with an interval. From runs one after another: the ratio of the medians, which has none ('~1.04').
create view point_ratio as
select p.workload, p.protocol, p.clients, p.model, p.against,
       coalesce(t.median, p.plain_rate) as throughput_ratio, t.low as throughput_low, t.high as throughput_high,
       t.word as throughput_word, t.within as throughput_within, t.rounds_needed, t.rounds,
       coalesce(t.interval, '~' || coalesce(t.text, printf('%.2f', p.plain_rate))) as throughput_interval, coalesce(t.short, p.rate_says) as throughput_short,
       coalesce(t.says, p.rate_says) as throughput_says,
       coalesce(c.median, p.plain_cpu) as cpu_ratio, c.low as cpu_low, c.high as cpu_high, c.word as cpu_word,
       c.within as cpu_within, coalesce(c.says, p.cpu_says) as cpu_says
  from (select *, iif(model = against, 'the yardstick', printf('%.2f, no interval', plain_rate)) as rate_says,
               iif(model = against, 'the yardstick', iif(plain_cpu is null, 'n/a', printf('%.2f, no interval', plain_cpu))) as cpu_says
          from compared where plain_rate is not null) p
  left join said_ratio t on t.figure = 'rate'
   and (t.workload, t.protocol, t.clients, t.model, t.against) = (p.workload, p.protocol, p.clients, p.model, p.against)
  left join said_ratio c on c.figure = 'cpu'
   and (c.workload, c.protocol, c.clients, c.model, c.against) = (p.workload, p.protocol, p.clients, p.model, p.against);

create view floor_ratio as
select * from point_ratio where against = 'floor';
