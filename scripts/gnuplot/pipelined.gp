load scripts.'/style.gp'
eval heading('Pipelined throughput: 64 bytes, 16 messages in flight per client')
eval remark(get("select iif(sum(hollow), 'Hatched: some clients failed, and were not served.', '') from chart_pipelined"))
set yrange [0 : get('select max(messages_per_s_greatest) * 1.1e-6 from chart_pipelined') + 0]
set format y '%g'
set grid noxtics
places = get('select max(place) from chart_pipelined') + 0
set xrange [0.5 : places + 0.5]
eval 'set xtics ('.get("select group_concat(printf('\\\"%,d clients\\\" %d', clients, place), ', ') from (select distinct clients, place from chart_pipelined)").')'
positions = get("select group_concat(position, ' ') from (select distinct position from chart_pipelined order by position)")
count = words(positions)
at(k) = word(positions, k) + 0
title_for(k) = get(sprintf("select name || iif(yardstick, ' (echo)', '') from model where position = %d", at(k)))
set boxwidth 0.75 / count
offset(k) = 0.85 / count * (k - (count + 1) / 2.0)
bars(k, is_hollow) = rows(sprintf("select place, messages_per_s / 1e6, messages_per_s_least / 1e6, messages_per_s_greatest / 1e6 from chart_pipelined where position = %d and protocol = '%s' and hollow in (%s)", at(k), which, is_hollow))
legend = 'boxes'
set multiplot
set rmargin at screen 0.53
set ylabel 'million messages per second'
set label 4 'echo' at graph 0.03, 0.97 left
set key off
which = 'echo'
load scripts.'/pipelined_panel.gp'
unset label 1; unset label 2; unset label 3
set lmargin at screen 0.57
set rmargin at screen 0.97
unset ylabel
set format y ''
set label 4 'WebSocket echo'
which = 'ws'
load scripts.'/pipelined_panel.gp'
load scripts.'/legend.gp'
unset multiplot
