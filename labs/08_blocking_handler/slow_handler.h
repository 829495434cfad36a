/* slow_handler.h - lab 8: a handler that blocks. */
#ifndef IO_MODELS_SLOW_HANDLER_H
#define IO_MODELS_SLOW_HANDLER_H

#include <stddef.h>

/* Answers `count` bytes: the answer, here the same bytes, stands in their place afterwards. Any thread may call it.
 * WAIT: for a database, which takes 20 ms. While `check` runs, `check` is the database: it answers when it likes. */
void slow_handler(char *bytes, size_t count);

#endif
