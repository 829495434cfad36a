# sweep.gp - what the charts over the number of clients share: the axis, and how a series is drawn.

set logscale x 10
eval 'set xtics ('.get('select ticks from chart_ticks').')'
set xlabel 'clients'
x_first = get("select min(clients) from chart_sweep where protocol = '".protocol."'") + 0
x_last = get("select max(clients) from chart_sweep where protocol = '".protocol."'") + 0
set xrange [x_first / 1.5 : x_last * 1.5]
hover_size = 1
set y2range [0:1] # for the marks, whose height has no unit

positions = get("select group_concat(position, ' ') from (select distinct position from chart_sweep where protocol = '".protocol."' order by position)")
count = words(positions)
at(k) = word(positions, k) + 0
title_for(k) = get(sprintf("select name || iif(yardstick, ' (echo)', '') from model where position = %d", at(k)))

# figure: a column of chart_sweep that has its _least and _greatest beside it.
sweep(figure, k) = rows(sprintf("select x, %s, %s_least, %s_greatest, hollow from chart_sweep where protocol = '%s' and position = %d and not void and good and %s is not null order by x", figure, figure, figure, protocol, at(k), figure))
# The same for lines, with a gap where a point is no result.
sweep_line(figure, k) = rows(sprintf("select x, iif(void or not good, 'NaN', %s) from chart_sweep where protocol = '%s' and position = %d order by x", figure, protocol, at(k)))
point(k, is_hollow) = is_hollow > 0 ? hollow[at(k)] : shape[at(k)]

# Points that are no result are said in words at the foot of the chart.
marks = rows("select clients, 0.03 + 0.035 * (position - 1), 'x ' || text from chart_mark where protocol = '".protocol."'")

# remark_on(column): how many points the reader has to be careful with; see chart_remark.
remark_on(column) = get(sprintf("select %s from chart_remark where protocol = '%s'", column, protocol))
