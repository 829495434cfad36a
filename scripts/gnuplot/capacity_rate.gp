set ylabel 'messages per second'
set format y '%.0s%c'
linear = 1
load scripts.'/model_bars.gp'
