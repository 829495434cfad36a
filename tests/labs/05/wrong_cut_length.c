/* hint: cut_length */
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
    size_t need;  /* of the current message, with its length */
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
        if (d->count == 0) { /* the mistake: both bytes of the length are not always here */
            d->need = LENGTH_SIZE + ((size_t)bytes[0] << 8 | (count > 1 ? bytes[1] : 0));
            if (d->need > sizeof d->bytes)
                return false;
        }
        size_t take = count < d->need - d->count ? count : d->need - d->count;
        memcpy(d->bytes + d->count, bytes, take);
        d->count += take;
        bytes += take;
        count -= take;
        if (d->count == d->need) {
            on_message(d, d->bytes + LENGTH_SIZE, d->need - LENGTH_SIZE);
            d->count = 0;
        }
    }
    return true;
}

/* ...to here. */
