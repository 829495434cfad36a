/* hint: whole */
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
    while (count > 0) {
        uint16_t length = 0;
        d->bytes[d->count++] = *bytes++;
        count--;
        if (d->count < LENGTH_SIZE)
            continue;
        memcpy(&length, d->bytes, sizeof length); /* the mistake: in this machine's order, not the network's */
        if (length > MESSAGE_MAX)
            return false;
        if (d->count < LENGTH_SIZE + (size_t)length)
            continue;
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0;
    }
    return true;
}

/* ...to here. */
