load scripts.'/style.gp'
set label 1 get('select text from chart_subtitle')
eval heading('System calls per message: '.get("select printf('%,d', max(clients)) from chart_syscalls").' clients, one message in flight per client')
eval remark('From a pass of its own under strace, which slows the server down: only the counts are of use.')
set ylabel 'system calls per message (logarithmic)'
set ytics add ('0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, '10' 10)
view = 'chart_syscalls'
load scripts.'/model_bars.gp'
