set ylabel 'bytes per connection (logarithmic)'
set ytics add ('1' 1, '10' 10, '100' 100, '1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6, '10,000,000' 1e7)
load scripts.'/model_bars.gp'
