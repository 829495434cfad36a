/* arguments_words.h - the options whose value is one of a few words. Any other word ends the program with one line. */
#ifndef LOADGEN_ARGUMENTS_WORDS_H
#define LOADGEN_ARGUMENTS_WORDS_H

#include "meaning/options.h"

enum protocol protocol_of(const char *text);
enum search_of search_of(const char *text);
enum io io_of(const char *text);
bool payload_is_text(const char *text);

/* "help" prints the kinds, and ends the program. */
enum chaos_kind chaos_of(const char *text);

#endif
