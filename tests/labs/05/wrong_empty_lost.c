/* hint: empty */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        d->bytes[d->count++] = *bytes++;
        count--;
        if (d->count < LENGTH_SIZE)
            continue;
        size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
        if (length > MESSAGE_MAX)
            return false;
        if (d->count < LENGTH_SIZE + length)
            continue;
        if (length > 0) /* the mistake: an empty message is a message */
            on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0;
    }
    return true;
}
