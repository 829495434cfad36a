# pipelined_panel.gp - the bars of one protocol; hatched where some of the clients failed.

panel = which
plot for [k = 1:count] bars(k, '0') using ($1 + offset(k)):2 with boxes fs solid opacity[at(k)] lc rgb color[at(k)] notitle, \
     for [k = 1:count] bars(k, '1') using ($1 + offset(k)):2 with boxes fs pattern 4 lc rgb color[at(k)] notitle, \
     for [k = 1:count] bars(k, '0, 1') using ($1 + offset(k)):3:(0):($4 - $3) with vectors @least_to_greatest lc rgb 'black' notitle, \
     @hover
