# style.gp - what all charts share. Texts are drawn as they are (noenhanced): whatever is in them, it means nothing.

# Font sizes are pixels, of a drawing that is 1,200 wide: 20 can be read from the back row of a class. The PNG terminal counts
# in points, at 96 to the inch.
point_size = ext eq 'svg' ? 0.95 : 1.9
font(px) = 'DejaVu Sans,'.sprintf('%g', ext eq 'svg' ? px : px * 0.75)
if (ext eq 'svg') {
    set terminal svg noenhanced size 1200,800 font font(20) background 'white' linewidth 1.5
} else {
    set terminal pngcairo noenhanced size 1200,800 font font(20) background 'white' linewidth 1.5
}
set output out

# Okabe and Ito's palette, and a shape of its own for each model: filled, and hollow.
array color[7] = ['#E69F00', '#CC79A7', '#0072B2', '#D55E00', '#009E73', '#56B4E9', '#777777']
array shape[7] = [5, 7, 9, 11, 13, 15, 2]
array hollow[7] = [4, 6, 8, 10, 12, 14, 2]
array opacity[7] = [0.85, 0.85, 0.85, 0.85, 0.85, 0.85, 0.35]
array dash[7] = [1, 1, 1, 1, 1, 1, 2]

set datafile separator "\t"
set datafile commentschars ''
set encoding utf8
set border 3 lw 1 lc rgb '#444444'
set grid xtics ytics lc rgb '#DDDDDD' lw 0.7 lt 1
set tics nomirror out
least_to_greatest = "heads size screen 0.004, 90 lw 1.5" # yerrorbars would put a white disc behind the median
set style fill solid 0.85 border

# hover: the last layer of a plot, of points that are not seen, for what the SVG says to the pointer. Set before: panel, where a
# chart has several, offset(series), where a series is drawn beside its x, and hover_size, where points lie close together.
panel = 'hover'
hover_size = 2
offset(series) = 0
hover = "for [i = 1:(ext eq 'svg')] panel.'.tsv' using ($1 + offset($2)):3:4 ".\
    "with labels hypertext point pt 7 ps hover_size lc rgb '#FF000000' notitle"

# Title, subtitle and remark have fixed places, so that charts can be laid side by side.
set lmargin at screen 0.11
set rmargin at screen 0.97
set tmargin at screen 0.855
set bmargin at screen 0.25
set ylabel offset (ext eq 'svg' ? 1.2 : 0), 0
set xlabel offset 0, (ext eq 'svg' ? 0.9 : 0.3)
set key at screen 0.5, 0.105 center center horizontal Left reverse maxcols 4 maxrows 2 noenhanced samplen 2 width 1
set label 1 subtitle at screen 0.5, 0.9 center noenhanced tc rgb '#555555' font font(20)
set label 2 heading at screen 0.5, 0.95 center noenhanced font font(26)
set label 3 remark at screen 0.5, 0.04 center noenhanced tc rgb '#555555' font font(20)
