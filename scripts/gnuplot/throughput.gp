load scripts.'/style.gp'
load scripts.'/sweep.gp'
eval heading('Throughput: '.protocol_title.', 64 bytes, one message in flight per client')
eval remark(remark_on('hollow').remark_on('client_bound').remark_on('noisy'))
set ylabel 'messages per second'
set yrange [0:*]
set format y '%.0s%c'
figure = 'messages_per_s'
load scripts.'/sweep_plot.gp'
