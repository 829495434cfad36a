# pipelined_panel.gp - the bars of one protocol; hatched where some of the clients failed. Its file has a block of rows for each
# series: place, median, least, greatest, and 1 where it is to be hatched.

plot for [k = 1:count] from index k - 1 using ($1 + offset(k)):($5 == 0 ? $2 : NaN) with boxes fs solid opacity[at(k)] lc rgb color[at(k)] notitle, \
     for [k = 1:count] from index k - 1 using ($1 + offset(k)):($5 == 1 ? $2 : NaN) with boxes fs pattern 4 lc rgb color[at(k)] notitle, \
     for [k = 1:count] from index k - 1 using ($1 + offset(k)):3:(0):($4 - $3) with vectors @least_to_greatest lc rgb 'black' notitle, \
     @hover
