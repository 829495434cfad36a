# model_bars.gp - a pair of bars for each model, echo and WebSocket, on a logarithmic axis, or on one that begins at 0. Set before:
# view, a view with protocol, position, value, least, greatest and text; and, for an axis from 0, linear = 1.

if (!exists('linear')) linear = 0
if (!linear) set logscale y 10
floor_of_axis = linear ? 0 : get('select min(value) / 2 from '.view) + 0
ceiling_of_axis = get('select max(greatest) * '.(linear ? '1.15' : '2').' from '.view) + 0
set yrange [floor_of_axis:ceiling_of_axis]
positions = get("select group_concat(position, ' ') from (select distinct position from ".view." order by position)")
count = words(positions)
at(k) = word(positions, k) + 0
set xrange [0.4 : count + 0.6]
eval 'set xtics ('.get("select group_concat(printf('\\\"%s\\\" %d', name, place), ', ') from (select name, row_number() over (order by position) as place from model where position in (select position from ".view."))").')'
set xtics noenhanced
set grid noxtics
set boxwidth 0.36
offset(series) = series == 1 ? -0.2 : 0.2
bars(k, which) = rows(sprintf("select value, max(least, %g), greatest, text from %s where position = %d and protocol = '%s'", floor_of_axis, view, at(k), which))
plot for [k = 1:count] bars(k, 'echo') using (k + offset(1)):1 with boxes fs solid opacity[at(k)] lc rgb color[at(k)] notitle, \
     for [k = 1:count] bars(k, 'ws') using (k + offset(2)):1 with boxes fs pattern 4 lc rgb color[at(k)] notitle, \
     for [k = 1:count] bars(k, 'echo') using (k + offset(1)):2:(0):($3 - $2) with vectors @least_to_greatest lc rgb 'black' notitle, \
     for [k = 1:count] bars(k, 'ws') using (k + offset(2)):2:(0):($3 - $2) with vectors @least_to_greatest lc rgb 'black' notitle, \
     for [k = 1:count] bars(k, 'echo') using (k + offset(1)):3:4 with labels offset 0, 0.8 font font(16) notitle, \
     for [k = 1:count] bars(k, 'ws') using (k + offset(2)):3:4 with labels offset 0, 0.8 font font(16) notitle, \
     keyentry with boxes fs solid 0.85 lc rgb '#777777' title 'echo', \
     keyentry with boxes fs pattern 4 lc rgb '#777777' title 'WebSocket echo', \
     @hover
