# series.gp - reads what is drawn side by side, or as lines: series.tsv, a row for each, with its place in the palette and its name.

stats 'series.tsv' using 1 nooutput
count = STATS_records
array place[count]
array name[count]
stats 'series.tsv' using (k = int($0) + 1, place[k] = int($1), name[k] = stringcolumn(2), 1) nooutput
at(k) = place[k]
title_for(k) = name[k]
shade(k, is_grey) = is_grey ? '#9A9A9A' : color[at(k)]
