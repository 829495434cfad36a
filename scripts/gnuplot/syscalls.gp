set ylabel 'system calls per message (logarithmic)'
set ytics add ('0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, '10' 10)
load scripts.'/model_bars.gp'
