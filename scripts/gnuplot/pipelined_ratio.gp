# pipelined_ratio.gp - the ratios of one protocol: a point, its interval, and grey where it cannot be told apart from the floor.

plot for [k = 1:count] for [grey = 0:1] from index k - 1 using ($1 + offset(k)):($6 == grey ? $3 : NaN):(0):($4 - $3) with vectors @least_to_greatest lc rgb shade(k, grey) notitle, \
     for [k = 1:count] for [grey = 0:1] from index k - 1 using ($1 + offset(k)):($6 == grey ? $2 : NaN):(point(k, $5)) with points pt variable ps point_size lw 1.5 lc rgb shade(k, grey) notitle, \
     @hover
