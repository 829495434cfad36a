-- workloads.sql - what can be measured. A new model, workload or profile is a new row here.

insert into model (position, name, program, options, yardstick) values
    (1, 'bio',          'bio/bio_server',                   '', 0),
    (2, 'pseudo_async', 'pseudo_async/pseudo_async_server', '', 0),
    (3, 'nio',          'nio/nio_server',                   '', 0),
    (4, 'aio',          'aio/aio_server',                   '', 0),
    (5, 'aio_future',   'aio/aio_future_server',            '', 0),
    (6, 'framework',    'ws_demo/ws_demo',                  '--echo', 0), -- libev
    (7, 'floor',        'floor/floor_server',               '', 1);
insert into model (position, name, program, options, yardstick, generator) values
    (8, 'bare client',   'floor/floor_server',              '', 1, 'floor/floor_client'),
    (9, 'floor threads', 'floor/floor_threads',             '', 1, 'loadgen/loadgen');

-- The same with TLS: scenario tls.
insert into model (position, name, program, options, client) values
    (16, 'framework_tls', 'ws_demo/ws_demo', '--echo --self-signed', '--tls');

update model set kernel = '6.0' where name in ('aio', 'aio_future');

-- The io_uring ladder: each step is compared with the one before.
insert into model (position, name, program, kernel, before) values
    (10, 'step1_oneshot',          'aio/aio_echo',                      '5.7',  'floor'),
    (11, 'step2_multishot_accept', 'aio/ladder/step2_multishot_accept', '5.19', 'step1_oneshot'),
    (12, 'step3_multishot_recv',   'aio/ladder/step3_multishot_recv',   '6.0',  'step2_multishot_accept'),
    (13, 'step4_one_thread',       'aio/ladder/step4_one_thread',       '6.1',  'step3_multishot_recv'),
    (14, 'step5_direct',           'aio/ladder/step5_direct',           '6.1',  'step4_one_thread'),
    (15, 'step6_bundles',          'aio/ladder/step6_bundles',          '6.10', 'step5_direct');

-- Phase 2 needs the capacities that phase 1 measured; phase 3 is traced, and its figures are never timings.
insert into workload (position, name, title, phase, pipeline, rate_base, rate_share) values
    (1, 'ping-pong', 'one message in flight per client',                         1, 1,  'none',   null),
    (2, 'pipelined', '16 messages in flight per client',                         1, 16, 'none',   null),
    (3, 'open-loop', 'open loop, one rate for all: half the smallest capacity',  2, 1,  'common', 0.5),
    (4, 'own-50',    'open loop at 50% of the model''s own capacity',            2, 1,  'own',    0.5),
    (5, 'own-80',    'open loop at 80% of the model''s own capacity',            2, 1,  'own',    0.8),
    (6, 'syscalls',  'one message in flight per client, under strace',           3, 1,  'none',   null);

insert into workload (position, name, title, phase, pipeline, size, floor_size) values
    (7, 'tiny',         '16 messages of 5 bytes in flight per client',           1, 16, 5, 11),
    (8, 'large-64k',    'one message of 64 KiB in flight per client',            1, 1,  65536, null),
    (9, 'large-1m',     'one message of 1 MiB in flight per client',             1, 1,  1048576, null);

insert into workload (position, name, title, phase, rate_base, rate, active, reconnect, without) values
    (20, 'alone',       '190 clients and nobody else, open loop',                1, 'fixed', 20000, null, 0, null),
    (21, 'among-idle',  'the same 190 among 18,810 that are idle',               1, 'fixed', 20000, 190,  0, 'pseudo_async'),
    (22, 'set-up',      'connect, one message, close; again and again',          1, 'none',  null,  null, 1, null);

insert into workload (position, name, title, phase, search, search_min, client_rate, p99_ms, failures_percent, resolution_percent) values
    (30, 'most-clients', 'the most clients that send 10 messages/s each', 1, 'clients', 50,   10,   50, 0, 3),
    (31, 'highest-rate', 'the highest rate',                           1, 'rate',    1000, null, 50, 0, 3);

