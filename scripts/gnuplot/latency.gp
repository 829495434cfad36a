load scripts.'/sweep.gp'
set yrange [least:greatest]
set logscale y 10
set format y '%.0f'
set ytics add ('1' 1, '10' 10, '100' 100, '1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6, '10,000,000' 1e7)
set multiplot
set rmargin at screen 0.53
set ylabel 'microseconds from sent to answered'
set label 4 'median (p50)' at graph 0.03, 0.96 left
figure = 'p50'
set key off
load scripts.'/sweep_plot.gp'
unset label 1; unset label 2; unset label 3
set lmargin at screen 0.57
set rmargin at screen 0.97
unset ylabel
set format y ''
set ytics ('' 1, '' 10, '' 100, '' 1e3, '' 1e4, '' 1e5, '' 1e6, '' 1e7)
set label 4 '99th percentile (p99)'
figure = 'p99'
load scripts.'/sweep_plot.gp'
load scripts.'/legend.gp'
unset multiplot
