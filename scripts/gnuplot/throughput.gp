load scripts.'/sweep.gp'
set ylabel 'messages per second'
set yrange [0:*]
set format y '%.0s%c'
figure = 'messages_per_s'
load scripts.'/sweep_plot.gp'
