load scripts.'/style.gp'
eval heading('Memory per connection: '.get("select printf('%,d', max(clients)) from chart_memory").' clients, one message in flight per client')
eval remark('Private memory of the server process, what the connections share spread over them; without the kernel''s socket buffers.')
set ylabel 'bytes per connection (logarithmic)'
set ytics add ('1' 1, '10' 10, '100' 100, '1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6, '10,000,000' 1e7)
view = 'chart_memory'
load scripts.'/model_bars.gp'
