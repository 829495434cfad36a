# pipelined.gp - a column for each protocol: above, ratios to the floor; below, what was measured.

load scripts.'/series.gp'
load scripts.'/ticks.gp'
load scripts.'/put_ticks.gp'
stats 'limits.tsv' using (places = $1, least_ratio = $2, greatest_ratio = $3, greatest = $4, 1) nooutput
set grid noxtics
set xrange [0.5 : places + 0.5]
set boxwidth 0.75 / count
offset(k) = 0.85 / count * (k - (count + 1) / 2.0)
point(k, is_hollow) = is_hollow > 0 ? hollow[at(k)] : shape[at(k)]
array protocol[2] = ['echo', 'ws']
array protocol_says[2] = ['echo', 'WebSocket echo']
set multiplot
set key off
do for [column = 1:2] {
    set lmargin at screen (column == 1 ? 0.11 : 0.57)
    set rmargin at screen (column == 1 ? 0.53 : 0.97)
    set tmargin at screen 0.85
    set bmargin at screen 0.51
    set yrange [least_ratio : greatest_ratio]
    set ytics autofreq
    if (column == 1) { set format y '%g'; set ylabel 'times the floor' } else { set format y ''; unset ylabel }
    set label 4 protocol_says[column].': messages/s against the floor' at graph 0.5, 1.04 center noenhanced
    panel = 'hover-'.protocol[column].'-ratio'
    from = protocol[column].'-ratio.tsv'
    set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead back lw 2 dt dash[7] lc rgb color[7]
    load scripts.'/pipelined_ratio.gp'
    unset arrow 1
    unset label
    set tmargin at screen 0.46
    set bmargin at screen 0.25
    set yrange [0 : 1.1 * greatest]
    if (column == 1) { set ylabel 'million msg/s' }
    panel = 'hover-'.protocol[column]
    from = protocol[column].'.tsv'
    load scripts.'/pipelined_panel.gp'
}
load scripts.'/legend.gp'
unset multiplot
