/* hint: whole */
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
