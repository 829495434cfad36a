# ratio_sweep.gp - a figure over the clients: as a ratio to the floor, large; and as it was measured, small. Set before: ratio
# and figure, the names of their files, ratio_says and figure_says, and number_format.

load scripts.'/sweep.gp'
measured = figure
set multiplot
set tmargin at screen 0.85
set rmargin at screen 0.6
set ylabel 'times the floor'
set label 4 ratio_says at graph 0.5, 1.03 center noenhanced
set yrange [least : greatest]
set key off
figure = ratio
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead back lw 2 dt dash[7] lc rgb color[7]
load scripts.'/sweep_plot.gp'
unset arrow 1
unset label 1; unset label 2; unset label 3
set lmargin at screen 0.7
set rmargin at screen 0.97
unset ylabel
set label 4 figure_says
set yrange [0:*]
set format y number_format
figure = measured
load scripts.'/sweep_plot.gp'
load scripts.'/legend.gp'
unset multiplot
set tmargin at screen 0.85
