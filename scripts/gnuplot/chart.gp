# chart.gp - draws one chart: gnuplot -d -c chart.gp SCRIPTS KIND OUT HEADING SUBTITLE REMARK. It reads the files of numbers and
# texts (*.tsv) that charts.py has put into the current directory, and nothing else. OUT: a name that ends in .svg or .png.

scripts = ARG1
kind = ARG2
out = ARG3
heading = ARG4
subtitle = ARG5
remark = ARG6
ext = out[strlen(out) - 2 : strlen(out)]
load scripts.'/style.gp'
load scripts.'/'.kind.'.gp'
