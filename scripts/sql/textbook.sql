-- textbook.sql - the table that Chinese courses and books commonly print, which the report compares with what was measured.
-- The lecture notes have only the names of its rows.
insert into textbook (topic, position, model, word)
with said (topic, position, bio, pseudo_async, nio, aio) as (values
    ('clients',     1, '1:1',       'M:N',      'M:1',          'M:0'),
    ('io_type',     2, 'blocking',  'blocking', 'non-blocking', 'asynchronous'),
    ('api',         3, 'simple',    'simple',   'very complex', 'complex'),
    ('debugging',   4, 'simple',    'simple',   'complex',      'complex'),
    ('reliability', 5, 'very poor', 'poor',     'high',         'high'),
    ('throughput',  6, 'low',       'medium',   'high',         'high'))
select topic, position, 'bio', bio from said
 union all select topic, position, 'pseudo_async', pseudo_async from said
 union all select topic, position, 'nio', nio from said
 union all select topic, position, 'aio', aio from said
 union all select topic, position, 'aio_future', aio from said;

insert into word (word, zh) values
    ('1:1', '1:1'), ('M:N', 'M:N'), ('M:1', 'M:1'), ('M:0', 'M:0'),
    ('blocking', '阻塞'), ('non-blocking', '非阻塞'), ('asynchronous', '异步'),
    ('simple', '简单'), ('complex', '复杂'), ('very complex', '非常复杂'),
    ('very poor', '非常差'), ('poor', '差'), ('high', '高'), ('low', '低'), ('medium', '中');
