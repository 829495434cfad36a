# sweep.gp - what the charts over the number of clients share: the axis, and the series.

load scripts.'/series.gp'
load scripts.'/ticks.gp'
load scripts.'/put_ticks.gp'
set logscale x 10
set xlabel 'clients'
stats 'limits.tsv' using (x_first = $1, x_last = $2, least = $3, greatest = $4, 1) nooutput
set xrange [x_first / 1.5 : x_last * 1.5]
hover_size = 1
set y2range [0:1] # for the marks, whose height has no unit
joined = 1
point(k, is_hollow) = is_hollow > 0 ? hollow[at(k)] : shape[at(k)]
