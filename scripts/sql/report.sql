-- report.sql - all that report.html shows, as one JSON object.
select json_object(
    'meta', (select json_group_object(key, value) from metadata),
    'preface', (select json_group_array(json_array(what, value)) from (select * from preface order by position)),
    'notes', (select json_group_array(text) from head_note),
    'profile', (select value from setting where key = 'profile'),
    'models', (select json_group_array(json_object('name', name, 'yardstick', yardstick, 'missing', missing))
                 from (select * from model where name in (select model from cached_point) or (twin_of is null and before is null and position < 8) order by position)),
    'words', (select json_group_object(word, zh) from word),
    'rules', (select json_group_object(topic, json_object('en', en, 'zh', zh)) from measure_rule),
    'comparison', (select json_group_array(json_object('topic', topic, 'model', model, 'textbook', textbook, 'predicted', predicted,
                              'measured', measured, 'en', en, 'zh', zh, 'evidence', evidence,
                              'textbook_agrees', textbook_agrees, 'prediction_agrees', prediction_agrees))
                     from (select * from comparison order by position, model_position)),
    'against', (select json(iif(count(*) = 0, 'null', json_object('preface', json_group_array(json_array(what, value)),
                    'label', (select value from against_preface where what = 'Measured'),
                    'rows', (select json_group_array(json_object('workload', workload, 'protocol', protocol, 'clients', clients, 'model', model,
                                        'figure', figure, 'here', here, 'here_least', here_least, 'here_greatest', here_greatest, 'there', there,
                                        'there_least', there_least, 'there_greatest', there_greatest, 'change_percent', change_percent, 'beyond', beyond))
                               from (select * from against order by workload_position, protocol, clients, position, figure)))))
                  from against_preface),
    'sweep', (select json_group_array(json_object('model', model, 'clients', clients, 'connected', connected, 'served', served, 'failed', failed_clients,
                         'threads', threads, 'messages_per_s', messages_per_s, 'p99_us', service_p99_us, 'memory_per_connection', memory_per_connection,
                         'waits_per_message', waits_per_message, 'cpu_us', server_us_per_message,
                         'jain', jain, 'unfair', unfair, 'per_client', json_array(per_client_min, per_client_median, per_client_max), 'labels', labels,
                         'ratio', json(ratio), 'place', place))
                from (select * from sweep_point left join sweep_ratio using (clients, model) order by clients, position)),
    'races', (select json_group_array(json_object('id', id, 'workload', workload, 'protocol', protocol, 'clients', clients, 'starts', starts,
                         'rounds', rounds, 'why', why, 'widest', widest, 'wanted', wanted, 'lane', lane, 'elapsed_s', elapsed_s, 'slices', slices,
                         'disturbed', disturbed, 'control', control, 'control_rate', json(control_rate), 'control_cpu', json(control_cpu)))
                from (select * from page_race order by workload_position, protocol, clients)),
    'pairs', (select json_group_array(json_array(race, figure, model, against, text, word, within, rounds_needed, rounds))
                from (select * from page_pair order by race, figure, position, against_position)),
    'thousand', (select thousand from sweep_count),
    'charts', (select json_group_array(json_object('name', name, 'script', script, 'protocol', protocol)) from chart),
    'figures', (select json_group_array(json_array(chart, protocol, model, clients, figure, value, least, greatest))
                  from (select * from chart_figure order by chart, protocol, figure, position, clients)),
    'why', (select json_group_array(json_object('chart', chart, 'model', model, 'en', en, 'zh', zh))
              from (select why.* from why left join model m on m.name = why.model order by rank, m.position)),
    'syscalls', (select json_group_array(json_object('model', model, 'protocol', protocol, 'name', name, 'per_message', per_message))
                   from point_syscall
                  where clients = (select clients from point_syscall order by abs(clients - 100) limit 1)),
    'waits', (select json_group_array(json_object('model', model, 'waits_per_message', waits_per_message))
                from sweep_point, sweep_count where clients = hundred),
    'metrics', (select json_group_array(json_object('model', model, 'metric', metric, 'value', value, 'detail', detail)) from source_metric where metric not like '%:%'),
    'concerns', (select json_group_array(json_object('model', model, 'reading', substr(metric, 1, instr(metric, ':') - 1),
                            'concern', substr(metric, instr(metric, ':') + 1), 'lines', value, 'file', detail))
                   from (select s.* from source_metric s join model m on m.name = s.model
                          where metric like '%:%' order by m.position, s.rowid)),
    'exam', (select json_group_array(json_object('model', model, 'question', question, 'answered', answered, 'evidence', evidence))
               from (select e.* from exam_answer e join model m on m.name = e.model order by m.position, e.question)),
    'journey', (select json_group_array(json_object('model', model, 'lane', lane, 'start_us', start_us, 'end_us', end_us, 'state', state,
                           'call', call, 'text', text)) from (select * from journey_event order by id)),
    'reliability', (select json_group_array(json_object('protocol', protocol, 'workload', workload, 'title', title, 'model', model, 'twin_of', twin_of,
                               'cell', cell, 'harm', harm, 'back', back)) from (select * from reliability_cell order by workload_position, position)));
