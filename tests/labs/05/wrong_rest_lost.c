/* hint: rest_lost */
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
    uint8_t bytes[LENGTH_SIZE + MESSAGE_MAX];
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
    size_t room = sizeof d->bytes - d->count;
    memcpy(d->bytes + d->count, bytes, count < room ? count : room);
    d->count += count < room ? count : room;
    if (d->count < LENGTH_SIZE)
        return true;
    size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
    if (length > MESSAGE_MAX)
        return false;
    if (d->count >= LENGTH_SIZE + length) {
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0; /* the mistake: more may be there */
    }
    return true;
}

/* ...to here. */
