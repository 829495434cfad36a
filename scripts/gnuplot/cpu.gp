load scripts.'/sweep.gp'
set ylabel 'server CPU, microseconds per message'
set yrange [0:*]
figure = 'cpu'
load scripts.'/sweep_plot.gp'
