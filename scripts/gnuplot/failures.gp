load scripts.'/style.gp'
load scripts.'/sweep.gp'
eval heading('Failed clients: '.protocol_title.', one message in flight per client')
eval remark('Any failure: not connected, not let in, never served, broken off, wrong bytes. The classes are in tables.md.')
set ylabel 'clients that failed, % of those asked'
set yrange [-3:103]
set ytics 20
figure = 'failed_percent'
load scripts.'/sweep_plot.gp'
