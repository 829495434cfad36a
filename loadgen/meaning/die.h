/* die.h - ends the program with one line when something cannot be done. */
#ifndef LOADGEN_DIE_H
#define LOADGEN_DIE_H

/* "loadgen: ..." on stderr, then exit status 2: the run cannot be done. Only the main thread calls it. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
