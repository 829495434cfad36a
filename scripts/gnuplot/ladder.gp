load scripts.'/style.gp'
eval heading('The io_uring ladder: echo, 64 bytes, one message in flight per client')
eval remark(get('select text from chart_ladder_remark'))
places = get("select group_concat(place, ' ') from (select distinct place from chart_ladder order by place)")
count = words(places)
series = get('select max(series) from chart_ladder') + 0
title_for(k) = get(sprintf("select printf('%%,d clients', clients) from chart_ladder where series = %d limit 1", k))
array shade[4] = ['#56B4E9', '#0072B2', '#E69F00', '#D55E00']
set xrange [0.5 : count + 0.5]
set grid noxtics
set boxwidth 0.8 / series
offset(k) = 0.8 / series * (k - (series + 1) / 2.0)
label_size = series > 2 ? 11 : 15
# Three or four tics: 1, 2 or 5 times a power of ten.
step(top) = 10 ** floor(log10(top / 3)) * (top / 3 / 10 ** floor(log10(top / 3)) < 2 ? 1 : top / 3 / 10 ** floor(log10(top / 3)) < 5 ? 2 : 5)

# figure, least, greatest and text: columns of chart_ladder, or expressions of them.
bars(k) = rows(sprintf("select (select count(distinct place) from chart_ladder n where n.place <= c.place), %s, %s, %s, %s from chart_ladder c where series = %d and %s is not null", figure, least, greatest, text, k, figure))

set multiplot
set key off
set format x ''
set rmargin at screen 0.98

set tmargin at screen 0.86
set bmargin at screen 0.68
set ylabel 'msg/s'
set format y '%.0s%c'
top = get('select max(messages_per_s_greatest) from chart_ladder') + 0
set ytics step(top)
set yrange [0 : 1.3 * top]
figure = 'messages_per_s'; least = 'messages_per_s_least'; greatest = 'messages_per_s_greatest'
text = "printf('%.0fk', messages_per_s / 1000)"
load scripts.'/ladder_panel.gp'
unset label 1; unset label 2; unset label 3

set tmargin at screen 0.65
set bmargin at screen 0.47
set ylabel 'CPU us/msg'
set format y '%g'
top = get('select coalesce(max(cpu_greatest), 1) from chart_ladder') + 0
set ytics step(top)
set yrange [0 : 1.3 * top]
figure = 'cpu'; least = 'cpu_least'; greatest = 'cpu_greatest'
text = "printf('%.2f', cpu)"
load scripts.'/ladder_panel.gp'

set tmargin at screen 0.44
set bmargin at screen 0.26
set ylabel 'calls/msg, log.'
eval 'set xtics ('.get("select group_concat(printf('\\\"%s%s\\\" %d', replace(model, '_', '\\n'), iif(kernel = '', '', '\\nLinux ' || kernel), n), ', ') from (select model, kernel, row_number() over (order by place) as n from (select distinct model, kernel, place from chart_ladder))").') noenhanced font "'.font(14).'"'
set format x '%s'
set logscale y 10
set ytics ('0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, '10' 10)
lowest = get('select min(calls) from chart_ladder') + 0
set yrange [(lowest > 0 ? lowest / 3 : 0.001) : get('select coalesce(max(calls), 1) * 6 from chart_ladder') + 0]
figure = 'calls'; least = 'calls'; greatest = 'calls'
text = "printf('%.3f', calls)"
load scripts.'/ladder_panel.gp'

set lmargin at screen 0.11
unset tics; unset grid; unset border; unset logscale; unset ylabel; unset label
set xrange [0:1]
set yrange [0:1]
set key on at screen 0.5, 0.09
plot NaN notitle, for [k = 1:series] keyentry with boxes fs solid 0.85 lc rgb shade[k] title title_for(k)
unset multiplot
