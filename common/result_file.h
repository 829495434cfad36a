/* result_file.h - writes the result file of a program at its end. */
#ifndef IO_MODELS_RESULT_FILE_H
#define IO_MODELS_RESULT_FILE_H

#include <stdio.h>

/* Checks, as far as possible in advance, that `path` can be written. Returns NULL, or what is wrong with it. */
const char *result_file_check(const char *path);

/* Calls `report` with an open file and `what`; `report` writes the text and returns 0, or -1 with errno set. The text
 * goes to a new file beside `path`, whose name cannot be guessed. When it is complete, the file is renamed to `path`:
 * no reader sees half a file, and a symbolic link at `path` is replaced, not followed. If `path` is not a regular file
 * (a pipe, /dev/null), the text goes directly into it. Returns 0, or -1 with errno set; then no new file is left. */
int result_file_write(const char *path, int (*report)(FILE *, const void *), const void *what);

#endif
