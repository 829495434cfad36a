load scripts.'/style.gp'
set label 1 get('select text from chart_subtitle')
rate = get("select printf('%,d messages/s, %,d clients', max(rate), max(clients)) from cached_point where workload = 'open-loop' and protocol = '".protocol."'")
eval heading('Latency in the open loop: '.protocol_title.', the same '.rate)
eval remark('From when a message was due to its answer; all repetitions together; drawn as far as 10 samples lie beyond.')
positions = get("select group_concat(position, ' ') from (select distinct position from chart_open_loop where protocol = '".protocol."' order by position)")
count = words(positions)
at(k) = word(positions, k) + 0
title_for(k) = get(sprintf("select name from model where position = %d", at(k)))
curve(k) = rows(sprintf("select x, us from chart_open_loop where protocol = '%s' and position = %d order by x", protocol, at(k)))
hover_size = 1
set logscale xy 10
set xlabel 'share of the messages that were answered within that time'
set xtics ('50%%' 2, '90%%' 10, '99%%' 1e2, '99.9%%' 1e3, '99.99%%' 1e4, '99.999%%' 1e5, '99.9999%%' 1e6)
set xrange [1.2:*] noextend
set ylabel 'microseconds from due to answered'
set format y '%.0f'
set ytics add ('1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
plot for [k = 1:count] curve(k) using 1:2 with linespoints pt shape[at(k)] ps point_size pointnumber 7 lw 2 dt dash[at(k)] lc rgb color[at(k)] title title_for(k) noenhanced, \
     @hover
