/* output.h - the files that are written at the end. */
#ifndef LOADGEN_OUTPUT_H
#define LOADGEN_OUTPUT_H

#include <stdio.h>

/* Lets `report` write what it makes of `what` to `path` ("-": stdout). It returns 0, or -1 with errno set. What goes
 * wrong ends the program with one line. */
void output_write(const char *path, int (*report)(FILE *, const void *), const void *what);

/* To be called last: what was printed on stdout has left, or the program ends with one line. */
void output_finish(void);

#endif