-- Each runs beside the server that survives what the twin does not.
insert into model (position, name, program, options, twin_of) values
    (20, 'dies_of_its_peer',  'bio/naive/dies_of_its_peer',  '', 'bio'),
    (21, 'stack_overflow',    'bio/naive/stack_overflow',    '', 'bio'),
    (22, 'spinning_selector', 'nio/naive/spinning_selector', '', 'nio'),
    (23, 'rebuilt_selector',  'nio/naive/rebuilt_selector',  '', 'nio'),
    (24, 'never_rebuilt',     'nio/naive/rebuilt_selector',  '--rebuild-after 0', 'nio'),
    (25, 'one_read_per_edge', 'nio/naive/one_read_per_edge', '', 'nio'),
    (26, 'lost_epollout',     'nio/naive/lost_epollout',     '', 'nio'),
    (27, 'half_packet',       'nio/naive/half_packet',       '', 'nio'),
    (28, 'fd_is_identity',    'aio/naive/fd_is_identity',    '', 'aio'),
    (29, 'get_at_once',       'aio/naive/get_at_once',       '', 'aio_future');

-- The good clients send little: what delays them is their neighbours, not their own load.
insert into workload (position, name, title, phase, rate_base, rate, chaos, chaos_clients) values
    (40, 'calm',            'nobody else, open loop',                        1, 'fixed', 2000, null, null),
    (41, 'fragment',        '20 more send a byte per segment',               1, 'fixed', 2000, 'fragment', 20),
    (42, 'sticky',          '20 more send 64 messages in a segment',         1, 'fixed', 2000, 'sticky', 20),
    (43, 'half_then_stall', '20 more send half a message, and stall',        1, 'fixed', 2000, 'half_then_stall', 20),
    (44, 'reset',           '20 more reset in mid-message',                  1, 'fixed', 2000, 'reset', 20),
    (45, 'vanish',          '20 more connect, and are never heard of again', 1, 'fixed', 2000, 'vanish', 20),
    (46, 'slow_reader',     '20 more send all they can, and read nothing',   1, 'fixed', 2000, 'slow_reader', 20),
    (47, 'garbage',         '20 more send random bytes',                     1, 'fixed', 2000, 'garbage', 20),
    (48, 'reconnect_storm', '20 more connect and are gone, all the time',    1, 'fixed', 2000, 'reconnect_storm', 20),
    (49, 'slowloris',       '1,000 more send a byte every half second',      1, 'fixed', 2000, 'slowloris', 1000),
    (50, 'oversize',        '20 more announce 2^40 bytes',                   1, 'fixed', 2000, 'oversize', 20),
    (51, 'flash',           'all are cut at once, and come back',            1, 'fixed', 2000, 'flash', null);

-- Pressure: too many clients, messages too large, handlers too slow; or a lack of a resource.
insert into workload (position, name, title, phase, shows) values
    (60, 'few',      '20 clients, as fast as they can',                      1, 'rate'),
    (61, 'crowd',    '2,000 clients, as fast as they can',                   1, 'rate');
insert into workload (position, name, title, phase, shows, options) values
    (62, 'blocking_handler', '20 clients, a handler that blocks for 10 ms',  1, 'rate', '--handler-delay 10');
insert into workload (position, name, title, phase, shows, pipeline, size) values
    (63, 'large_messages', '50 clients, messages of 1 MiB',                  1, 'rate', 1, 1048576),
    (64, 'stuck_together', '20 clients, 16 messages in each segment',        1, 'rate', 16, 64);
insert into workload (position, name, title, phase, shows, rate_base, rate, descriptors, address_space_mib, models) values
    (65, 'no_descriptors', '100 clients, 64 descriptors',                    1, 'served', 'fixed', 2000, 64, null, null),
    (66, 'no_memory',      '1,000 clients, 64 MiB of address space',         1, 'served', 'fixed', 2000, null, 64, null);
insert into workload (position, name, title, phase, shows, options, models) values
    (67, 'small_pool',     '20 clients, 10 workers, 5 places to wait in',    1, 'served', '--workers 10 --queue 5', 'pseudo_async'),
    (68, 'few_buffers',    '500 clients, 16 receive buffers',                1, 'rate', '--buffers 16', 'aio,aio_future'),
    (69, 'small_ring',     '4,000 clients, 64 buffers, 2,048 completions',   1, 'rate', '--buffers 64 --completions 2048', 'aio,aio_future');
insert into workload (position, name, title, phase, shows, reconnect, chaos, chaos_clients) values
    (70, 'strangers',      '20 come and go, beside 20 that are slow',        1, 'rate', 1, 'slowloris', 20);
insert into workload (position, name, title, phase, shows, rate_base, rate, chaos, chaos_clients) values
    (71, 'comers',         '20 clients at 10/s each, 2 more come and go',    1, 'cpu', 'fixed', 200, 'reconnect_storm', 2);

