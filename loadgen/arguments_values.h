/* arguments_values.h - reads the value of an option. A value that is wrong ends the program with one line, which says
 * what can be given. `name`: the option's. */
#ifndef LOADGEN_ARGUMENTS_VALUES_H
#define LOADGEN_ARGUMENTS_VALUES_H

#include "meaning/options.h"

/* A whole number from `min` to `max`, with nothing before or after it. */
uint32_t whole(const char *name, const char *text, uint32_t min, uint32_t max);

/* A plain decimal number from `min` to `max`; "nan", "inf" and hexadecimal are refused. */
double real(const char *name, const char *text, double min, double max);

enum protocol protocol_of(const char *text);
enum search_of search_of(const char *text);
enum io io_of(const char *text);
bool payload_is_text(const char *text);

/* "help" prints the kinds, and ends the program. */
enum chaos_kind chaos_of(const char *text);

/* A list of process ids, separated by commas; each may be given once, or it would be counted twice. */
void processes_of(const char *text, struct processes *all);

#endif
