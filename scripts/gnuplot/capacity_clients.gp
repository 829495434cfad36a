set ylabel 'clients (logarithmic)'
set ytics ('10' 10, '20' 20, '50' 50, '100' 100, '200' 200, '500' 500, '1,000' 1e3, '2,000' 2e3, '5,000' 5e3, '10,000' 1e4, '20,000' 2e4, '50,000' 5e4, '100,000' 1e5)
load scripts.'/model_bars.gp'
