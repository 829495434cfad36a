# legend.gp - one legend under the two panels of a multiplot, as wide as the chart. Set before: count, at(), title_for(), and
# legend: 'lines' or 'boxes'.

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
if (legend eq 'lines') {
    plot NaN notitle, \
         for [k = 1:count] keyentry with linespoints pt shape[at(k)] ps point_size lw 2 dt dash[at(k)] lc rgb color[at(k)] title title_for(k)
} else {
    plot NaN notitle, \
         for [k = 1:count] keyentry with boxes fs solid opacity[at(k)] lc rgb color[at(k)] title title_for(k)
}
