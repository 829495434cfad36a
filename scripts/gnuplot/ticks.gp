# ticks.gp - reads ticks.tsv: where marks are, of how many lines their text is, and four lines. To be loaded before ranges are set,
# which `stats` would keep to. put_ticks.gp puts the marks on the x axis.

stats 'ticks.tsv' using 1 nooutput
marks = STATS_records
array where[marks]
array says[marks]
line(number) = number <= column(2) ? (number > 1 ? "\n" : '').stringcolumn(number + 2) : ''
stats 'ticks.tsv' using (i = int($0) + 1, where[i] = $1, says[i] = line(1).line(2).line(3).line(4), 1) nooutput
