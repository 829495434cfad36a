load scripts.'/style.gp'
load scripts.'/sweep.gp'
eval heading('CPU per message: '.protocol_title.', 64 bytes, one message in flight per client')
eval remark('CPU time of the whole server process, kernel workers included; less is better.'.remark_on('hollow'))
set ylabel 'server CPU, microseconds per message'
set yrange [0:*]
figure = 'cpu'
load scripts.'/sweep_plot.gp'
