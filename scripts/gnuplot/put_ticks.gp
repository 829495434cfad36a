# put_ticks.gp - puts what ticks.gp has read on the x axis.

set xtics noenhanced
set xtics (says[1] where[1])
do for [i = 2:marks] { set xtics add (says[i] where[i]) }
