# reliability.gp - cells.tsv: x, y, how bad (0 to 3) and text. ticks.tsv names the columns, rows.tsv the rows.

load scripts.'/ticks.gp'
load scripts.'/put_ticks.gp'
set lmargin at screen 0.2
set tmargin at screen 0.86
set bmargin at screen 0.14
unset key
unset colorbox
set border 0
unset grid
set tics scale 0
set ytics noenhanced
stats 'cells.tsv' using 1:2 nooutput
set xrange [0.5 : STATS_max_x + 0.5]
set yrange [0.5 : STATS_max_y + 0.5]
set palette defined (0 '#FFFFFF', 1 '#56B4E9', 2 '#0072B2', 3 '#D55E00')
set cbrange [0 : 3]
set style fill solid 1 border lc rgb '#FFFFFF'
plot 'cells.tsv' using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.47):($2 + 0.47):3 with boxxyerror lc palette, \
     'cells.tsv' using 1:2:4 with labels center noenhanced font font(20), \
     'rows.tsv' using (0.5):1:ytic(3) with points pt -1, \
     @hover
