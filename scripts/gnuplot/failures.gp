load scripts.'/sweep.gp'
set ylabel 'clients that failed, % of those asked'
set yrange [-3:103]
set ytics 20
joined = 0 # a pool fails from its last place on, whose number lies between two points
figure = 'failed_percent'
load scripts.'/sweep_plot.gp'
