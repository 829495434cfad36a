load scripts.'/style.gp'
eval heading('Connections set up: connect, one message, close')
eval remark('Per CPU-second of the server process: with WebSocket the handshake is in it. The floor speaks echo only.')
set ylabel 'connections per server CPU-second (logarithmic)'
set ytics add ('1,000' 1e3, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
view = 'chart_set_up'
load scripts.'/model_bars.gp'
