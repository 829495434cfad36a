# sweep_plot.gp - draws one figure over the clients: lines, min..max, points, marks, and the key. Set before: figure, the name of
# a file with a block of rows for each series: x, median, least, greatest, 1 where some clients failed, and 1 where it cannot be
# told apart from the floor, which is grey. A point that is no result is a gap (NaN), and is said in words at the foot. A line
# leads from point to point where all clients were served at both: elsewhere a limit lies between them, and what is measured
# there is not known. joined = 0: no line at all.

panel = 'hover-'.figure
from = figure.'.tsv'
keyed = joined ? 'linespoints' : 'points'
plot for [k = 1:count] from index k - 1 using 1:(joined && $5 == 0 ? $2 : NaN) with lines lw 2 dt dash[at(k)] lc rgb color[at(k)] notitle, \
     for [k = 1:count] for [grey = 0:1] from index k - 1 using 1:($6 == grey ? $3 : NaN):(0):($4 - $3) with vectors @least_to_greatest lc rgb shade(k, grey) notitle, \
     for [k = 1:count] for [grey = 0:1] from index k - 1 using 1:($6 == grey ? $2 : NaN):(point(k, $5)) with points pt variable ps point_size lw 1.5 lc rgb shade(k, grey) notitle, \
     'marks.tsv' using 1:2:3 axes x1y2 with labels center noenhanced font font(20) notitle, \
     for [k = 1:count] keyentry with @keyed pt shape[at(k)] ps point_size lw 2 dt dash[at(k)] lc rgb color[at(k)] title title_for(k), \
     @hover
