load scripts.'/style.gp'
set label 1 get('select text from chart_subtitle')
eval heading('The highest rate that a server holds, '.get("select max(clients) from plan where workload = 'highest-rate'").' clients')
eval remark('Held: '.get("select text || marks from chart_capacity_limits where of = 'rate'"))
set ylabel 'messages per second'
set format y '%.0s%c'
linear = 1
view = 'chart_capacity_rate'
load scripts.'/model_bars.gp'
