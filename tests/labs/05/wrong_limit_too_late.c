/* hint: trusted */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        d->bytes[d->count++] = *bytes++;
        count--;
        if (d->count < LENGTH_SIZE)
            continue;
        size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
        if (d->count < LENGTH_SIZE + length && d->count < sizeof d->bytes)
            continue;
        if (length > MESSAGE_MAX) /* the mistake: asks when all of it has come, not when the length has */
            return false;
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0;
    }
    return true;
}
