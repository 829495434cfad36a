/* hint: three_pieces */
/* half_packet.c - lab 5: messages out of a stream of bytes.
 *
 * The decoder's memory is here; decode is yours, some 20 lines. packet.h says what a message looks like on the wire,
 * and what decode promises. It is right while every recv brings exactly one message. */
#include "packet.h"
#include <stdlib.h>
#include <string.h>

/* One client's decoder. Has room for the longest message and its length. More fields? Put them before `bytes`. */
struct decoder {
    size_t count;  /* bytes that are here */
    bool was_half; /* a half message came last time */
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
        size_t at = d->count, taken = 0;
        size_t length = at < LENGTH_SIZE ? 0 : (size_t)d->bytes[0] << 8 | d->bytes[1];
        d->count = 0; /* the mistake: takes for granted that this piece brings all that was missing */
        while (taken < count && (at < LENGTH_SIZE || at < LENGTH_SIZE + length)) {
            d->bytes[at++] = bytes[taken++];
            if (at >= LENGTH_SIZE)
                length = (size_t)d->bytes[0] << 8 | d->bytes[1];
            if (length > MESSAGE_MAX)
                return false;
        }
        if (at >= LENGTH_SIZE && at == LENGTH_SIZE + length)
            on_message(d, d->bytes + LENGTH_SIZE, length);
        else if (!d->was_half)
            d->count = at;
        d->was_half = d->count > 0;
        bytes += taken;
        count -= taken;
    }
    return true;
}

/* ...to here. */
