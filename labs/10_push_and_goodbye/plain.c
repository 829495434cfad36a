/* plain.c - common/deflate.c without zlib, which a lab does not need: no compression is agreed on. */
#include "deflate.h"
#include <stdlib.h>

struct deflate_terms deflate_agree(const uint8_t *head, size_t length, int bits, bool forgets) {
    (void)head, (void)length, (void)bits, (void)forgets;
    return (struct deflate_terms){0};
}

bool deflate_accept(const uint8_t *head, size_t length, struct deflate_terms *terms) {
    (void)head, (void)length;
    *terms = (struct deflate_terms){0};
    return true;
}

void deflate_free(struct deflate **d) {
    *d = NULL;
}

/* These are called only when it was agreed on. */
void deflate_answer(struct deflate_terms terms, char out[DEFLATE_ANSWER_MAX]) {
    (void)terms, (void)out;
    abort();
}

enum deflate_result deflate_read(
    struct deflate **d, struct deflate_terms terms, const uint8_t **bytes, size_t *count, uint8_t **out, size_t *room) {
    (void)d, (void)terms, (void)bytes, (void)count, (void)out, (void)room;
    abort();
}

enum deflate_result deflate_read_end(struct deflate **d, struct deflate_terms terms) {
    (void)d, (void)terms;
    abort();
}

size_t deflate_write(struct deflate **d, struct deflate_terms terms, const uint8_t *bytes, size_t count, uint8_t *out) {
    (void)d, (void)terms, (void)bytes, (void)count, (void)out;
    abort();
}
