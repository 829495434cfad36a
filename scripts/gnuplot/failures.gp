load scripts.'/sweep.gp'
set ylabel 'clients that failed, % of those asked'
set yrange [-3:103]
set ytics 20
figure = 'failed_percent'
load scripts.'/sweep_plot.gp'
