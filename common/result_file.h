/* result_file.h - the files that a program writes at its end. */
#ifndef IO_MODELS_RESULT_FILE_H
#define IO_MODELS_RESULT_FILE_H

#include <stdio.h>

/* Can `path` be written, as far as that is known before the end? Returns NULL, or what is wrong with it. */
const char *result_file_check(const char *path);

/* Lets `report` write what it makes of `what`; it returns 0, or -1 with errno set. The text goes to a new file of a
 * name that nobody can know, beside `path`, and takes that name when it is complete: nobody reads half a file, and a
 * link that somebody has put there is replaced, not followed. What exists and is not a regular file (a pipe, /dev/null)
 * is written to as it is. Returns 0, or -1 with errno set, and then leaves nothing. */
int result_file_write(const char *path, int (*report)(FILE *, const void *), const void *what);

#endif
