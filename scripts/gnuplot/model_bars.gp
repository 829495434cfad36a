# model_bars.gp - a pair of bars for each model, echo and WebSocket, on a logarithmic axis, or on one that begins at 0. Reads
# bars.tsv: for each model a block of rows for echo and one for WebSocket, with value, least, greatest and text. Set before, for
# an axis from 0: linear = 1.

load scripts.'/series.gp'
load scripts.'/ticks.gp'
load scripts.'/put_ticks.gp'
stats 'limits.tsv' using (least = $1, greatest = $2, 1) nooutput
if (!exists('linear')) linear = 0
if (!linear) set logscale y 10
floor_of_axis = linear ? 0 : least / 2
set yrange [floor_of_axis : greatest * (linear ? 1.15 : 2)]
set xrange [0.4 : count + 0.6]
set grid noxtics
set boxwidth 0.36
offset(series) = series == 1 ? -0.2 : 0.2
block(k, series) = 2 * (k - 1) + series - 1
from_axis(value) = value < floor_of_axis ? floor_of_axis : value
plot for [k = 1:count] 'bars.tsv' index block(k, 1) using (k + offset(1)):1 with boxes fs solid opacity[at(k)] lc rgb color[at(k)] notitle, \
     for [k = 1:count] 'bars.tsv' index block(k, 2) using (k + offset(2)):1 with boxes fs pattern 4 lc rgb color[at(k)] notitle, \
     for [k = 1:count] for [s = 1:2] 'bars.tsv' index block(k, s) using (k + offset(s)):(from_axis($2)):(0):($3 - from_axis($2)) with vectors @least_to_greatest lc rgb 'black' notitle, \
     for [k = 1:count] for [s = 1:2] 'bars.tsv' index block(k, s) using (k + offset(s)):3:4 with labels offset 0, 0.8 font font(20) notitle, \
     keyentry with boxes fs solid 0.85 lc rgb '#777777' title 'echo', \
     keyentry with boxes fs pattern 4 lc rgb '#777777' title 'WebSocket echo', \
     @hover
