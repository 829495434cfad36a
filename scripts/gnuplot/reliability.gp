load scripts.'/style.gp'
set label 1 get('select text from chart_subtitle')
eval heading('What good clients feel of bad ones, and of pressure: '.protocol_title)
eval remark("p99 against calm, or messages/s, or how many were served. Orange: what must not be, or 1,000 times.")
set lmargin at screen 0.19
set tmargin at screen 0.86
set bmargin at screen 0.12
unset key
unset colorbox
set border 0
unset grid
set tics scale 0
set xtics noenhanced
set ytics noenhanced
of = "from chart_reliability where protocol = '".protocol."'"
eval 'set xtics ('.get("select group_concat(printf('\\\"%s\\\" %d', model, x), ', ') from (select distinct model, x ".of.")").')'
eval 'set ytics ('.get("select group_concat(printf('\\\"%s\\\" %d', workload, y), ', ') from (select distinct workload, y ".of.")").')'
set xrange [0.5 : get('select max(x) '.of) + 0.5]
set yrange [0.5 : get('select max(y) '.of) + 0.5]
set palette defined (0 '#FFFFFF', 1 '#56B4E9', 2 '#0072B2', 3 '#D55E00')
set cbrange [0 : 3]
set style fill solid 1 border lc rgb '#FFFFFF'
cells = rows('select x, y, heat, text '.of)
plot cells using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.47):($2 + 0.47):3 with boxxyerror lc palette, \
     cells using 1:2:4 with labels center noenhanced font font(16), \
     @hover
