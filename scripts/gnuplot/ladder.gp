# ladder.gp - three figures of each step, one above the other: FIGURE.tsv has a block of rows for each number of clients, with
# place, median, least, greatest and text.

load scripts.'/series.gp'
load scripts.'/ticks.gp'
stats 'limits.tsv' using (places = $1, top_rate = $2, top_cpu = $3, least_calls = $4, top_calls = $5, 1) nooutput
array shade[4] = ['#56B4E9', '#0072B2', '#E69F00', '#D55E00']
set xrange [0.5 : places + 0.5]
set grid noxtics
set boxwidth 0.8 / count
offset(k) = 0.8 / count * (k - (count + 1) / 2.0)
label_size = count > 2 ? 11 : 15
# Three or four tics: 1, 2 or 5 times a power of ten.
step(top) = 10 ** floor(log10(top / 3)) * (top / 3 / 10 ** floor(log10(top / 3)) < 2 ? 1 : top / 3 / 10 ** floor(log10(top / 3)) < 5 ? 2 : 5)

set multiplot
set key off
set format x ''
set rmargin at screen 0.98

set tmargin at screen 0.86
set bmargin at screen 0.68
set ylabel 'msg/s'
set format y '%.0s%c'
set ytics step(top_rate)
set yrange [0 : 1.3 * top_rate]
figure = 'messages_per_s'
load scripts.'/ladder_panel.gp'
unset label 1; unset label 2; unset label 3

set tmargin at screen 0.65
set bmargin at screen 0.47
set ylabel 'CPU us/msg'
set format y '%g'
set ytics step(top_cpu)
set yrange [0 : 1.3 * top_cpu]
figure = 'cpu'
load scripts.'/ladder_panel.gp'

set tmargin at screen 0.44
set bmargin at screen 0.26
set ylabel 'calls/msg, log.'
load scripts.'/put_ticks.gp'
tick_font = font(14)
set xtics font tick_font
set format x '%s'
set logscale y 10
set ytics ('0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, '10' 10)
set yrange [least_calls / 3 : 6 * top_calls]
figure = 'calls'
load scripts.'/ladder_panel.gp'

set lmargin at screen 0.11
unset tics; unset grid; unset border; unset logscale; unset ylabel; unset label
set xrange [0:1]
set yrange [0:1]
set key on at screen 0.5, 0.09
plot NaN notitle, for [k = 1:count] keyentry with boxes fs solid 0.85 lc rgb shade[k] title title_for(k)
unset multiplot
