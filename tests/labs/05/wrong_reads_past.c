/* hint: overflow */
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
    const uint8_t *end = bytes + count;
    while (bytes < end) { /* the mistake: takes for granted that all of the last one is here */
        size_t length = (size_t)bytes[0] << 8 | bytes[1];
        if (length > MESSAGE_MAX)
            return false;
        on_message(d, bytes + LENGTH_SIZE, length);
        bytes += LENGTH_SIZE + length;
    }
    return true;
}

/* ...to here. */
