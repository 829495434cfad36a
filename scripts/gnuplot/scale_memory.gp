load scripts.'/style.gp'
eval heading('Memory of an idle connection: '.get("select printf('%,d', max(clients)) from chart_scale_memory").' connected')
eval remark('The server''s own, and the kernel''s for one end (Slab, KernelStack, PageTables). The floor speaks echo only.')
set ylabel 'bytes per connection (logarithmic)'
set ytics add ('1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
view = 'chart_scale_memory'
load scripts.'/model_bars.gp'
