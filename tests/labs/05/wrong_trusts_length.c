/* hint: trusted_crash */
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

/* How many bytes of the current message must be here before decode can go on: its length, then all of it. */
static size_t needed(const struct decoder *d) {
    return d->count < LENGTH_SIZE ? LENGTH_SIZE : LENGTH_SIZE + ((size_t)d->bytes[0] << 8 | d->bytes[1]);
}

/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    for (;;) {
        size_t need = needed(d); /* the mistake: as much as was announced */
        if (d->count == need) {
            on_message(d, d->bytes + LENGTH_SIZE, need - LENGTH_SIZE);
            d->count = 0;
        } else if (count > 0) {
            size_t take = count < need - d->count ? count : need - d->count;
            memcpy(d->bytes + d->count, bytes, take);
            d->count += take;
            bytes += take;
            count -= take;
        } else {
            return true;
        }
    }
}

/* ...to here. */
