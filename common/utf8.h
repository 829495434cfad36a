/* utf8.h - checks UTF-8 as it comes, so that a bad byte is found immediately (RFC 3629; RFC 6455 section 8.1). */
#ifndef IO_MODELS_UTF8_H
#define IO_MODELS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a check stands between two pieces of the same text. All zero: at a border between code points. */
struct utf8 {
    uint8_t left; /* continuation bytes that the current code point still needs */
    uint8_t low;  /* and the range that the next of them must be in */
    uint8_t high;
};

/* Checks the next `count` bytes. False at the first byte that is not valid in its place. */
bool utf8_check(struct utf8 *u, const uint8_t *bytes, size_t count);

/* May the text end here? */
bool utf8_is_complete(const struct utf8 *u);

#endif
