# open_loop.gp - curves.tsv has a block of rows for each series: 1 / (the share that took longer), and microseconds.

load scripts.'/series.gp'
hover_size = 1
set logscale xy 10
set xlabel 'share of the messages that were answered within that time'
set xtics ('50%%' 2, '90%%' 10, '99%%' 1e2, '99.9%%' 1e3, '99.99%%' 1e4, '99.999%%' 1e5, '99.9999%%' 1e6)
set xrange [1.2:*] noextend
set ylabel 'microseconds from due to answered'
set format y '%.0f'
set ytics add ('1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
plot for [k = 1:count] 'curves.tsv' index k - 1 using 1:2 with linespoints pt shape[at(k)] ps point_size pointnumber 7 lw 2 dt dash[at(k)] lc rgb color[at(k)] title title_for(k) noenhanced, \
     @hover
