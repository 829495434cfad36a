/* number_text.h - formats figures for people. */
#ifndef LOADGEN_NUMBER_TEXT_H
#define LOADGEN_NUMBER_TEXT_H

enum { FIELD = 40 };

/* "1,234,567", or "n/a" for NAN (the value is not known). */
const char *grouped(char text[FIELD], double value);

/* With a fixed number of decimals and a unit behind, or "n/a". */
const char *with_unit(char text[FIELD], double value, int decimals, const char *unit);

#endif
