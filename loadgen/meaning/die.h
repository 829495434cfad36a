/* die.h - what the program says on stderr, a line each; and how it ends when something cannot be done. */
#ifndef LOADGEN_DIE_H
#define LOADGEN_DIE_H

enum { DIE_NAME_MAX = 100, DIE_LINE_MAX = 1200 }; /* LIMIT: bytes; what is longer is cut */

/* Lines begin with this name, and not with "loadgen": which of several load generators speaks. */
void die_as(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "loadgen: ..." on stderr. Only the main thread calls it. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then exit status 2: the run cannot be done. Only the main thread calls it. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