update workload set repetitions = 1 where position >= 60;

-- Set-up is not raced: a race keeps its connections.
insert into workload (position, name, title, phase, size, reconnect, without) values
    (80, 'tls-small',  'one message of 64 bytes in flight per client',               1, 64, 0, 'floor'),
    (81, 'tls-64k',    'one message of 64 KiB in flight per client',                 1, 65536, 0, 'floor'),
    (82, 'tls-set-up', 'set-up: connect, handshakes, one message, close; again and again',   1, 64, 1, 'floor');
update workload set without = 'floor' where chaos is not null; -- the yardstick is not tested with bad clients
update workload set aftermath = 1 where name = 'ping-pong' or position between 40 and 59 or position in (61, 65, 66, 67);

insert into twin_trial (twin, workload) values
    ('dies_of_its_peer',  'reset'),
    ('stack_overflow',    'slow_reader'),
    ('spinning_selector', 'no_descriptors'),
    ('rebuilt_selector',  'no_descriptors'),
    ('rebuilt_selector',  'comers'),
    ('never_rebuilt',     'comers'),
    ('one_read_per_edge', 'large_messages'),
    ('lost_epollout',     'large_messages'),
    ('fd_is_identity',    'strangers'),
    ('get_at_once',       'calm');
insert into twin_trial (twin, workload, protocol) values
    ('half_packet',       'stuck_together', 'ws');

update workload set traced = 1, repetitions = 1 where name = 'syscalls';
-- What bad neighbours do is a ratio, too: with them, and without, in the same round.
update workload set raced = 1 where position <= 9 and not traced or position between 41 and 50 or position in (80, 81);

-- Repetitions of a race are its starts.
insert into profile (name, repetitions, duration_s, warmup_s, race_s, clients) values
    ('quick',   3, 0.5, 0.2,  8, '1,50,1000'),
    ('default', 5, 0.6, 0.2, 10, '1,10,100,1000,10000'),
    ('full',    5, 2.5, 0.5, 36, '1,10,50,100,500,1000,4000,10000'),
    ('bench',   5, 2.0, 0.5, 25, '8,50,512,4096');

insert into profile (name, scenario, repetitions, duration_s, warmup_s, clients) values
    ('scale', 1, 5, 1.5, 0.3, '50,190,19000');

update profile set models = models || ',bare client,floor threads' where name = 'bench';

insert into profile (name, scenario, repetitions, duration_s, warmup_s, clients, models, protocols) values
    ('ladder', 1, 5, 1.0, 0.3, '50,512', 'aio,floor,' || (select group_concat(name) from model where before is not null), 'echo');

insert into profile (name, scenario, repetitions, duration_s, warmup_s, clients, models) values
    ('capacity', 1, 1, 0.6, 0.3, '100', 'bio,pseudo_async,nio,aio,aio_future');

insert into profile (name, scenario, repetitions, duration_s, warmup_s, race_s, clients, models) values
    ('reliability', 1, 3, 0.6, 0.2, 20, '20,50,100,500,1000,2000,4000',
     'bio,pseudo_async,nio,aio,aio_future,framework,' || (select group_concat(name) from model where twin_of is not null));

insert into profile (name, scenario, repetitions, duration_s, warmup_s, race_s, clients, models, protocols) values
    ('tls', 1, 5, 1.0, 0.3, 15, '50', 'framework,framework_tls', 'ws');

update profile set single = 'its bars compare one process with one' where name = 'bench';
update profile set single = 'its steps have no --share-port' where name = 'ladder';
update profile set single = 'its limits and its naive twins are of one process' where name = 'reliability';

update profile set local = 'its bars are ratios to a bare client on loopback' where name = 'bench';
update profile set local = 'its steps listen on 127.0.0.1' where name = 'ladder';
update profile set local = 'its naive twins listen on 127.0.0.1' where name = 'reliability';
update profile set local = 'a search is made by one load generator' where name = 'capacity';

insert into profile_workload (profile, workload, clients)
select 'reliability', name,
       case name when 'crowd' then 2000 when 'large_messages' then 50 when 'no_descriptors' then 100 when 'no_memory' then 1000
                 when 'few_buffers' then 500 when 'small_ring' then 4000 else 20 end
  from workload where position between 40 and 79;

