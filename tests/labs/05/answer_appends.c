/* half_packet.c - lab 5: messages out of a stream of bytes.
 *
 * The decoder's memory is here; decode is yours, some 20 lines. packet.h says what a message looks like on the wire,
 * and what decode promises. It is right while every recv brings exactly one message. */
#include "packet.h"
#include <stdlib.h>
#include <string.h>

/* One client's decoder. Has room for the longest message and its length. More fields? Put them before `bytes`. */
struct decoder {
    size_t count; /* bytes that are here */
    uint8_t bytes[64 * 1024];
};

struct decoder *decoder_open(void) {
    return calloc(1, sizeof(struct decoder));
}

void decoder_close(struct decoder *d) {
    free(d);
}

/* write: from here... */

/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    if (count > sizeof d->bytes - d->count)
        return false;
    memcpy(d->bytes + d->count, bytes, count);
    d->count += count;
    size_t at = 0;
    while (d->count - at >= LENGTH_SIZE) {
        size_t length = (size_t)d->bytes[at] << 8 | d->bytes[at + 1];
        if (length > MESSAGE_MAX)
            return false;
        if (d->count - at < LENGTH_SIZE + length)
            break;
        on_message(d, d->bytes + at + LENGTH_SIZE, length);
        at += LENGTH_SIZE + length;
    }
    memmove(d->bytes, d->bytes + at, d->count - at);
    d->count -= at;
    return true;
}

/* ...to here. */
