# ladder_panel.gp - one figure of the ladder: a bar for each step and number of clients, min..max, and the figure in words.

panel = 'hover-'.figure
from = figure.'.tsv'
plot for [k = 1:count] from index k - 1 using ($1 + offset(k)):2 with boxes fs solid 0.85 lc rgb shade[k] notitle, \
     for [k = 1:count] from index k - 1 using ($1 + offset(k)):3:(0):($4 - $3) with vectors @least_to_greatest lc rgb 'black' notitle, \
     for [k = 1:count] from index k - 1 using ($1 + offset(k)):4:5 with labels offset 0, 0.6 font font(label_size) notitle, \
     @hover
