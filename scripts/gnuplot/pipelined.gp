load scripts.'/series.gp'
load scripts.'/ticks.gp'
load scripts.'/put_ticks.gp'
stats 'limits.tsv' using (places = $1, greatest = $2, 1) nooutput
set yrange [0 : 1.1 * greatest]
set format y '%g'
set grid noxtics
set xrange [0.5 : places + 0.5]
set boxwidth 0.75 / count
offset(k) = 0.85 / count * (k - (count + 1) / 2.0)
legend = 'boxes'
set multiplot
set rmargin at screen 0.53
set ylabel 'million messages per second'
set label 4 'echo' at graph 0.03, 0.97 left
set key off
protocol = 'echo'
load scripts.'/pipelined_panel.gp'
unset label 1; unset label 2; unset label 3
set lmargin at screen 0.57
set rmargin at screen 0.97
unset ylabel
set format y ''
set label 4 'WebSocket echo'
protocol = 'ws'
load scripts.'/pipelined_panel.gp'
load scripts.'/legend.gp'
unset multiplot