insert into profile_workload (profile, workload, clients) values
    ('capacity', 'most-clients', 100),
    ('capacity', 'highest-rate', 100),
    ('quick',   'ping-pong', null),
    ('quick',   'pipelined', 50),
    ('quick',   'open-loop', 50),
    ('quick',   'syscalls',  50),
    ('default', 'ping-pong', null),
    ('default', 'pipelined', 100),
    ('default', 'pipelined', 1000),
    ('default', 'open-loop', 100),
    ('default', 'syscalls',  100),
    ('default', 'reset',       20),
    ('default', 'slow_reader', 20),
    ('default', 'flash',       20),
    ('full',    'ping-pong', null),
    ('full',    'pipelined', 50),
    ('full',    'pipelined', 500),
    ('full',    'pipelined', 1000),
    ('full',    'open-loop', 100),
    ('full',    'own-50',    100),
    ('full',    'own-80',    100),
    ('full',    'syscalls',  100),
    ('full',    'reset',       20),
    ('full',    'slow_reader', 20),
    ('full',    'flash',       20),
    ('ladder',  'ping-pong', null),
    ('ladder',  'large-64k', 50),
    ('ladder',  'syscalls',  null),
    ('bench',   'ping-pong', null),
    ('bench',   'pipelined', 50),
    ('bench',   'pipelined', 512),
    ('bench',   'tiny',      512),
    ('bench',   'large-64k', 50),
    ('bench',   'large-1m',  8),
    ('bench',   'syscalls',  512);

insert into profile_workload (profile, workload, clients) values
    ('scale',   'alone',      190),
    ('scale',   'among-idle', 19000),
    ('scale',   'set-up',     50);

insert into profile_workload (profile, workload, clients) values
    ('tls',     'tls-small',  50),
    ('tls',     'tls-64k',    50),
    ('tls',     'tls-set-up', 50);

-- Of its workloads bench.sh runs those that a row here needs.
insert into bar (workload, protocol, clients, model, against, least) values
    ('ping-pong', 'echo', 50,   'floor',      'bare client', 0.95),
    ('ping-pong', 'echo', 512,  'floor',      'bare client', 0.95),
    ('pipelined', 'echo', 50,   'floor',      'bare client', 0.80),
    ('pipelined', 'echo', 512,  'floor',      'bare client', 0.80),
    ('ping-pong', 'echo', 50,   'floor threads', 'floor',    null),
    ('ping-pong', 'echo', 50,   'bio',        'floor',       0.85),
    ('ping-pong', 'echo', 50,   'bio',        'floor threads', 0.95),
    ('ping-pong', 'echo', 50,   'nio',        'floor',       0.97),
    ('ping-pong', 'echo', 512,  'nio',        'floor',       0.97),
    ('ping-pong', 'echo', 4096, 'nio',        'floor',       1.00),
    ('ping-pong', 'echo', 50,   'aio',        'floor',       1.00),
    ('ping-pong', 'echo', 512,  'aio',        'floor',       1.03),
    ('ping-pong', 'echo', 4096, 'aio',        'floor',       1.25),
    ('ping-pong', 'echo', 50,   'aio_future', 'floor',       null),
    ('ping-pong', 'echo', 512,  'aio_future', 'floor',       null),
    ('ping-pong', 'ws',   50,   'nio',        'floor',       0.95),
    ('ping-pong', 'ws',   512,  'nio',        'floor',       0.95),
    ('ping-pong', 'ws',   50,   'aio',        'floor',       1.01),
    ('ping-pong', 'ws',   512,  'aio',        'floor',       1.01),
    ('tiny',      'echo', 512,  'floor threads', 'floor',    null),
    ('tiny',      'ws',   512,  'bio',        'floor',       0.70),
    ('tiny',      'ws',   512,  'bio',        'floor threads', 0.85),
    ('tiny',      'ws',   512,  'nio',        'floor',       0.90),
    ('tiny',      'ws',   512,  'aio',        'floor',       0.95),
    ('large-64k', 'echo', 50,   'nio',        'floor',       0.90),
    ('large-64k', 'echo', 50,   'aio',        'floor',       0.90),
    ('large-64k', 'ws',   50,   'nio',        'floor',       null),
    ('large-64k', 'ws',   50,   'aio',        'floor',       null),
    ('large-1m',  'echo', 8,    'nio',        'floor',       0.90),
    ('large-1m',  'echo', 8,    'aio',        'floor',       0.90),
    ('large-1m',  'ws',   8,    'nio',        'floor',       null),
    ('large-1m',  'ws',   8,    'aio',        'floor',       null);

insert into call_bar (protocol, clients, model, most) values
    ('echo', 512, 'nio', 2.1),
    ('echo', 512, 'aio', 0.1);
