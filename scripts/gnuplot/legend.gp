# legend.gp - one legend under the two panels of a multiplot, as wide as the chart. Set before: count, at(), title_for().

set lmargin at screen 0.11
set rmargin at screen 0.97
unset tics
unset grid
unset border
unset logscale
unset label
unset xlabel
unset ylabel
set xrange [0:1]
set yrange [0:1]
set key on
plot NaN notitle, \
     for [k = 1:count] keyentry with linespoints pt shape[at(k)] ps point_size lw 2 dt dash[at(k)] lc rgb color[at(k)] title title_for(k)
